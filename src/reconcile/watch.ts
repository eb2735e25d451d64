// The node daemon: follows files, ports and packets, and asks for a pass whenever one of them may have changed something.
import { setTimeout as sleep } from 'node:timers/promises'
import type { Logger } from 'pino'
import { ReconcileError } from '../errors/error.js'
import type { ConnectionTimeouts } from '../features/east-west/index.js'
import type { OpenFlowConnection } from '../openflow/connection.js'
import type { Message } from '../openflow/messages/messages.js'
import { PACKET_IN_REASON, type PacketIn } from '../openflow/messages/packet.js'
import type { DeleteLimit } from '../plan/guard.js'
import { SwitchTable } from '../switch/switch-table.js'
import { NO_MANIFESTS } from '../manifest/model.js'
import type { Topology } from '../topology/topology.js'
import { Counters } from './counters.js'
import { DaemonControl } from './daemon-control.js'
import { DeletionGuard } from './deletion-guard.js'
import { DriftLog } from './drift-log.js'
import type { Flushed, FlushTarget } from './flush.js'
import { FlushRequests } from './flush-requests.js'
import type { OnDrift } from './drift-policy.js'
import { appliedRevision, linkTopology, linkWarnings, notePass, preparePass } from './guarded-pass.js'
import { type GoodManifests, ManifestSource } from './manifest-source.js'
import type { PacketRecorder } from './packet-recorder.js'
import { PassLoop } from './pass-loop.js'
import { Reconciler } from './reconciler.js'
import type { SwitchTarget } from './switch-link.js'
import { type Session, SwitchSessions } from './switch-session.js'
import { suspensionOf } from './suspension.js'
import { FileWatch } from './watch-files.js'
import { WatchLog } from './watch-log.js'

export interface WatchOptions {
  readonly paths: readonly string[]
  readonly target: SwitchTarget
  readonly node: string | undefined
  readonly timeouts: ConnectionTimeouts
  /** Seconds between looks at files and flows that nothing asked for; 0: none */
  readonly sweepInterval: number
  /** What may be deleted; undefined: the usual. */
  readonly maxDeletes: DeleteLimit | undefined
  /** As for the Reconciler. */
  readonly adopt: boolean
  readonly onDrift: OnDrift
  /** Has every packet that comes to the controller; undefined: nobody. */
  readonly recorder: PacketRecorder | undefined
  /** Where it may be asked for its status, best first. */
  readonly sockets: readonly string[]
  readonly log: Logger
  /** Ends the daemon. */
  readonly signal: AbortSignal
}

/** Packets that may wait for a pass; more come when the switch is flooded, and are dropped as the switch would. */
const MAX_WAITING_PACKETS = 1_000

/** A pass that runs at the end may finish, unless the switch has hung: after this time we go. Milliseconds. */
const STOP_GRACE_MS = 2_000

/** From a reading to the question whether the files are still the same. Milliseconds. */
const SECOND_LOOK_MS = 1_000

/** Packets that an action punted (bit 1), every change of ports, every flow-removed reason. */
const ASYNC_MASKS = { packetIn: 1 << PACKET_IN_REASON.action, portStatus: 0x7, flowRemoved: 0x3f }

/** Runs until the signal; flows stay on the switch. Never throws for what manifests or the switch may do. */
export async function watchAndReconcile(options: WatchOptions): Promise<void> {
  await new Daemon(options).run()
}

class Daemon {
  readonly #options: WatchOptions
  readonly #says: WatchLog
  readonly #counters = new Counters()
  readonly #source: ManifestSource
  readonly #reconciler: Reconciler
  readonly #guard: DeletionGuard
  readonly #loop: PassLoop
  readonly #sessions: SwitchSessions
  readonly #control: DaemonControl
  readonly #flushes = new FlushRequests(() => this.#loop.requestPackets())
  #topology: Topology | undefined
  /** What the switch agreed with last, as far as this daemon knows. */
  #programmed: GoodManifests | undefined
  #packets: PacketIn[] = []
  #reloading: Promise<void> | undefined
  #reloadAgain = false
  #secondLook: NodeJS.Timeout | undefined

