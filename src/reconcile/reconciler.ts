// One node's bridge: inputs (topology, packets) in, passes that make the switch agree with them out. A pass is the only
// thing that writes flows. Passes never overlap; whoever calls them sees to that.
import type { CompileMemory } from '../compile/compiler.js'
import type { DesiredFlow } from '../compile/desired.js'
import { connectionSlice, type ConnectionTimeouts, routeActions } from '../features/east-west/index.js'
import type { OpenFlowConnection } from '../openflow/connection.js'
import type { Flow } from '../openflow/flow.js'
import type { PacketIn } from '../openflow/messages/packet.js'
import type { Held } from '../plan/guard.js'
import { type Change, diffFlows, type Plan } from '../plan/plan.js'
import { dumpFlows } from '../switch/dump.js'
import { packetOutMessage, type PacketOutMessage } from '../switch/packet-out.js'
import { connectionId, type ConnectionHalf, reverseOf } from '../topology/connection.js'
import type { Topology } from '../topology/topology.js'
import { applyChanges, verifyFlows } from './apply.js'
import { ObservedConnections } from './connections.js'
import type { Counters } from './counters.js'
import type { Hold } from './deletion-guard.js'
import { type FirstPacket, judgePacket, type Verdict } from './packet-in.js'
import { desiredFlows, desiredOfHalves } from './planner.js'

export interface ReconcilerOptions {
  readonly timeouts: ConnectionTimeouts
  readonly counters: Counters
  /** Told of every packet that is not sent on. */
  readonly onRefusal: (verdict: Verdict, packet: PacketIn) => void
  /** Milliseconds, from any start. */
  readonly now: () => number
}

export class Reconciler {
  readonly #options: ReconcilerOptions
  readonly #connections = new ObservedConnections()
  readonly #memory: CompileMemory = new Map()
  #held: Held | undefined

  constructor(options: ReconcilerOptions) {
    this.#options = options
  }

  /** Deletions that the last full pass held back. */
  get held(): Held | undefined {
    return this.#held
  }

  /** The switch says that a flow has gone. */
  flowRemoved(flow: Pick<Flow, 'cookie' | 'match'>): void {
    this.#connections.removed(flow)
  }

  /**
   * Makes the switch agree: dump, compare, one bundle, and a second look. Packets that wait get their flows in the same
   * bundle.
   * @param hold what of it has to wait for a yes; nothing unless given
   * @throws ReconcileError FLOW_REFUSED, NOT_VERIFIED or of the connection. Nothing was applied, but for NOT_VERIFIED.
   */
  async fullPass(
    connection: OpenFlowConnection,
    topology: Topology,
    packets: readonly PacketIn[] = [],
    hold: Hold = NO_HOLD,
  ): Promise<Plan> {
    const { timeouts, now } = this.#options
    const installed = await dumpFlows(connection)
    this.#connections.readFrom(installed, now())
    const first = this.#accept(topology, packets)
    const opened = halvesOf(first)
    const wanted = desiredFlows(topology, [...this.#connections.halves, ...opened], timeouts, this.#memory)
    const { desired, held } = hold(wanted, installed)
    this.#held = held
    const plan = diffFlows(desired, installed)
    await this.#apply(connection, plan.changes, first)
    this.#connections.add(this.#unknown(opened), now())
    if (plan.changes.length > 0) await verifyFlows(connection, desired, plan.conflicts)
    return plan
  }

  /**
   * Gives the connections that these packets open their flows, and sends the packets on behind them.
   * @returns true when a packet came of a connection whose flow was thought to be there: time for a full pass
   */
  async connectionPass(
    connection: OpenFlowConnection,
    topology: Topology,
    packets: readonly PacketIn[],
  ): Promise<boolean> {
    const { timeouts, now } = this.#options
    const first = this.#accept(topology, packets)
    const stale = first.some(({ half }) => now() - (this.#connections.since(half) ?? now()) > SETTLED_MS)
    const opened = this.#unknown(halvesOf(first))
    const desired = desiredOfHalves(topology, opened, timeouts)
    await this.#apply(connection, [...desired.values()].map(toAdd), first)
    this.#connections.add(opened, now())
    return stale
  }

  #unknown(halves: readonly ConnectionHalf[]): readonly ConnectionHalf[] {
    return halves.filter((half) => this.#connections.since(half) === undefined)
  }

  #accept(topology: Topology, packets: readonly PacketIn[]): readonly FirstPacket[] {
    const { counters, onRefusal } = this.#options
    return packets.flatMap((packet) => {
      counters.packetIns++
      const judged = judgePacket(topology, packet)
      if (typeof judged !== 'string') return [judged]
      counters.refuse(judged)
      onRefusal(judged, packet)
      return []
    })
  }

  async #apply(
    connection: OpenFlowConnection,
    changes: readonly Change[],
    first: readonly FirstPacket[],
  ): Promise<void> {
    const { counters, timeouts } = this.#options
    await applyChanges(
      connection,
      changes,
      first.map((packet) => sendOn(packet, timeouts)),
    )
    counters.passes++
    counters.flowMods += changes.length
  }
}

const NO_HOLD: Hold = (desired) => ({ desired, held: undefined })

/** A packet that comes this much later than its flow was installed was not on its way at that time. */
const SETTLED_MS = 1000

function toAdd(desired: DesiredFlow): Change {
  return { kind: 'add', desired }
}

/** Both directions of each packet's connection, each once. */
function halvesOf(packets: readonly FirstPacket[]): readonly ConnectionHalf[] {
  const halves = packets.flatMap(({ half, route }) => [half, reverseOf(route, half)])
  return [...new Map(halves.map((half) => [connectionId(half), half])).values()]
}

/** The packet with the actions of its connection's flow. */
function sendOn({ half, route, data }: FirstPacket, timeouts: ConnectionTimeouts): PacketOutMessage {
  return packetOutMessage(half.ofport, routeActions(connectionSlice(half, route, timeouts).facts), data)
}
