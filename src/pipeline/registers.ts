// Where the pipeline keeps what it has learned about a packet, bit by bit.
//
//   metadata[0..23]  segmentation id of the packet's network. The post's flows write 16 bits; a VNI has 24 (RFC 7348).
//   metadata[24..63] the router that routes the packet: the object part of its cookie
//   tun_id           segmentation id of a packet on its way to another node
//   pkt_mark         the same across the patch ports, where metadata and tunnel id are lost
//   tun_src, tun_dst tunnel address of the node that a packet came from or goes to; on the tunnel bridge alone
import { type Hex, hexFromNumber, numberFromHex } from '../values/hex.js'
import type { Instruction } from '../openflow/actions/instructions.js'
import type { MatchField } from '../openflow/fields/match.js'
import { hexFromIpv4, type Ipv4 } from '../values/ipv4.js'
import { memoized } from '../values/memo.js'

const SEGMENTATION_ID_BITS = 0xffffff

/** Matches packets of one network. */
export const ofNetwork = memoized((segmentationId: number): MatchField => {
  return { field: 'metadata', value: hexFromNumber(segmentationId, 8) }
})

/** Notes the packet's network. */
export function writeNetwork(segmentationId: number): Instruction {
  return {
    type: 'write_metadata',
    value: hexFromNumber(segmentationId, 8),
    mask: hexFromNumber(SEGMENTATION_ID_BITS, 8),
  }
}

/** Where a packet of metadata came from. */
export function segmentationIdOf(metadata: Hex): number {
  return numberFromHex(metadata.slice(-SEGMENTATION_ID_DIGITS) as Hex)
}

const SEGMENTATION_ID_DIGITS = 6
const ROUTER_MASK = 'ffffffffff000000' as Hex

/** Matches packets that are on their way through a router. @param router its 40-bit hash */
export function ofRouter(router: Hex): MatchField {
  return { field: 'metadata', value: `${router}000000` as Hex, mask: ROUTER_MASK }
}

/** Notes the router beside the network. @param router its 40-bit hash */
export function writeRouter(router: Hex): Instruction {
  return { type: 'write_metadata', value: `${router}000000` as Hex, mask: ROUTER_MASK }
}

/** The packet is on no router's way any more. */
export function forgetRouter(): Instruction {
  return writeRouter('0000000000' as Hex)
}

/** Matches packets on their way to or from another node. */
export const ofTunnelId = memoized((segmentationId: number): MatchField => {
  return { field: 'tun_id', value: hexFromNumber(segmentationId, 8) }
})

/** Matches packets that crossed a patch port. */
export const ofMark = memoized((segmentationId: number): MatchField => {
  return { field: 'pkt_mark', value: hexFromNumber(segmentationId, 4) }
})

/** Matches packets that a node sent. @param address its tunnel address */
export const fromPeer = memoized((address: Ipv4): MatchField => {
  return { field: 'tun_src', value: hexFromIpv4(address) }
})
