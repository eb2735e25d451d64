// What a daemon shows of itself, and what it may be told: the words of its passes in, a status and three commands on a
// local socket out.
import { setTimeout as sleep } from 'node:timers/promises'
import type { Logger } from 'pino'
import { ReconcileError } from '../errors/error.js'
import { renderError } from '../errors/render.js'
import type { ManifestSet } from '../manifest/model.js'
import type { EtcdStatus, Suspension } from '../status/condition.js'
import type { Failure, Knowledge, PassKnowledge, Reading } from '../status/knowledge.js'
import { readRateLimited, readSpoofed } from '../switch/port-drops.js'
import { readTunnelDrops } from '../switch/tunnel-drops.js'
import type { ClusterView } from '../topology/cluster-view.js'
import type { Topology } from '../topology/topology.js'
import { controlListener } from './control-http.js'
import { ControlSocket } from './control-socket.js'
import type { Counters } from './counters.js'
import { checkFlushable, type Flushed, type FlushTarget } from './flush.js'
import { appliedRevision } from './guarded-pass.js'
import type { ManifestSource, Reloaded } from './manifest-source.js'
import { type DropReaders, type PacketCounts, portCounts, verdictCounts } from './packet-counts.js'
import type { PassLoop } from './pass-loop.js'
import type { Reconciler } from './reconciler.js'
import { failureOf, StatusBoard } from './status-board.js'
import { resume, suspend, suspensionOf } from './suspension.js'
import type { BridgeLink } from './switch-link.js'
import type { BridgeSessions } from './switch-session.js'

export interface DaemonParts {
  /** Its name; of a switch that has connected by itself, the datapath id. */
  readonly bridge: string
  /** Undefined of a switch that has connected by itself. */
  readonly openflow: string | undefined
  readonly isTunnelBridge: boolean
  readonly etcd: () => EtcdStatus | undefined
  readonly cluster: () => ClusterView | undefined
  /** Where it may be asked, best first. */
  readonly sockets: readonly string[]
  readonly log: Logger
  readonly source: ManifestSource
  readonly reconciler: Reconciler
  readonly loop: PassLoop
  readonly sessions: BridgeSessions
  readonly topology: () => Topology | undefined
  /** Objects of the newest good set that the bridge needs; undefined as long as nobody knows. */
  readonly needed: () => ManifestSet | undefined
  readonly counters: Counters
  /** Resolves when a pass has done it. */
  readonly flush: (target: FlushTarget) => Promise<Flushed>
  /** Asks for all flows to be looked at; resolves when the files have been read again. */
  readonly lookAtAll: () => Promise<void>
}

/** A pass that has hung must not keep whoever asked for it: he is answered with what is known. Milliseconds. */
const ANSWER_MS = 8_000

export class DaemonControl {
  readonly #parts: DaemonParts
  readonly #board: StatusBoard
  readonly #socket: ControlSocket
  readonly #since = new Date().toISOString()
  #reading: Reading | undefined
  #passed: PassKnowledge | undefined
  #failure: Failure | undefined
  #suspension: Suspension | undefined

