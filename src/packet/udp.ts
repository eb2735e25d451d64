// UDP (RFC 768): the payload of an IPv4 packet to a record.
import { type Malformed, malformed } from './malformed.js'

export interface UdpDatagram {
  readonly kind: 'udp'
  readonly srcPort: number
  readonly dstPort: number
}

const HEADER_BYTES = 8

/** @param moreFragments the rest of the datagram is in other packets */
export function parseUdp(payload: Buffer, moreFragments: boolean): UdpDatagram | Malformed {
  if (payload.length < HEADER_BYTES) return malformed('udp', `a UDP datagram of ${payload.length} bytes`)
  const length = payload.readUInt16BE(4)
  if (length < HEADER_BYTES || (length > payload.length && !moreFragments)) {
    return malformed('udp', `a UDP datagram of ${length} bytes, of which ${payload.length} came`)
  }
  return { kind: 'udp', srcPort: payload.readUInt16BE(0), dstPort: payload.readUInt16BE(2) }
}
