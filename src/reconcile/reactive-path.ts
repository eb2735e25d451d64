// The reactive path: packets that wait in; the flows that they ask for, the packets to send, and counts out. It remembers
// which of its flows are on the switch, and sees to it that no port has more than its share of them.
import type { DesiredFlow } from '../compile/desired.js'
import { ofportOf, type ReactiveFlow, reactiveId, type ReactiveKind } from '../compile/observed.js'
import { compileReactive, compileRoute } from '../compile/reactive.js'
import { fallbackOf, fallbackToAll } from '../features/east-west/fallback.js'
import { type ConnectionTimeouts, routeActions } from '../features/east-west/index.js'
import { REFUSED_SECONDS } from '../features/east-west/refused.js'
import { MUTED_MOST_SECONDS } from '../features/punt/muted.js'
import type { PacketIn } from '../openflow/messages/packet.js'
import { OUTPUT_IN_PORT } from '../pipeline/actions.js'
import { packetOutMessage, type PacketOutMessage } from '../switch/packet-out.js'
import { type ConnectionHalf, reverseOf, type Route, routeOf } from '../topology/connection.js'
import type { Topology } from '../topology/topology.js'
import { objectHash } from '../values/hash.js'
import { ObservedConnections } from './connections.js'
import type { Counters } from './counters.js'
import { type Judgement, judgePacket, type Passed, type Refused } from './packet-in.js'

export interface ReactiveOptions {
  readonly timeouts: ConnectionTimeouts
  readonly counters: Counters
  /** Flows of connections that one port may have; beyond it one flow leads to all hosts of a subnet. 1,000 unless given. */
  readonly maxConnections?: number
  /** Told of every packet, and of what becomes of it. */
  readonly onVerdict: (judgement: Judgement, packet: PacketIn) => void
  /** Does this port, by number, ask faster than it is answered? Nobody does unless given. */
  readonly isFlooding?: (ofport: number) => boolean
  /** Told of each port, by number, that is not heard from now on. */
  readonly onMuted?: (ofport: number) => void
  /** Milliseconds, from any start. */
  readonly now: () => number
}

/** A flow that a packet asks for. */
export interface Asked {
  readonly flow: ReactiveFlow
  /** As `reactiveId` has it: to make it takes a while. */
  readonly id: string
  readonly desired: DesiredFlow
}

type HalfFlow = ReactiveFlow & { readonly half: ConnectionHalf }
type MutedFlow = ReactiveFlow & { readonly kind: 'muted' }

/** What to do about packets; the flows go before the packets. */
export interface Reaction {
  readonly flows: readonly Asked[]
  readonly packets: readonly PacketOutMessage[]
  /** Numbers of the ports that are not heard from now on. Their refused pairs, which are dropped anyway, can go before their time. */
  readonly muted: ReadonlySet<number>
  /** A packet came of a connection whose flow was thought to be there. */
  readonly isStale: boolean
}

export const NO_REACTION: Reaction = { flows: [], packets: [], muted: new Set(), isStale: false }

/** Kept in step with the help text of --max-connections. */
export const DEFAULT_MAX_CONNECTIONS = 1000

/**
 * Refused pairs of one port that the switch remembers at a time. Each makes the switch look at addresses one by one
 * (docs/decisions/0016-quick-answers-under-load.md), so that few are better.
 */
const MAX_REFUSED = 16

/** The switch tells when a port is heard again; after so long it is, told or not. */
const MUTED_MOST_MS = MUTED_MOST_SECONDS * 1000

/** A packet that comes this much later than its flow was installed was not on its way at that time. */
const SETTLED_MS = 1000

export class ReactivePath {
  readonly observed = new ObservedConnections()
  readonly #options: ReactiveOptions

  constructor(options: ReactiveOptions) {
    this.#options = options
  }

