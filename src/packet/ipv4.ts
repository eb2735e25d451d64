// IPv4: bytes behind the Ethernet header go in, the header's fields and the payload come out (RFC 791, section 3.1).
import type { Ipv4 } from '../values/ipv4.js'
import { internetChecksum } from './checksum.js'
import { type Malformed, malformed } from './malformed.js'

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
}

const MIN_HEADER_BYTES = 20

/** Checks version, lengths and header checksum; options are skipped. */
export function parseIpv4Packet(bytes: Buffer): Ipv4Packet | Malformed {
  if (bytes.length < MIN_HEADER_BYTES) return malformed(`an IPv4 packet of ${bytes.length} bytes`)
  const headerBytes = (bytes.readUInt8(0) & 0x0f) * 4
  const totalBytes = bytes.readUInt16BE(2)
  const problem = headerProblem(bytes, headerBytes, totalBytes)
  if (problem !== undefined) return malformed(problem)
  const fragment = bytes.readUInt16BE(6)
  return {
    kind: 'ipv4',
    src: bytes.readUInt32BE(12) as Ipv4,
    dst: bytes.readUInt32BE(16) as Ipv4,
    ttl: bytes.readUInt8(8),
    protocol: bytes.readUInt8(9),
    fragmentOffset: (fragment & 0x1fff) * 8,
    moreFragments: (fragment & 0x2000) !== 0,
    payload: bytes.subarray(headerBytes, totalBytes),
  }
}

function headerProblem(bytes: Buffer, headerBytes: number, totalBytes: number): string | undefined {
  const version = bytes.readUInt8(0) >> 4
  if (version !== 4) return `an IPv4 packet of version ${version}`
  if (headerBytes < MIN_HEADER_BYTES) return `an IPv4 header of ${headerBytes} bytes`
  if (totalBytes < headerBytes) return `an IPv4 packet of ${totalBytes} bytes with a header of ${headerBytes}`
  if (totalBytes > bytes.length) return `an IPv4 packet of ${totalBytes} bytes, of which ${bytes.length} came`
  if (internetChecksum(bytes.subarray(0, headerBytes)) !== 0) return 'an IPv4 header with a wrong checksum'
  return undefined
}
