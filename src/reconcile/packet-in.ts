// A packet from the switch: is it the first one of a connection that may exist?
import type { PacketIn } from '../openflow/messages/packet.js'
import { PACKET_IN_REASON } from '../openflow/messages/packet.js'
import { parseFrame } from '../packet/frame.js'
import { segmentationIdOf } from '../pipeline/registers.js'
import { PUNT, ROUTING } from '../pipeline/stages.js'
import { type ConnectionHalf, type Refusal, type Route, routeOf } from '../topology/connection.js'
import type { Topology } from '../topology/topology.js'
import { type Hex, numberFromHex } from '../values/hex.js'

/** Why a packet is not sent on. */
export type Verdict = Refusal | 'not-ours' | 'malformed' | 'not-ipv4' | 'ttl-expired'

export interface FirstPacket {
  readonly half: ConnectionHalf
  readonly route: Route
  /** The frame as it came. */
  readonly data: Buffer
}

/** Table 52 asked by itself in the post, and in the flows of other controllers that a test double imitates. */
const PUNTING_TABLES: ReadonlySet<number> = new Set([ROUTING.id, PUNT.id])

/** A packet may be sent on when it comes from a flow of ours, is sound, has a hop left, and has a route. */
export function judgePacket(topology: Topology, packet: PacketIn): FirstPacket | Verdict {
  if (packet.reason !== PACKET_IN_REASON.action || !PUNTING_TABLES.has(packet.tableId)) return 'not-ours'
  const frame = parseFrame(packet.data)
  if (frame.kind === 'malformed') return 'malformed'
  if (frame.kind !== 'ipv4') return 'not-ipv4'
  const half = {
    ofport: numberFromHex(pipelineField(packet, 'in_port') ?? NO_BITS),
    segmentationId: segmentationIdOf(pipelineField(packet, 'metadata') ?? NO_BITS),
    ethSrc: frame.ethSrc,
    ethDst: frame.ethDst,
    ipSrc: frame.ipSrc,
    ipDst: frame.ipDst,
  }
  const route = routeOf(topology, half)
  if (typeof route === 'string') return route
  // Decremented to zero, the switch would drop it (RFC 1812, section 5.3.1): it opens no connection.
  return frame.ttl <= 1 ? 'ttl-expired' : { half, route, data: packet.data }
}

/** The switch leaves out pipeline fields that are zero. */
function pipelineField({ match }: PacketIn, name: string): Hex | undefined {
  return match.find(({ field }) => field === name)?.value
}

const NO_BITS = '00' as Hex