  /** Judges these packets. Nothing is remembered before `installed` is called. */
  react(topology: Topology, packets: readonly PacketIn[]): Reaction {
    if (packets.length === 0) return NO_REACTION
    const { counters, onVerdict, now } = this.#options
    this.observed.expire(now())
    const draft = new Draft(topology, this.observed, this.#options)
    for (const packet of packets) {
      const judgement = judgePacket(topology, packet)
      counters.judged(judgement)
      onVerdict(judgement, packet)
      if ('route' in judgement) draft.pass(judgement)
      else if (judgement.verdict === 'refused') draft.refuse(judgement)
    }
    return draft
  }

  /** What is on the switch and may stay: not the refused pairs of ports that are muted now. */
  staying({ muted }: Reaction): readonly ReactiveFlow[] {
    const { flows } = this.observed
    if (muted.size === 0) return flows
    return flows.filter((flow) => flow.kind !== 'refused' || !muted.has(ofportOf(flow)))
  }

  /** The flows that drop what the refused pairs of these ports send. */
  refusedOf(topology: Topology, ofports: ReadonlySet<number>): readonly DesiredFlow[] {
    return [...ofports]
      .flatMap((ofport) => this.observed.ofPort('refused', ofport))
      .flatMap((flow) => compileReactive(topology, flow, this.#options.timeouts) ?? [])
  }

  /** @param isMade whether the switch has taken a flow */
  installed({ flows }: Reaction, isMade: (desired: DesiredFlow) => boolean): void {
    const { counters, now } = this.#options
    for (const { flow, id, desired } of flows) {
      if (!isMade(desired)) continue
      this.observed.add(flow, now(), id)
      counters.installed(flow.kind)
    }
  }
}

/** A reaction while it grows: each packet finds what those before it have asked for. */
class Draft implements Reaction {
  flows: Asked[] = []
  readonly packets: PacketOutMessage[] = []
  readonly muted = new Set<number>()
  isStale = false
  readonly #topology: Topology
  readonly #observed: ObservedConnections
  readonly #options: ReactiveOptions
  readonly #now: number
  /** Ids of `flows`, by kind. */
  readonly #asked = new Map<ReactiveKind, Set<string>>()
  /** New flows by kind and port. */
  readonly #added = new Map<string, number>()

  constructor(topology: Topology, observed: ObservedConnections, options: ReactiveOptions) {
    this.#topology = topology
    this.#observed = observed
    this.#options = options
    this.#now = options.now()
  }

  /** A connection that has no way back has one direction. */
  pass({ verdict, half, route, data }: Passed): void {
    this.packets.push(packetOutMessage(half.ofport, routeActions(half, route), data))
    if (verdict === 'sent-on') return
    const since = this.#met(half, route)
    if (since !== undefined && this.#now - since <= SETTLED_MS) return // it was on its way
    this.isStale ||= since !== undefined
    const back = { kind: 'connection', half: reverseOf(route, half) } as const
    const id = reactiveId(back)
    if (this.#observed.since(back, id) !== undefined) return
    const wayBack = routeOf(this.#topology, back.half)
    if (typeof wayBack !== 'string') this.#open(back, id, wayBack)
  }

  /**
   * Who is refused hears of it once in a while (RFC 1812, section 4.3.2.8): with the flow that drops the packets that
   * follow. A port that has all of these that it may have, or asks faster than it is answered, is not heard for a while.
   */
  refuse({ ofport, answer, remember }: Refused): void {
    if (remember && !this.#remember({ kind: 'refused', half: remember })) return
    if (!answer) return
    this.packets.push(packetOutMessage(ofport, [OUTPUT_IN_PORT], answer.frame))
    this.#options.counters.answered(answer.kind)
  }

  /** @returns since when the flow that this packet should have met is there, where it is */
  #met(half: ConnectionHalf, route: Route): number | undefined {
    const flow = { kind: 'connection', half } as const
    const id = reactiveId(flow)
    const since = this.#observed.since(flow, id)
    if (since === undefined) return this.#open(flow, id, route)
    // Gone without a word, or its packet would not have come: it is put back.
    if (this.#now - since > SETTLED_MS)
      this.#add(flow, id, () => compileRoute(half, route, this.#options.timeouts))
    return since
  }

  /** @returns false: it is remembered already, or there is no room */
  #remember(flow: HalfFlow): boolean {
    const { half } = flow
    const id = reactiveId(flow)
    const since = this.#observed.since(flow, id)
    if (since !== undefined && this.#now - since < REFUSED_SECONDS * 1000) return false // it was on its way
    if (this.#isAsked(flow.kind, id)) return false
    const muted = this.#mutedOf(half.ofport)
    const isTooMuch =
      (since === undefined && this.#count(flow) >= MAX_REFUSED) || this.#options.isFlooding?.(half.ofport)
    if (muted && (isTooMuch || this.#isMuted(muted))) {
      this.#options.counters.notRemembered++
      if (!this.#isMuted(muted)) this.#mute(half, muted)
      return false
    }
    this.#add(flow, id, () => this.#compiled(flow))
    return true
  }

  /** From now on the router of this half answers for the hosts that it knows, and nobody for others. */
  #mute(half: ConnectionHalf, muted: MutedFlow): void {
    const { ofport } = half
    this.#options.onMuted?.(ofport)
    this.muted.add(ofport)
    this.flows = this.flows.filter(({ flow }) => flow.kind !== 'refused' || ofportOf(flow) !== ofport)
    const toAll = { kind: 'fallback', fallback: fallbackToAll(half) } as const
    for (const flow of [toAll, muted]) this.#add(flow, reactiveId(flow), () => this.#compiled(flow))
  }

  #mutedOf(ofport: number): MutedFlow | undefined {
    const port = this.#topology.localPortAt(ofport)?.port
    return port && { kind: 'muted', muted: { ofport, object: objectHash(port.kind, port.name) } }
  }

  /** @returns true when its packets were on their way before it was, or is, muted: many may have waited for long */
  #isMuted(muted: MutedFlow): boolean {
    const id = reactiveId(muted)
    const since = this.#observed.since(muted, id)
    return (since !== undefined && this.#now - since < MUTED_MOST_MS) || this.#isAsked('muted', id)
  }

  /**
   * A flow for this direction, which has none, or one for all hosts of the subnet where there are too many.
   * @returns since when the latter is there, where it is
   */
  #open(flow: HalfFlow, id: string, route: Route): number | undefined {
    const { half } = flow
    const { maxConnections = DEFAULT_MAX_CONNECTIONS, timeouts } = this.#options
    if (this.#count(flow) < maxConnections || this.#isAsked(flow.kind, id)) {
      this.#add(flow, id, () => compileRoute(half, route, timeouts))
      return undefined
    }
    const fallback = { kind: 'fallback', fallback: fallbackOf(half, route) } as const
    const fallbackKey = reactiveId(fallback)
    const fallenBack = this.#observed.since(fallback, fallbackKey)
    if (fallenBack === undefined) this.#add(fallback, fallbackKey, () => this.#compiled(fallback))
    return fallenBack
  }

  #compiled(flow: ReactiveFlow): DesiredFlow | undefined {
    return compileReactive(this.#topology, flow, this.#options.timeouts)
  }

  /** Flows of this kind that the port has, with those to come. */
  #count(flow: ReactiveFlow): number {
    const ofport = ofportOf(flow)
    return this.#observed.countOf(flow.kind, ofport) + (this.#added.get(shareOf(flow.kind, ofport)) ?? 0)
  }

  #isAsked(kind: ReactiveKind, id: string): boolean {
    return this.#asked.get(kind)?.has(id) ?? false
  }

  #add(flow: ReactiveFlow, id: string, compile: () => DesiredFlow | undefined): void {
    const asked = this.#asked.get(flow.kind) ?? new Set()
    const desired = asked.has(id) ? undefined : compile()
    if (!desired) return
    this.#asked.set(flow.kind, asked.add(id))
    this.flows.push({ flow, id, desired })
    const share = shareOf(flow.kind, ofportOf(flow))
    this.#added.set(share, (this.#added.get(share) ?? 0) + 1)
  }
}

function shareOf(kind: ReactiveKind, ofport: number): string {
  return `${kind}/${ofport}`
}
