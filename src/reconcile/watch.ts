// The node daemon: follows the manifests and asks for a pass on each bridge that it works on: those of its nodes, to which it
// connects, or every switch that connects to it.
import { setTimeout as sleep } from 'node:timers/promises'
import type { Logger } from 'pino'
import type { OpenFlowConnection } from '../openflow/connection.js'
import type { Endpoint } from '../values/endpoint.js'
import type { Hex } from '../values/hex.js'
import { AcceptedSession } from './accepted-session.js'
import { BridgeWorker, type WorkerOptions, type WorkerSettings } from './bridge-worker.js'
import { ManifestSource, type Reloaded } from './manifest-source.js'
import type { OpenCluster } from './node-cluster.js'
import type { NodeTarget } from './node-target.js'
import { NodeWorkers } from './node-workers.js'
import { SwitchServer } from './switch-server.js'
import { FileWatch } from './watch-files.js'
import { WatchLog } from './watch-log.js'

/** What is still to be written to a capture may be, unless its disk hangs. Milliseconds. */
const STOP_GRACE_MS = 2_000

export interface WatchOptions extends WorkerSettings {
  readonly paths: readonly string[]
  /** The nodes to connect to, or the place where switches connect to us and which node all of these are. */
  readonly at:
    | { readonly nodes: readonly NodeTarget[] }
    | { readonly listen: Endpoint; readonly node: string | undefined }
  /** How nodes agree where ports are; undefined: each takes what is plugged in. */
  readonly openCluster?: OpenCluster | undefined
  /** Members of the etcd by which they do; undefined: another way. */
  readonly etcd?: readonly string[] | undefined
  /** Where it may be asked for the status of a bridge, best first. */
  readonly sockets: (bridge: string) => readonly string[]
  readonly log: Logger
  /** Ends the daemon. */
  readonly signal: AbortSignal
}

/** From a reading to the question whether the files are still the same. Milliseconds. */
const SECOND_LOOK_MS = 1_000

/**
 * Runs until the signal; flows stay on the switch. Nothing that manifests or a switch may do makes it throw.
 * @throws ReconcileError LISTEN_FAILED, at the start
 */
export async function watchAndReconcile(options: WatchOptions): Promise<void> {
  await new Daemon(options).run()
}

class Daemon {
  readonly #options: WatchOptions
  readonly #says: WatchLog
  readonly #source: ManifestSource
  readonly #workers = new Set<BridgeWorker | NodeWorkers>()
  #reloaded: Reloaded | undefined
  #reloading: Promise<void> | undefined
  #reloadAgain = false
  #secondLook: NodeJS.Timeout | undefined

  constructor(options: WatchOptions) {
    this.#options = options
    this.#says = new WatchLog(options.log)
    this.#source = new ManifestSource(options.paths)
  }

  async run(): Promise<void> {
    const { paths, signal } = this.#options
    const server = await this.#startServer()
    // The watch comes first, so that no change falls between the first reading and it.
    const files = await FileWatch.open(paths, {
      onChange: () => this.#requestReload(),
      onError: (error) => this.#says.unwatched(error),
    })
    this.#requestReload()
    await this.#startNodes()
    const sweep = this.#startSweep()
    await aborted(signal)
    clearInterval(sweep)
    await files.close()
    await Promise.all(
      [...this.#workers].map((worker) => worker.stop('stopped; the flows stay on the switch')),
    )
    server?.close()
    await Promise.race([this.#options.recorder?.close(), sleep(STOP_GRACE_MS, undefined, { ref: false })])
  }

  /** Where switches come to us. */
  async #startServer(): Promise<SwitchServer | undefined> {
    const { at, log } = this.#options
    if (!('listen' in at)) return undefined
    const server = new SwitchServer({
      ...{ endpoint: at.listen, log },
      onSwitch: (connection, datapathId) => void this.#serve(connection, datapathId),
    })
    await server.open()
    return server
  }

  /** Where we go to the switch. */
  async #startNodes(): Promise<void> {
    const { at, log, openCluster, etcd } = this.#options
    if (!('nodes' in at)) return
    const nodes = at.nodes.map(
      (node) =>
        new NodeWorkers({
          ...{ at: node, log, source: this.#source, openCluster, etcd },
          makeWorker: (bridge, own) => this.#makeWorker(bridge, own),
        }),
    )
    for (const node of nodes) this.#workers.add(node)
    await Promise.all(nodes.map((node) => node.open()))
  }

  /** A switch has come; when it goes, all that was known of it goes. */
  async #serve(connection: OpenFlowConnection, datapathId: Hex): Promise<void> {
    const log = this.#options.log.child({ switch: datapathId })
    log.info('a switch has connected')
    const { at } = this.#options
    const worker = this.#makeWorker(datapathId, {
      ...{ log, node: 'node' in at ? at.node : undefined },
      sessions: (hooks) => new AcceptedSession(connection, hooks),
    })
    this.#workers.add(worker)
    if (this.#reloaded) worker.read(this.#reloaded)
    worker.lookAtAll()
    await worker.open()
    await connection.closed
    this.#workers.delete(worker)
    await worker.stop(`the switch has gone: ${connection.endError?.message ?? 'we ended the connection'}`)
  }

  #makeWorker(
    bridge: string,
    own: Pick<WorkerOptions, 'log' | 'node' | 'openflow' | 'sessions' | 'atNode'>,
  ): BridgeWorker {
    const { timeouts, packetInLimit, maxConnections, sweepInterval } = this.#options
    const { maxDeletes, adopt, onDrift, recorder, sockets } = this.#options
    return new BridgeWorker({
      ...{ timeouts, packetInLimit, maxConnections, sweepInterval, maxDeletes, adopt, onDrift, recorder },
      ...{ bridge, source: this.#source, sockets: sockets(bridge) },
      ...own,
      lookAtAll: async () => {
        this.#lookAtAll()
        while (this.#reloading) await this.#reloading
      },
    })
  }

  /** Looks at everything again: at files that could not be watched, and at flows that somebody changed. */
  #startSweep(): NodeJS.Timeout | undefined {
    const { sweepInterval } = this.#options
    if (sweepInterval === 0) return undefined
    return setInterval(() => this.#lookAtAll(), sweepInterval * 1000)
  }

  #lookAtAll(): void {
    this.#requestReload()
    for (const worker of this.#workers) worker.lookAtAll()
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
    this.#reloaded = reloaded
    for (const worker of this.#workers) worker.read(reloaded)
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
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
}