  constructor(options: WatchOptions) {
    const { paths, timeouts, maxDeletes, adopt, onDrift, recorder, log } = options
    this.#options = options
    this.#says = new WatchLog(log)
    this.#guard = new DeletionGuard(maxDeletes)
    this.#source = new ManifestSource(paths)
    this.#reconciler = new Reconciler({
      ...{ timeouts, adopt },
      counters: this.#counters,
      onRefusal: (verdict, { tableId, data }) =>
        log.debug({ verdict, tableId, bytes: data.length }, 'packet refused'),
      ...(recorder && { onVerdict: (packet, verdict, time) => recorder.record(packet, verdict, time) }),
      onRefusedConnection: (error) => this.#says.refusedConnection(error),
      now: () => performance.now(),
      drift: { onDrift, listener: new DriftLog(log, onDrift), ask: () => this.#loop.requestPackets() },
    })
    this.#loop = new PassLoop({
      run: (full) => this.#pass(full),
      onError: (error, retryInMs) => this.#failed(error, retryInMs),
    })
    this.#sessions = new SwitchSessions({
      ...{ target: options.target, log },
      greet: (connection) => this.#greet(connection),
      onChange: () => this.#loop.requestFull(),
      onLost: () => this.#lost(),
    })
    this.#control = new DaemonControl({
      ...{ target: options.target, sockets: options.sockets, log },
      ...{ source: this.#source, reconciler: this.#reconciler, loop: this.#loop, sessions: this.#sessions },
      topology: () => this.#topology,
      counters: this.#counters,
      flush: (target) => this.#flushes.ask(target),
      lookAtAll: async () => {
        this.#lookAtAll()
        while (this.#reloading) await this.#reloading
      },
    })
  }

  async run(): Promise<void> {
    const { paths, signal, log } = this.#options
    // The watch comes first, so that no change falls between the first reading and it.
    const files = await FileWatch.open(paths, {
      onChange: () => this.#requestReload(),
      onError: (error) => this.#says.unwatched(error),
    })
    this.#requestReload()
    await this.#control.open()
    const sweep = this.#startSweep()
    await aborted(signal)
    clearInterval(sweep)
    await files.close()
    await this.#control.close()
    await Promise.race([this.#loop.stop(), sleep(STOP_GRACE_MS)])
    this.#sessions.close()
    await Promise.race([this.#options.recorder?.close(), sleep(STOP_GRACE_MS)])
    log.info({ counters: this.#counters }, 'stopped; the flows stay on the switch')
  }

  /** Looks at everything again: at files that could not be watched, and at flows that somebody changed. */
  #startSweep(): NodeJS.Timeout | undefined {
    const { sweepInterval } = this.#options
    if (sweepInterval === 0) return undefined
    return setInterval(() => this.#lookAtAll(), sweepInterval * 1000)
  }

  #lookAtAll(): void {
    this.#requestReload()
    this.#sessions.current?.table.distrust()
    this.#loop.requestFull()
  }

  /** One reading at a time, as an older one that ended later would win; what is asked for meanwhile is one more. */
  #requestReload(): void {
    this.#reloadAgain = this.#reloading !== undefined
    this.#reloading ??= this.#reload()
      .catch((error: unknown) => this.#says.failed(error, undefined))
      .finally(() => {
        this.#reloading = undefined
        if (this.#reloadAgain) this.#requestReload()
      })
  }

  async #reload(): Promise<void> {
    const reloaded = await this.#source.reload()
    this.#says.read(reloaded, this.#source.good !== undefined)
    this.#control.read(reloaded)
    if (reloaded.changed) this.#loop.requestFull()
    this.#lookOnceMore()
  }

  /** A machine that is busy may lose the last event of a burst. */
  #lookOnceMore(): void {
    clearTimeout(this.#secondLook)
    this.#secondLook = setTimeout(() => {
      void this.#source.isCurrent().then((isCurrent) => {
        if (!isCurrent && !this.#options.signal.aborted) this.#requestReload()
      })
    }, SECOND_LOOK_MS)
    this.#secondLook.unref()
  }

  async #pass(full: boolean): Promise<void> {
    await (full ? this.#wholePass() : this.#smallPass())
    await this.#flushes.serve((target) => this.#flush(target))
  }

  async #flush(target: FlushTarget): Promise<Flushed> {
    const { current } = this.#sessions
    if (current && this.#topology) return this.#reconciler.flush(current.table, this.#topology, target)
    throw new ReconcileError(
      'SWITCH_UNREACHABLE',
      'There is no connection to the switch; nothing was flushed.',
      {
        remedy: 'Try again when reconcile status shows a connection.',
      },
    )
  }

  async #wholePass(): Promise<void> {
    // Read first: an edit that comes from here on asks for the next pass.
    const { good } = this.#source
    if (!good) return
    const session = await this.#sessions.open()
    this.#control.works(session !== undefined)
    if (!session) {
      this.#forgetPasses()
      this.#programmed = undefined
      return // another one works; whoever gives us the lock asks for a pass
    }
    await session.table.connection.answering()
    const suspension = suspensionOf(session.link.notes)
    this.#says.suspended(suspension)
    await (suspension ? this.#rest(session, good) : this.#fullPass(session, good))
    this.#control.agreed()
  }

  /** While the bridge is suspended: connections of what is programmed come and go, nothing else is written. */
  async #rest({ link, table }: Session, good: GoodManifests): Promise<void> {
    await this.#reconciler.observe(table)
    const isGood = appliedRevision(link.notes) === good.revision
    const programmed = this.#programmed ?? (isGood ? good : undefined)
    const { node } = this.#options
    this.#topology = linkTopology(link, { manifests: programmed?.manifests ?? NO_MANIFESTS, node })
    await this.#smallPass()
  }

  async #fullPass({ link, table }: Session, good: GoodManifests): Promise<void> {
    const { manifests, revision } = good
    const started = performance.now()
    const pass = preparePass(link, this.#guard, { manifests, node: this.#options.node })
    const { topology, hold } = pass
    this.#topology = topology
    const plan = await this.#reconciler.fullPass(table, topology, this.#packets.splice(0), hold)
    await this.#sessions.flowsAreThere(link)
    await notePass(link, this.#guard, pass, revision, this.#reconciler)
    const { held, refused } = this.#reconciler
    const warnings = linkWarnings(link, topology, manifests)
    this.#says.refused(refused)
    this.#says.passed(plan, revision, performance.now() - started, warnings, !held && refused.length === 0)
    this.#says.held(held)
    this.#programmed = { manifests: pass.manifests, revision }
    this.#control.passed({ good, manifests: pass.manifests, held, warnings })
  }

  /** What needs no look at all flows: packets that wait, and flows that others changed. */
  async #smallPass(): Promise<void> {
    const { current } = this.#sessions
    if (!current || !this.#topology) return // the full pass that is owed takes the packets
    const { table } = current
    const packets = this.#packets.splice(0)
    const stale =
      packets.length > 0 && (await this.#reconciler.connectionPass(table, this.#topology, packets))
    const conflict = await this.#reconciler.driftPass(table)
    if (stale || conflict) this.#loop.requestFull()
    this.#control.changed()
  }

  async #greet(connection: OpenFlowConnection): Promise<SwitchTable> {
    this.#forgetPasses()
    const table = new SwitchTable(connection, (key, change) => this.#reconciler.foreignChange(key, change))
    connection.listen((message) => this.#receive(table, message))
    connection.send({ type: 'set_async', ...ASYNC_MASKS })
    if (!(await table.monitor()))
      this.#options.log.debug('the switch does not tell of changes; drift is found by sweeps')
    return table
  }

  /** The switch goes on forwarding; we come back and look what it holds. */
  #lost(): void {
    if (this.#options.signal.aborted) return
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
    if (this.#packets.length < MAX_WAITING_PACKETS) this.#packets.push(message)
    this.#loop.requestPackets()
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
}
