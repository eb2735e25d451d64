// One bridge that a daemon works on: manifests, ports and packets in, passes that make its flows agree out. What is known
// of it is known here alone, and gone with it.
import { setTimeout as sleep } from 'node:timers/promises'
import type { Logger } from 'pino'
import { ReconcileError } from '../errors/error.js'
import type { ConnectionTimeouts } from '../features/east-west/index.js'
import { TUNNEL_FEATURES } from '../features/index.js'
import { type ManifestSet, NO_MANIFESTS } from '../manifest/model.js'
import { plainStore } from '../manifest/store.js'
import type { OpenFlowConnection } from '../openflow/connection.js'
import type { Message } from '../openflow/messages/messages.js'
import { PACKET_IN_REASON } from '../openflow/messages/packet.js'
import type { DeleteLimit } from '../plan/guard.js'
import { describeForeignMeters, meterWarnings } from '../plan/meter-warnings.js'
import type { PacketInLimit } from '../plan/meters.js'
import type { EtcdStatus, Finding } from '../status/condition.js'
import { SwitchTable } from '../switch/switch-table.js'
import type { ClusterView } from '../topology/cluster-view.js'
import type { Topology } from '../topology/topology.js'
import { announcements, Arrivals } from './arrivals.js'
import { Counters } from './counters.js'
import { DaemonControl } from './daemon-control.js'
import { DeletionGuard } from './deletion-guard.js'
import { DriftLog } from './drift-log.js'
import type { OnDrift } from './drift-policy.js'
import type { Flushed, FlushTarget } from './flush.js'
import { FlushRequests } from './flush-requests.js'
import {
  appliedRevision,
  blindHold,
  joinLink,
  linkWarnings,
  NO_NOTICES,
  notePass,
  preparePass,
} from './guarded-pass.js'
import type { GoodManifests, ManifestSource, Reloaded } from './manifest-source.js'
import { describeJudgement } from './packet-in.js'
import type { PacketRecorder } from './packet-recorder.js'
import { PassLoop } from './pass-loop.js'
import { neededAt, type Place } from './place.js'
import { Reconciler } from './reconciler.js'
import { suspensionOf } from './suspension.js'
import type { BridgeLink } from './switch-link.js'
import type { BridgeSessions, Session, SessionHooks } from './switch-session.js'
import { WaitingPackets } from './waiting-packets.js'
import { WatchLog } from './watch-log.js'

/** What is the same for every bridge of a daemon. */
export interface WorkerSettings {
  readonly timeouts: ConnectionTimeouts
  readonly packetInLimit: PacketInLimit
  /** Flows of connections that one port may have. */
  readonly maxConnections: number
  /** Seconds between looks at files and flows that nothing asked for; 0: none */
  readonly sweepInterval: number
  /** What may be deleted; undefined: the usual. */
  readonly maxDeletes: DeleteLimit | undefined
  /** As for the Reconciler. */
  readonly adopt: boolean
  readonly onDrift: OnDrift
  /** Has every packet that comes to the controller; undefined: nobody. */
  readonly recorder: PacketRecorder | undefined
}

export interface WorkerOptions extends WorkerSettings {
  /** What people call it. */
  readonly bridge: string
  /** Where its flows are to be had; undefined of a switch that has connected by itself. */
  readonly openflow?: string
  /** The node that it is of; undefined: the Node named as the host. */
  readonly node: string | undefined
  /** Where it may be asked for its status, best first. */
  readonly sockets: readonly string[]
  readonly log: Logger
  readonly source: ManifestSource
  /** How the bridge is had. */
  readonly sessions: (hooks: SessionHooks) => BridgeSessions
  /** Has files and flows looked at; resolves when the files have been read again. */
  readonly lookAtAll: () => Promise<void>
  /** What else the node of this bridge knows and does; a switch that has connected by itself has no node. */
  readonly atNode?: NodeHooks
}

