// The node daemon: follows files, ports and packets, and asks for a pass whenever one of them may have changed something.
import type { Logger } from 'pino'
import { ReconcileError } from '../errors/error.js'
import { renderError } from '../errors/render.js'
import type { OpenFlowConnection } from '../openflow/connection.js'
import { PACKET_IN_REASON, type PacketIn } from '../openflow/messages/packet.js'
import type { Message } from '../openflow/messages/messages.js'
import { countPlan } from '../plan/report.js'
import type { Plan } from '../plan/plan.js'
import { buildTopology, type Topology } from '../topology/topology.js'
import type { ConnectionTimeouts } from '../features/east-west/index.js'
import { Counters } from './counters.js'
import { ManifestSource } from './manifest-source.js'
import { nodeName } from './node.js'
import { writeRevision } from './once.js'
import { PassLoop } from './pass-loop.js'
import { Reconciler } from './reconciler.js'
import { SwitchLink, type SwitchTarget } from './switch-link.js'
import { watchFiles } from './watch-files.js'

export interface WatchOptions {
  readonly paths: readonly string[]
  readonly target: SwitchTarget
  readonly node: string | undefined
  readonly timeouts: ConnectionTimeouts
  /** Seconds between passes that nothing asked for; 0: none */
  readonly sweepInterval: number
  readonly log: Logger
  /** Ends the daemon. */
  readonly signal: AbortSignal
}

/** Packets that may wait for a pass; more come when the switch is flooded, and are dropped as the switch would. */
const MAX_WAITING_PACKETS = 1_000

/** Packets that an action punted (bit 1), no port-status (OVSDB tells more), every flow-removed reason. */
const ASYNC_MASKS = { packetIn: 1 << PACKET_IN_REASON.action, portStatus: 0, flowRemoved: 0x3f }

/** Runs until the signal; flows stay on the switch. Never throws for what manifests or the switch may do. */
export async function watchAndReconcile(options: WatchOptions): Promise<void> {
  await new Daemon(options).run()
}

class Daemon {
  readonly #options: WatchOptions
  readonly #counters = new Counters()
  readonly #source: ManifestSource
  readonly #reconciler: Reconciler
  readonly #loop: PassLoop
  #link: SwitchLink | undefined
  #connection: OpenFlowConnection | undefined
  #topology: Topology | undefined
  #packets: PacketIn[] = []
  #lastNotices = ''
  #reloading = Promise.resolve()