  constructor(parts: DaemonParts) {
    const { sockets, log } = parts
    this.#parts = parts
    this.#board = new StatusBoard(() => this.#knowledge())
    this.#socket = new ControlSocket({
      paths: sockets,
      listener: controlListener({
        status: () => this.#board.look(),
        suspend: (reason) => this.#write((link) => suspend(link, reason, new Date().toISOString())),
        resume: () => this.#write(resume),
        reconcile: () => this.#reconcileNow(),
        flush: (target) => this.#flush(target),
        counters: () => this.#packetCounts(),
      }),
      onError: (error) => log.warn(renderError(error)),
      onListening: (path) => log.debug({ path }, 'the status is served'),
    })
  }

  async open(): Promise<void> {
    await this.#socket.open()
  }

  async close(): Promise<void> {
    await this.#socket.close()
  }

  read({ revision, problems, seen }: Reloaded): void {
    this.#reading = { revision: revision || (this.#reading?.revision ?? ''), problems, seen }
    this.changed()
  }

  /** Does it work on the bridge, or another one? */
  works(isWorking: boolean): void {
    this.#socket.setWorking(isWorking)
    this.changed()
  }

  /** A full pass has applied this. */
  passed(pass: PassKnowledge): void {
    this.#passed = pass
  }

  /** All that was asked for has been done, or is to be left. */
  agreed(): void {
    this.#failure = undefined
    this.changed()
  }

  failed(error: unknown): void {
    this.#failure = failureOf(error)
    this.changed()
  }

  /** Something else is another way than before. */
  changed(): void {
    this.#board.changed()
  }

  forgetPasses(): void {
    this.#passed = undefined
    this.#failure = undefined
    this.changed()
  }

  #knowledge(): Knowledge {
    const { bridge, openflow, etcd, cluster, source, reconciler, sessions, topology, needed } = this.#parts
    const notes = sessions.link?.notes
    return {
      ...{ bridge, openflow, etcd: etcd(), pid: process.pid },
      good: source.good,
      reading: this.#reading,
      connection: sessions.current ? 'working' : sessions.isStandingBy ? 'standing-by' : 'disconnected',
      suspension: this.#sameSuspension(suspensionOf(notes)),
      cluster: cluster(),
      topology: topology(),
      needed: needed(),
      pass: this.#passed,
      failure: this.#failure,
      applied: sessions.link?.client ? appliedRevision(notes) : this.#agreedRevision(),
      outstanding: reconciler.outstanding,
      contended: reconciler.contended(),
      refused: reconciler.refused,
    }
  }

  /** Where nothing can be noted on the bridge: what this daemon knows itself. */
  #agreedRevision(): string | undefined {
    const isWhole = this.#passed && !this.#passed.held && this.#parts.reconciler.refused.length === 0
    return isWhole ? this.#passed?.good.revision : undefined
  }

  /** The record of before, where it says the same: what is known is compared by its records. */
  #sameSuspension(now: Suspension | undefined): Suspension | undefined {
    const before = this.#suspension
    if (now?.since !== before?.since || now?.reason !== before?.reason) this.#suspension = now
    return this.#suspension
  }

  /** Changes what the bridge says of us, and waits until that is in force: a pass under way may still write. */
  async #write(change: (link: BridgeLink) => Promise<void>): Promise<void> {
    const { sessions, loop } = this.#parts
    if (!sessions.link) throw notConnected(this.#failure)
    await change(sessions.link)
    loop.requestFull()
    await orTimeout(loop.idle())
  }

  async #flush(target: FlushTarget): Promise<Flushed> {
    const { sessions, source, bridge, flush } = this.#parts
    if (target !== 'all') checkFlushable(target, source.good?.store)
    if (sessions.isStandingBy) throw standingBy(bridge)
    return flush(target)
  }

  async #packetCounts(): Promise<PacketCounts> {
    const { counters, bridge, isTunnelBridge, sessions, topology } = this.#parts
    const portsIn = (topology: Topology) => (isTunnelBridge ? { localPorts: [] } : topology)
    const [connection, known] = [sessions.current?.table.connection, topology()]
    return {
      ...{ bridge, since: this.#since, packetIns: counters.packetIns },
      verdicts: verdictCounts(counters.toJSON()),
      ports: connection && known ? await portCounts(connection, portsIn(known), DROP_READERS) : null,
      tunnel: connection && isTunnelBridge ? await readTunnelDrops(connection) : null,
    }
  }

  async #reconcileNow(): Promise<void> {
    const { lookAtAll, loop } = this.#parts
    await orTimeout(lookAtAll().then(() => loop.idle()))
  }
}

const DROP_READERS: DropReaders = { spoofed: readSpoofed, rateLimited: readRateLimited }

function standingBy(bridge: string): ReconcileError {
  const message = `Another reconciler works on ${bridge}; nothing was flushed.`
  return new ReconcileError('LOCK_HELD', message, { remedy: 'Ask that one: leave out --socket.' })
}

async function orTimeout(work: Promise<void>): Promise<void> {
  await Promise.race([work, sleep(ANSWER_MS, undefined, { ref: false })])
}

function notConnected(failure: Failure | undefined): ReconcileError {
  const message = failure?.message ?? 'There is no connection to the switch.'
  return new ReconcileError('OVSDB_UNREACHABLE', `${message} Nothing was changed.`, {
    remedy: failure?.remedy ?? 'Try again when reconcile status shows a connection.',
  })
}