/** What a node does around the full passes of one of its bridges. */
export interface NodeHooks {
  /** Flows of br-tun instead of those of br-int. */
  readonly isTunnelBridge: boolean
  /** Comes before manifests and switch are joined: an error is the end of the pass, and nothing is written. */
  readonly before: (session: Session, good: GoodManifests) => Promise<void>
  /** Comes after it. */
  readonly joined: (link: BridgeLink, topology: Topology) => void
  /** Another one works on the bridge. */
  readonly standsBy: () => void
  readonly cluster: () => ClusterView | undefined
  /** Is it unknown where ports are that nobody tells of? */
  readonly isBlind: () => boolean
  readonly warnings: () => readonly string[]
  /** Do nodes tell each other of themselves by etcd? */
  readonly isInEtcd: boolean
  readonly etcd: () => EtcdStatus | undefined
  /** What the status says of the cluster: the node has it in its log, once for both bridges. */
  readonly clusterWarnings: () => readonly string[]
  /** What is to be said of the Node that this is. */
  readonly finding: (link: BridgeLink, topology: Topology) => Finding | undefined
}

/** A pass that runs at the end may finish, unless the switch has hung: after this time we go. Milliseconds. */
const STOP_GRACE_MS = 2_000

/** Packets that an action punted (bit 1), every change of ports, every flow-removed reason. */
const ASYNC_MASKS = { packetIn: 1 << PACKET_IN_REASON.action, portStatus: 0x7, flowRemoved: 0x3f }

const NOTHING = plainStore(NO_MANIFESTS)

export class BridgeWorker {
  readonly #counters = new Counters()
  readonly #options: WorkerOptions
  readonly #says: WatchLog
  readonly #reconciler: Reconciler
  readonly #guard: DeletionGuard
  readonly #loop: PassLoop
  readonly #sessions: BridgeSessions
  readonly #control: DaemonControl
  #topology: Topology | undefined
  /** Of the last pass, also on an older connection. */
  #place: Place | undefined
  /** What the switch agreed with last, as far as this daemon knows. */
  #programmed: GoodManifests | undefined
  readonly #packets = new WaitingPackets()
  readonly #arrivals = new Arrivals()
  readonly #flushes = new FlushRequests(() => this.#loop.requestPackets())
  #stopped = false

