// TCP (RFC 9293): the payload of an IPv4 packet to a record, and the reset that answers a segment to a closed port.
import { internetChecksum } from './checksum.js'
import { IP_PROTOCOL, pseudoHeader } from './ipv4.js'
import type { Ipv4 } from '../values/ipv4.js'
import { type Malformed, malformed } from './malformed.js'

export interface TcpSegment {
  readonly kind: 'tcp'
  readonly srcPort: number
  readonly dstPort: number
  readonly sequence: number
  readonly acknowledgment: number
  /** Bits of `TCP_FLAG` */
  readonly flags: number
  /** Bytes behind the header */
  readonly dataBytes: number
}

export const TCP_FLAG = { fin: 0x01, syn: 0x02, rst: 0x04, ack: 0x10 } as const

const HEADER_BYTES = 20

/**
 * The checksum is not looked at: network cards may fill it in later than the switch sees it.
 * @param moreFragments the rest of the segment is in other packets
 */
export function parseTcp(payload: Buffer, moreFragments: boolean): TcpSegment | Malformed {
  if (payload.length < HEADER_BYTES) return malformed('tcp', `a TCP segment of ${payload.length} bytes`)
  const headerBytes = (payload.readUInt8(12) >> 4) * 4
  if (headerBytes < HEADER_BYTES || (headerBytes > payload.length && !moreFragments)) {
    return malformed('tcp', `a TCP segment of ${payload.length} bytes with a header of ${headerBytes}`)
  }
  return {
    kind: 'tcp',
    srcPort: payload.readUInt16BE(0),
    dstPort: payload.readUInt16BE(2),
    sequence: payload.readUInt32BE(4),
    acknowledgment: payload.readUInt32BE(8),
    flags: payload.readUInt8(13),
    dataBytes: Math.max(0, payload.length - headerBytes),
  }
}

/**
 * What a closed port says to a segment (RFC 9293, section 3.10.7.1); nothing to a reset.
 * @param src the address that the segment was sent to, and @param dst the one it came from
 */
export function buildReset(segment: TcpSegment, src: Ipv4, dst: Ipv4): Buffer | undefined {
  const { srcPort, dstPort, sequence, acknowledgment, flags, dataBytes } = segment
  const has = (flag: number): boolean => (flags & flag) !== 0
  if (has(TCP_FLAG.rst)) return undefined
  // A SYN and a FIN count as a byte each (RFC 9293, section 3.4).
  const length = dataBytes + (has(TCP_FLAG.syn) ? 1 : 0) + (has(TCP_FLAG.fin) ? 1 : 0)
  const reset = Buffer.alloc(HEADER_BYTES)
  reset.writeUInt16BE(dstPort, 0)
  reset.writeUInt16BE(srcPort, 2)
  reset.writeUInt32BE(has(TCP_FLAG.ack) ? acknowledgment : 0, 4)
  reset.writeUInt32BE(has(TCP_FLAG.ack) ? 0 : (sequence + length) % 2 ** 32, 8)
  reset.writeUInt8((HEADER_BYTES / 4) << 4, 12)
  reset.writeUInt8(has(TCP_FLAG.ack) ? TCP_FLAG.rst : TCP_FLAG.rst | TCP_FLAG.ack, 13)
  const covered = [pseudoHeader({ src, dst, protocol: IP_PROTOCOL.tcp }, reset.length), reset]
  reset.writeUInt16BE(internetChecksum(Buffer.concat(covered)), 16)
  return reset
}