  constructor(options: WatchOptions) {
    const { paths, timeouts, log } = options
    this.#options = options
    this.#source = new ManifestSource(paths)
    this.#reconciler = new Reconciler({
      timeouts,
      counters: this.#counters,
      onRefusal: (verdict, { tableId, data }) =>
        log.debug({ verdict, tableId, bytes: data.length }, 'packet refused'),
      now: () => performance.now(),
    })
    this.#loop = new PassLoop({
      run: (full) => this.#pass(full),
      onError: (error, retryInMs) => this.#reportFailure(error, retryInMs),
    })
  }

  async run(): Promise<void> {
    const { paths, signal, sweepInterval, log } = this.#options
    // The watch comes first, so that no change falls between the first reading and it.
    const files = await watchFiles(paths, () => this.#requestReload())
    this.#requestReload()
    const sweep = setInterval(() => this.#loop.requestFull(), sweepInterval * 1000)
    if (sweepInterval === 0) clearInterval(sweep)
    await aborted(signal)
    clearInterval(sweep)
    await files.close()
    await this.#loop.stop()
    this.#link?.close()
    log.info({ counters: this.#counters }, 'stopped; the flows stay on the switch')
  }

  /** One reading at a time: an older one that ended later would win. */
  #requestReload(): void {
    this.#reloading = this.#reloading.then(() => this.#reload())
  }

  async #reload(): Promise<void> {
    const { problems, files, changed } = await this.#source.reload()
    if (problems.length > 0) this.#reportProblems(problems, files)
    else if (changed) this.#loop.requestFull()
  }

  async #pass(full: boolean): Promise<void> {
    const { good } = this.#source
    if (!good) return
    const connection = this.#connection ?? (await this.#connect())
    const packets = this.#packets.splice(0)
    if (!full && this.#topology && this.#connection) {
      const stale = await this.#reconciler.connectionPass(connection, this.#topology, packets)
      if (stale) this.#loop.requestFull()
      return
    }
    const started = performance.now()
    const topology = this.#joinTopology()
    this.#topology = topology
    const plan = await this.#reconciler.fullPass(connection, topology, packets)
    if (this.#link) await writeRevision(this.#link, good.revision)
    this.#reportPass(plan, good.revision, performance.now() - started)
  }

  async #connect(): Promise<OpenFlowConnection> {
    const { target, log } = this.#options
    this.#link?.close()
    this.#topology = undefined
    this.#link = await SwitchLink.open(target, () => this.#loop.requestFull())
    const connection = await this.#link.connectBridge()
    connection.listen((message) => this.#receive(message))
    connection.send({ type: 'set_async', ...ASYNC_MASKS })
    this.#connection = connection
    void Promise.race([connection.closed, this.#link.client.closed]).then(() => this.#lost(connection))
    const { failMode } = this.#link.bridge ?? {}
    if (failMode !== 'secure') log.warn({ failMode }, 'bridge fail_mode is not secure; it is left as it is')
    return connection
  }

  /** The switch goes on forwarding; we come back and look what it holds. */
  #lost(connection: OpenFlowConnection): void {
    if (this.#connection !== connection || this.#options.signal.aborted) return
    connection.close()
    this.#connection = undefined
    this.#options.log.warn('connection to the switch lost')
    this.#loop.requestFull()
  }

  #joinTopology(): Topology {
    const { good } = this.#source
    if (!good || !this.#link) throw new Error('a pass without manifests or switch')
    const node = nodeName(good.manifests, this.#options.node, this.#link.switch.hostname)
    return buildTopology({ manifests: good.manifests, node, interfaces: this.#link.interfaces })
  }

  #receive(message: Message): void {
    if (message.type === 'flow_removed') this.#reconciler.flowRemoved(message)
    if (message.type !== 'packet_in') return
    if (this.#packets.length < MAX_WAITING_PACKETS) this.#packets.push(message)
    this.#loop.requestPackets()
  }

  #reportPass(plan: Plan, revision: string, durationMs: number): void {
    const { log } = this.#options
    const { add, change, delete: deleted, unchanged, conflicts } = countPlan(plan)
    const fields = { revision, add, change, delete: deleted, unchanged, ms: Math.round(durationMs * 10) / 10 }
    if (conflicts > 0) log.warn({ ...fields, conflicts }, 'foreign flows stand where ours should be')
    else if (add + change + deleted > 0) log.info(fields, 'applied; in sync')
    else log.debug(fields, 'in sync')
    this.#reportNotices()
  }

  #reportNotices(): void {
    const notices = (this.#topology?.notices ?? []).map(
      ({ port, message }) => `port ${port.name}: ${message}`,
    )
    if (notices.join('\n') === this.#lastNotices) return
    this.#lastNotices = notices.join('\n')
    for (const notice of notices) this.#options.log.warn(notice)
  }

  #reportProblems(
    problems: readonly ReconcileError[],
    files: readonly { path: string; text: string }[],
  ): void {
    const text = new Map(files.map((file) => [file.path, file.text]))
    for (const problem of problems) this.#options.log.error(renderError(problem, (file) => text.get(file)))
    const kept = this.#source.good ? 'the last good revision stays programmed' : 'waiting for a good edit'
    this.#options.log.error(`${problems.length} problems in the manifests; ${kept}`)
  }

  #reportFailure(error: unknown, retryInMs: number | undefined): void {
    const { log } = this.#options
    if (error instanceof ReconcileError) log.error({ retryInMs }, renderError(error))
    else log.fatal({ err: error }, 'a bug in a pass; the flows stay as they are')
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
}
