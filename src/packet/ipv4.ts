// IPv4: bytes behind the Ethernet header go in, the header's fields and the payload come out (RFC 791, section 3.1), and
// the other way round.
import type { Ipv4 } from '../values/ipv4.js'
import { internetChecksum } from './checksum.js'
import { type Malformed, malformed } from './malformed.js'

/** As in IANA's list. */
export const IP_PROTOCOL = { icmp: 1, tcp: 6, udp: 17 } as const

export interface Ipv4Packet {
  readonly kind: 'ipv4'
  readonly src: Ipv4
  readonly dst: Ipv4
  readonly ttl: number
  /** As in IANA's list: 1 ICMP, 6 TCP, 17 UDP */
  readonly protocol: number
  /** Place of the payload in the whole datagram, in bytes; not 0: the payload has no TCP or UDP header. */
  readonly fragmentOffset: number
  readonly moreFragments: boolean
  /** A view of the input, without what pads a short frame. */
  readonly payload: Buffer
  /** Header and payload, a view of the input. */
  readonly bytes: Buffer
}

const MIN_HEADER_BYTES = 20
const MAX_DATAGRAM_BYTES = 0xffff

/** Checks version, lengths, options, fragment and header checksum; what options mean is not looked at. */
export function parseIpv4Packet(bytes: Buffer): Ipv4Packet | Malformed {
  if (bytes.length < MIN_HEADER_BYTES) {
    return malformed('ipv4-header', `an IPv4 packet of ${bytes.length} bytes`)
  }
  const headerBytes = (bytes.readUInt8(0) & 0x0f) * 4
  const totalBytes = bytes.readUInt16BE(2)
  const problem = headerProblem(bytes, headerBytes, totalBytes)
  if (problem) return problem
  const fragment = bytes.readUInt16BE(6)
  const fragmentOffset = (fragment & 0x1fff) * 8
  const moreFragments = (fragment & 0x2000) !== 0
  const payload = bytes.subarray(headerBytes, totalBytes)
  return (
    fragmentProblem(fragmentOffset, moreFragments, payload) ?? {
      kind: 'ipv4',
      src: bytes.readUInt32BE(12) as Ipv4,
      dst: bytes.readUInt32BE(16) as Ipv4,
      ttl: bytes.readUInt8(8),
      protocol: bytes.readUInt8(9),
      fragmentOffset,
      moreFragments,
      payload,
      bytes: bytes.subarray(0, totalBytes),
    }
  )
}

function headerProblem(bytes: Buffer, headerBytes: number, totalBytes: number): Malformed | undefined {
  const version = bytes.readUInt8(0) >> 4
  if (version !== 4) return malformed('ipv4-version', `an IPv4 packet of version ${version}`)
  if (headerBytes < MIN_HEADER_BYTES)
    return malformed('ipv4-header', `an IPv4 header of ${headerBytes} bytes`)
  if (totalBytes < headerBytes) {
    return malformed('ipv4-length', `an IPv4 packet of ${totalBytes} bytes with a header of ${headerBytes}`)
  }
  if (totalBytes > bytes.length) {
    return malformed('ipv4-length', `an IPv4 packet of ${totalBytes} bytes, of which ${bytes.length} came`)
  }
  if (internetChecksum(bytes, headerBytes) !== 0) {
    return malformed('ipv4-checksum', 'an IPv4 header with a wrong checksum')
  }
  const hasOptions = headerBytes > MIN_HEADER_BYTES
  if (!hasOptions || areOptionsWhole(bytes.subarray(MIN_HEADER_BYTES, headerBytes))) return undefined
  return malformed('ipv4-options', 'an IPv4 option that is longer than the header')
}

const END_OF_OPTIONS = 0
const NO_OPERATION = 1

/** One byte, or a type and a length that counts both (RFC 791, section 3.1). */
function areOptionsWhole(options: Buffer): boolean {
  let at = 0
  while (at < options.length) {
    const type = options[at]
    if (type === END_OF_OPTIONS) return true
    const length = type === NO_OPERATION ? 1 : (options[at + 1] ?? 0)
    if (type !== NO_OPERATION && length < 2) return false
    at += length
  }
  return at === options.length
}

/** Together no longer than a datagram may be, and in units of eight bytes but for the last (RFC 791, section 3.2). */
function fragmentProblem(offset: number, moreFragments: boolean, payload: Buffer): Malformed | undefined {
  const end = offset + payload.length
  if (end > MAX_DATAGRAM_BYTES) return malformed('ipv4-fragment', `an IPv4 fragment that ends at byte ${end}`)
  if (!moreFragments || payload.length % 8 === 0) return undefined
  return malformed('ipv4-fragment', `an IPv4 fragment of ${payload.length} bytes, and not the last`)
}

export interface Ipv4Header {
  readonly src: Ipv4
  readonly dst: Ipv4
  readonly protocol: number
  /** The byte of precedence and type of service; 0 unless given. */
  readonly tos?: number
}

/** What is sent in the name of a router has as many hops to live as IANA recommends for any sender (RFC 1700). */
const DEFAULT_TTL = 64
/** Never cut into fragments, a datagram needs no identification (RFC 6864, section 4.1). */
const DONT_FRAGMENT = 0x4000

export function buildIpv4({ src, dst, protocol, tos = 0 }: Ipv4Header, payload: Buffer): Buffer {
  const header = Buffer.alloc(MIN_HEADER_BYTES)
  header.writeUInt8(0x45, 0)
  header.writeUInt8(tos, 1)
  header.writeUInt16BE(MIN_HEADER_BYTES + payload.length, 2)
  header.writeUInt16BE(DONT_FRAGMENT, 6)
  header.writeUInt8(DEFAULT_TTL, 8)
  header.writeUInt8(protocol, 9)
  header.writeUInt32BE(src, 12)
  header.writeUInt32BE(dst, 16)
  header.writeUInt16BE(internetChecksum(header), 10)
  return Buffer.concat([header, payload])
}

/** What the checksums of TCP and UDP cover besides (RFC 9293, section 3.1). */
export function pseudoHeader({ src, dst, protocol }: Ipv4Header, payloadBytes: number): Buffer {
  const header = Buffer.alloc(12)
  header.writeUInt32BE(src, 0)
  header.writeUInt32BE(dst, 4)
  header.writeUInt8(protocol, 9)
  header.writeUInt16BE(payloadBytes, 10)
  return header
}

/** 0/8, 127/8, multicast, reserved, broadcast: no address of one host (RFC 1122, section 3.2.1.3). */
export function isOneHost(address: Ipv4): boolean {
  const first = address >>> 24
  return first !== 0 && first !== 127 && first < 224
}
