// What the reactive path needs to know of a frame that a guest sent: the bytes of a packet-in go in, a typed record
// comes out, whatever the bytes are.
import type { Ipv4 } from '../values/ipv4.js'
import type { Mac } from '../values/mac.js'
import { ETHER_TYPE, parseEthernet } from './ethernet.js'
import { type Ipv4Packet, parseIpv4Packet } from './ipv4.js'
import type { Malformed } from './malformed.js'

export interface Ipv4Frame {
  readonly kind: 'ipv4'
  readonly ethSrc: Mac
  readonly ethDst: Mac
  readonly ipSrc: Ipv4
  readonly ipDst: Ipv4
  readonly ttl: number
  readonly protocol: number
  /** All of the packet, for whoever answers it. */
  readonly packet: Ipv4Packet
}

/** A frame of a protocol that is not looked into. */
export interface OtherFrame {
  readonly kind: 'other'
  readonly ethSrc: Mac
  readonly ethDst: Mac
  /** That of the tag when the frame is tagged. */
  readonly etherType: number
}

export type MalformedFrame = Malformed

export type Frame = Ipv4Frame | OtherFrame | MalformedFrame

export function parseFrame(bytes: Buffer): Frame {
  const ethernet = parseEthernet(bytes)
  if (ethernet.kind === 'malformed') return ethernet
  const { src: ethSrc, dst: ethDst, tag, etherType, payload } = ethernet
  if (tag) return { kind: 'other', ethSrc, ethDst, etherType: tag.etherType }
  if (etherType !== ETHER_TYPE.ipv4) return { kind: 'other', ethSrc, ethDst, etherType }
  const packet = parseIpv4Packet(payload)
  if (packet.kind === 'malformed') return packet
  const { src: ipSrc, dst: ipDst, ttl, protocol } = packet
  return { kind: 'ipv4', ethSrc, ethDst, ipSrc, ipDst, ttl, protocol, packet }
}
