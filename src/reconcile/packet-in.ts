// A packet from the switch: may it pass, and if not, what is said to its sender? Packet and topology in, a judgement out.
// Pure, and cheap: there may be one for each packet that a guest sends.
import { isRemembered } from '../compile/reactive.js'
import type { PacketIn } from '../openflow/messages/packet.js'
import { PACKET_IN_REASON } from '../openflow/messages/packet.js'
import { type Ipv4Frame, parseFrame } from '../packet/frame.js'
import { isOneHost } from '../packet/ipv4.js'
import type { Problem } from '../packet/malformed.js'
import { segmentationIdOf } from '../pipeline/registers.js'
import { PUNT, ROUTING } from '../pipeline/stages.js'
import { type ConnectionHalf, type Refusal, type Route, routeOf } from '../topology/connection.js'
import type { Topology } from '../topology/topology.js'
import { type Hex, numberFromHex } from '../values/hex.js'
import { isGroupMac, type Mac } from '../values/mac.js'
import { type Answer, type Answerable, answerTo } from './answer.js'

/** Why a packet is not sent on. `martian`: an address that no sender can have (RFC 1812, section 5.3.7). */
export type Reason = Refusal | 'not-ipv4' | 'martian' | 'ttl-expired'

/** It is sent on. A connection has flows for what follows; through a proactive router it is sent on alone. */
export interface Passed {
  readonly verdict: 'connection' | 'sent-on'
  readonly half: ConnectionHalf
  readonly route: Route
  /** The frame as it came. */
  readonly data: Buffer
}

export interface Refused {
  readonly verdict: 'refused'
  readonly reason: Reason
  readonly ofport: number
  readonly answer: Answer | undefined
  /** The pair, where the switch is to drop it for a while. */
  readonly remember: ConnectionHalf | undefined
}

export type Judgement =
  | Passed
  | Refused
  | { readonly verdict: 'malformed'; readonly problem: Problem }
  | { readonly verdict: 'not-ours' }

/** Table 52 asked by itself in the post, and in the flows of other controllers that a test double imitates. */
const PUNTING_TABLES: ReadonlySet<number> = new Set([ROUTING.id, PUNT.id])

/** A packet may be sent on when it comes from a flow of ours, is sound, has a hop left, and has a route. */
export function judgePacket(topology: Topology, packet: PacketIn): Judgement {
  if (packet.reason !== PACKET_IN_REASON.action || !PUNTING_TABLES.has(packet.tableId)) return NOT_OURS
  const frame = parseFrame(packet.data)
  if (frame.kind === 'malformed') return { verdict: 'malformed', problem: frame.problem }
  const ofport = numberFromHex(pipelineField(packet, 'in_port') ?? NO_BITS)
  if (frame.kind !== 'ipv4') return refused('not-ipv4', ofport)
  if (isMartian(frame)) return refused('martian', ofport)
  const { ethSrc, ethDst, ipSrc, ipDst } = frame
  const segmentationId = segmentationIdOf(pipelineField(packet, 'metadata') ?? NO_BITS)
  const half = { ofport, segmentationId, ethSrc, ethDst, ipSrc, ipDst }
  const route = routeOf(topology, half)
  return typeof route === 'string'
    ? judgeRefusal(topology, half, frame, route)
    : judgeRoute(topology, half, frame, route, packet.data)
}

const NOT_OURS: Judgement = { verdict: 'not-ours' }

/** In words, for a log or a capture: `refused: unknown-host (host-unreachable)`, with the answer that is due */
export function describeJudgement(judgement: Judgement): string {
  switch (judgement.verdict) {
    case 'refused': {
      const { reason, answer } = judgement
      return `refused: ${reason}${answer ? ` (${answer.kind})` : ''}`
    }
    case 'malformed':
      return `malformed: ${judgement.problem}`
    default:
      return judgement.verdict
  }
}

/** A sender that is no single host, in either layer, or one that sends to itself ("land"). */
function isMartian({ ethSrc, ipSrc, ipDst }: Ipv4Frame): boolean {
  return isGroupMac(ethSrc) || ethSrc === NO_MAC || !isOneHost(ipSrc) || ipSrc === ipDst
}

const NO_MAC = '00:00:00:00:00:00' as Mac

function judgeRoute(
  topology: Topology,
  half: ConnectionHalf,
  frame: Ipv4Frame,
  route: Route,
  data: Buffer,
): Judgement {
  if (isLastHop(frame)) return expired(topology, half, frame)
  const isProactive = route.ingress.router.forwarding === 'proactive'
  return { verdict: isProactive ? 'sent-on' : 'connection', half, route, data }
}

/**
 * In the order of a router: is there a way, is it for the router, has it a hop left (RFC 1812, section 5.3.1), and only
 * then, is its host there?
 */
function judgeRefusal(
  topology: Topology,
  half: ConnectionHalf,
  frame: Ipv4Frame,
  reason: Refusal,
): Judgement {
  const isHostMissing = reason === 'unknown-host' || reason === 'host-not-here'
  if (isHostMissing && isLastHop(frame)) return expired(topology, half, frame)
  const answer = isAnswerable(reason) ? answerOf(topology, half, frame, reason) : undefined
  return refused(reason, half.ofport, answer, isRemembered(reason) ? half : undefined)
}

function isLastHop({ ttl }: Ipv4Frame): boolean {
  return ttl <= 1
}

/** Each time anew: other packets of the same pair may live longer. Nobody can have sent one with no hop at all. */
function expired(topology: Topology, half: ConnectionHalf, frame: Ipv4Frame): Judgement {
  const answer = frame.ttl === 0 ? undefined : answerOf(topology, half, frame, 'ttl-expired')
  return refused('ttl-expired', half.ofport, answer)
}

function refused(reason: Reason, ofport: number, answer?: Answer, remember?: ConnectionHalf): Refused {
  return { verdict: 'refused', reason, ofport, answer, remember }
}

const ANSWERABLE: ReadonlySet<Reason> = new Set<Answerable>([
  'ttl-expired',
  'no-route',
  'unknown-host',
  'host-not-here',
  'router-address',
])

function isAnswerable(reason: Reason): reason is Answerable {
  return ANSWERABLE.has(reason)
}

function answerOf(topology: Topology, half: ConnectionHalf, frame: Ipv4Frame, reason: Answerable) {
  const ingress = topology.legWithMac(half.segmentationId, half.ethDst)
  return ingress && answerTo(reason, frame, ingress, topology)
}

/** The switch leaves out pipeline fields that are zero. */
function pipelineField({ match }: PacketIn, name: string): Hex | undefined {
  return match.find(({ field }) => field === name)?.value
}

const NO_BITS = '00' as Hex