  constructor(options: WorkerOptions) {
    const { bridge, sockets, source, lookAtAll, maxDeletes, log } = options
    this.#options = options
    this.#says = new WatchLog(log)
    this.#guard = new DeletionGuard(maxDeletes)
    this.#reconciler = this.#makeReconciler()
    this.#loop = new PassLoop({
      run: (full) => this.#pass(full),
      onError: (error, retryInMs) => this.#failed(error, retryInMs),
    })
    this.#sessions = options.sessions({
      greet: (connection) => this.#greet(connection),
      onChange: () => this.#loop.requestFull(),
      onLost: () => this.#lost(),
    })
    this.#control = new DaemonControl({
      ...{ bridge, sockets, source, lookAtAll, log },
      openflow: options.openflow,
      isTunnelBridge: options.atNode?.isTunnelBridge ?? false,
      etcd: () => options.atNode?.etcd(),
      cluster: () => options.atNode?.cluster(),
      ...{ reconciler: this.#reconciler, loop: this.#loop, sessions: this.#sessions },
      topology: () => this.#topology,
      needed: () => this.#needed(),
      counters: this.#counters,
      flush: (target) => this.#flushes.ask(target),
    })
  }

  #makeReconciler(): Reconciler {
    const { timeouts, packetInLimit, maxConnections, adopt, onDrift, recorder, log, atNode } = this.#options
    return new Reconciler({
      ...{ timeouts, packetInLimit, maxConnections, adopt },
      ...(atNode?.isTunnelBridge && { features: TUNNEL_FEATURES }),
      counters: this.#counters,
      onVerdict: (judgement, packet) => {
        this.#says.judged(judgement, packet)
        recorder?.record(packet, describeJudgement(judgement), Date.now())
      },
      isFlooding: (ofport) => this.#packets.isFlooding(ofport),
      onMuted: (ofport) => this.#says.muted(this.#topology?.localPortAt(ofport)?.port.name ?? String(ofport)),
      onRefusedConnection: (error) => this.#says.refusedConnection(error),
      now: () => performance.now(),
      drift: { onDrift, listener: new DriftLog(log, onDrift), ask: () => this.#loop.requestPackets() },
    })
  }

  /** Says from now on how it is. */
  async open(): Promise<void> {
    await this.#control.open()
  }

  /** The manifests were read. */
  read(reloaded: Reloaded): void {
    this.#control.read(reloaded)
    if (reloaded.changed) this.#loop.requestFull()
  }

  /** Something changed that a full pass depends on. */
  requestPass(): void {
    this.#loop.requestFull()
  }

  /** Looks at all flows again. */
  lookAtAll(): void {
    this.#sessions.current?.table.distrust()
    this.#loop.requestFull()
  }

  /** Lets a pass that runs finish; the flows stay on the switch. */
  async stop(why: string): Promise<void> {
    if (this.#stopped) return
    this.#stopped = true
    await this.#control.close()
    await Promise.race([this.#loop.stop(), sleep(STOP_GRACE_MS, undefined, { ref: false })])
    this.#sessions.close()
    this.#options.log.info({ counters: this.#counters }, why)
  }

  async #pass(full: boolean): Promise<void> {
    await (full ? this.#wholePass() : this.#smallPass())
    await this.#flushes.serve((target) => this.#flush(target))
  }

  async #flush(target: FlushTarget): Promise<Flushed> {
    const { current } = this.#sessions
    if (current && this.#topology) return this.#reconciler.flush(current.table, this.#topology, target)
    const message = 'There is no connection to the switch; nothing was flushed.'
    throw new ReconcileError('SWITCH_UNREACHABLE', message, {
      remedy: 'Try again when reconcile status shows a connection.',
    })
  }

  async #wholePass(): Promise<void> {
    // Read first: an edit that comes from here on asks for the next pass.
    const { good } = this.#options.source
    if (!good) return
    const session = await this.#sessions.open()
    this.#control.works(session !== undefined)
    if (!session) {
      this.#forgetPasses()
      this.#programmed = undefined
      this.#options.atNode?.standsBy()
      return // another one works; whoever gives us the lock asks for a pass
    }
    await session.table.connection.answering()
    const suspension = suspensionOf(session.link.notes)
    this.#says.suspended(suspension)
    await (suspension ? this.#rest(session, good) : this.#fullPass(session, good))
    this.#control.agreed()
  }

  /** While the bridge is suspended: connections of what is programmed come and go, nothing else is written. */
  async #rest(session: Session, good: GoodManifests): Promise<void> {
    const { link, table } = session
    await this.#reconciler.observe(table)
    const isGood = appliedRevision(link.notes) === good.revision
    const programmed = this.#programmed ?? (isGood ? good : undefined)
    const { node, atNode } = this.#options
    await atNode?.before(session, good)
    const store = programmed?.store ?? NOTHING
    const wanted = { store, node, isInEtcd: atNode?.isInEtcd, cluster: atNode?.cluster() }
    const { topology, place } = joinLink(link, wanted)
    this.#topology = topology
    if (programmed) {
      this.#place = place
      atNode?.joined(link, topology)
    }
    await this.#smallPass()
  }

  async #fullPass(session: Session, good: GoodManifests): Promise<void> {
    const { link, table } = session
    const { store, revision } = good
    const { node, atNode } = this.#options
    const started = performance.now()
    await atNode?.before(session, good)
    const cluster = atNode?.cluster()
    const wanted = { store, node, isInEtcd: atNode?.isInEtcd, cluster }
    const pass = preparePass(link, this.#guard, wanted)
    const { topology } = pass
    const hold = atNode?.isBlind() ? blindHold(pass, cluster) : pass.hold
    this.#topology = topology
    this.#place = pass.place
    atNode?.joined(link, topology)
    const packets = this.#packets.take()
    if (this.#packets.size > 0) this.#loop.requestPackets()
    const plan = await this.#reconciler.fullPass(table, topology, packets, hold)
    await this.#sessions.flowsAreThere()
    this.#announce(table, topology)
    await notePass(link, this.#guard, pass, revision, this.#reconciler)
    const { held, refused } = this.#reconciler
    const foreign = describeForeignMeters(plan.meters?.conflicts ?? [])
    const finding = atNode?.finding(link, topology)
    const warnings = [
      ...linkWarnings(link, atNode?.isTunnelBridge ? NO_NOTICES : topology, store),
      ...(finding?.remedy === undefined ? [] : [`${finding.message}: ${finding.remedy}`]),
      ...(atNode?.warnings() ?? []),
      ...meterWarnings(plan.meters),
      ...foreign,
    ]
    this.#says.refused(refused)
    this.#says.passed(plan, revision, performance.now() - started, warnings, !held && refused.length === 0)
    this.#says.held(held)
    this.#programmed = { store: pass.store, revision }
    const toTell = [...warnings, ...(atNode?.clusterWarnings() ?? [])]
    this.#control.passed({ good, gone: pass.gone, held, warnings: toTell, node: finding })
  }

  /** What this bridge needs of the newest good set, as far as that is known. */
  #needed(): ManifestSet | undefined {
    const { good } = this.#options.source
    return good && this.#place ? neededAt(good.store, this.#place) : undefined
  }

  /** Who has come hears from nobody before he speaks; so that others know where he is now, we speak for him. */
  #announce({ connection }: SwitchTable, topology: Topology): void {
    if (this.#options.atNode?.isTunnelBridge !== false) return
    for (const local of this.#arrivals.of(topology)) connection.sendAll(announcements(local))
  }

  /** What needs no look at all flows: packets that wait, and flows that others changed. */
  async #smallPass(): Promise<void> {
    const { current } = this.#sessions
    if (!current || !this.#topology) return // the full pass that is owed takes the packets
    const { table } = current
    const packets = this.#packets.take()
    if (this.#packets.size > 0) this.#loop.requestPackets()
    const started = performance.now()
    const stale =
      packets.length > 0 && (await this.#reconciler.connectionPass(table, this.#topology, packets))
    this.#packets.passTook(performance.now() - started)
    const conflict = await this.#reconciler.driftPass(table)
    if (stale || conflict) this.#loop.requestFull()
    this.#control.changed()
  }

  async #greet(connection: OpenFlowConnection): Promise<SwitchTable> {
    const { log, sweepInterval } = this.#options
    this.#forgetPasses()
    const table = new SwitchTable(connection, {
      onForeignChange: (key, change) => this.#reconciler.foreignChange(key, change),
      isTrusted: sweepInterval === 0,
    })
    connection.listen((message) => this.#receive(table, message))
    connection.send({ type: 'set_async', ...ASYNC_MASKS })
    if (!(await table.monitor())) log.debug('the switch does not tell of changes; drift is found by sweeps')
    return table
  }

  /** The switch goes on forwarding; we come back and look what it holds. */
  #lost(): void {
    if (this.#stopped) return
    this.#says.lost()
    this.#control.changed()
    this.#loop.requestRetry()
  }

  #failed(error: unknown, retryInMs: number | undefined): void {
    this.#says.failed(error, retryInMs)
    this.#control.failed(error)
  }

  /** What was found before says nothing of a new connection. */
  #forgetPasses(): void {
    this.#topology = undefined
    this.#control.forgetPasses()
  }

  #receive(table: SwitchTable, message: Message): void {
    this.#sessions.receive(message)
    table.receive(message)
    if (message.type === 'flow_removed') this.#reconciler.flowRemoved(message)
    if (message.type !== 'packet_in') return
    if (!this.#packets.add(message)) this.#counters.crowdedOut++
    this.#loop.requestPackets()
  }
}
