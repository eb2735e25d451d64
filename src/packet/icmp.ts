// ICMP (RFC 792): the payload of an IPv4 packet to a record, and error messages with the packet that they are about.
import { internetChecksum } from './checksum.js'
import { type Malformed, malformed } from './malformed.js'

export interface IcmpMessage {
  readonly kind: 'icmp'
  readonly type: number
  readonly code: number
}

export const ICMP = { destinationUnreachable: 3, timeExceeded: 11 } as const

/** Destination unreachable, source quench, redirect, time exceeded, parameter problem (RFC 1122, section 3.2.2). */
const ERRORS: ReadonlySet<number> = new Set([ICMP.destinationUnreachable, 4, 5, ICMP.timeExceeded, 12])

const HEADER_BYTES = 8

/** An error message is at most a datagram that every host can take (RFC 1812, section 4.3.2.3), an IPv4 header with it. */
const MAX_QUOTED_BYTES = 576 - 20 - HEADER_BYTES

/** The checksum is not looked at: network cards may fill it in later than the switch sees it. */
export function parseIcmp(payload: Buffer): IcmpMessage | Malformed {
  if (payload.length < HEADER_BYTES) return malformed('icmp', `an ICMP message of ${payload.length} bytes`)
  return { kind: 'icmp', type: payload.readUInt8(0), code: payload.readUInt8(1) }
}

export function isIcmpError({ type }: IcmpMessage): boolean {
  return ERRORS.has(type)
}

/** @param quoted the IPv4 packet that the message is about, as it came: as much of it is sent back as there is room */
export function buildIcmpError(type: number, code: number, quoted: Buffer): Buffer {
  const message = Buffer.concat([Buffer.alloc(HEADER_BYTES), quoted.subarray(0, MAX_QUOTED_BYTES)])
  message.writeUInt8(type, 0)
  message.writeUInt8(code, 1)
  message.writeUInt16BE(internetChecksum(message), 2)
  return message
}
