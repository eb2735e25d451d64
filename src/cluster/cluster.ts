// A node's part in the cluster: it tells what it has bound and sees what the others have, over one connection at a time
// to some member of etcd. While there is none, what was last seen stays.
import { setTimeout as sleep } from 'node:timers/promises'
import type { ReconcileError } from '../errors/error.js'
import type { ClusterView } from '../topology/cluster-view.js'
import type { Ipv4 } from '../values/ipv4.js'
import { pauseMs } from './backoff.js'
import type { AllWishes } from './claims.js'
import { loadEtcd3 } from './client.js'
import { coalesce } from './coalesce.js'
import { readCredentials } from './credentials.js'
import { asClusterError, nodeNameTaken } from './failures.js'
import type { KeyState } from './keys.js'
import { Mirror } from './mirror.js'
import { type ClusterOptions, LEASE_SECONDS } from './options.js'
import type { Snapshot } from './range.js'
import { Session } from './session.js'
import { Writer } from './writer.js'

export interface ClusterState {
  readonly connected: boolean
  /** When `connected` became what it is. */
  readonly since: Date
  /**
   * Have we been connected for as long as a lease? All leases may have run out while all agents were away, as in an upgrade:
   * before, who is not heard of may just be about to speak.
   */
  readonly isSettled: boolean
  /** Why there is no connection, or what is wrong although there is one. */
  readonly error?: ReconcileError
  /** Ports that this node wants and another one holds, with its name. */
  readonly conflicts: ReadonlyMap<string, string>
  /** Another switch has our name, as `error` says: nothing is to be done under it. */
  readonly isTaken: boolean
  /** Another switch whose agent asks for our name. */
  readonly contender?: string | undefined
}

export interface Cluster {
  /** What the nodes have said: the same object until it changes. */
  readonly view: ClusterView
  readonly state: ClusterState
  /**
   * Takes the name of the node, or goes on to ask for it as long as `isTaken`. Resolves when etcd has answered, or when there
   * is none. Never throws.
   */
  takeName(tunnelIp: Ipv4 | undefined): Promise<void>
  /** What this node has to say from now on, in whole; nothing is said before the first call. Never throws. */
  publish(wishes: AllWishes): void
  /** Ends the connection. What was published stays until the lease runs out, so that a restart is not noticed. */
  close(): Promise<void>
}

const CHANGE_SPAN_MS = 10

/**
 * Resolves when the keys have been read, or when no member could be reached at the first try of each: attempts then go
 * on in the background for as long as it takes.
 * @throws ReconcileError ETCD_PACKAGE_MISSING; PATH_UNREADABLE and INVALID_CONFIG for the files of the options
 */
export async function openCluster(options: ClusterOptions): Promise<Cluster> {
  await loadEtcd3()
  await readCredentials(options)
  const cluster = new EtcdCluster(options)
  await cluster.firstTry
  return cluster
}

class EtcdCluster implements Cluster {
  readonly firstTry: Promise<void>
  readonly #options: ClusterOptions
  readonly #leaseSeconds: number
  readonly #mirror = new Mirror()
  readonly #changed: ReturnType<typeof coalesce>
  readonly #writer: Writer
  readonly #closed = new AbortController()
  readonly #running: Promise<void>
  #tried: () => void = () => undefined
  #session: Session | undefined
  #forgetting: NodeJS.Timeout | undefined
  #connected = false
  #isSettled = false
  #since = new Date()
  #error: ReconcileError | undefined
  /** What our user knows: as it was at the end of the first try, or when `onChange` was last called. */
  #told: { readonly view: ClusterView; readonly state: ClusterState } | undefined

  constructor(options: ClusterOptions) {
    this.#options = options
    this.#leaseSeconds = options.leaseSeconds ?? LEASE_SECONDS
    this.#changed = coalesce(CHANGE_SPAN_MS, () => this.#notify())
    this.#writer = new Writer(options, this.#mirror, this.#changed.soon)
    this.firstTry = new Promise((resolve) => (this.#tried = resolve))
    this.#running = this.#run()
  }

  get view(): ClusterView {
    return this.#mirror.view
  }

  get state(): ClusterState {
    const { hasRival, takenBy, contender, conflicts } = this.#writer
    const isTaken = takenBy !== undefined
    const error = hasRival || isTaken ? nodeNameTaken(this.#options.node, takenBy) : this.#error
    const [connected, since, isSettled] = [this.#connected, this.#since, this.#isSettled]
    return { connected, since, isSettled, ...(error && { error }), conflicts, isTaken, contender }
  }

  async takeName(tunnelIp: Ipv4 | undefined): Promise<void> {
    await this.#writer.takeName(tunnelIp)
    this.#changed.soon()
  }

  publish(wishes: AllWishes): void {
    if (this.#writer.wish(wishes)) this.#changed.soon()
  }

  async close(): Promise<void> {
    this.#closed.abort()
    this.#session?.close()
    await this.#running
    this.#changed.stop()
    clearTimeout(this.#forgetting)
  }

  /** One connection after the other, member after member, from a random one on: that spreads the nodes. */
  async #run(): Promise<void> {
    const { urls } = this.#options
    const { signal } = this.#closed
    const first = Math.floor(Math.random() * urls.length)
    for (let attempt = 0, failures = 0; !signal.aborted; attempt++) {
      const began = Date.now()
      this.#end(await this.#attempt(urls[(first + attempt) % urls.length] ?? ''))
      // One that was of use is no failure, one that ended as soon as it began is.
      failures = Date.now() - began > this.#leaseSeconds * 1000 ? 1 : failures + 1
      if (attempt + 1 >= urls.length) this.#firstTryEnds()
      await sleep(pauseMs(failures), undefined, { signal }).catch(() => undefined)
    }
  }

  /** @returns why the connection ended or could not be made */
  async #attempt(url: string): Promise<ReconcileError | undefined> {
    try {
      this.#session = await Session.open({
        url,
        access: this.#options,
        leaseSeconds: this.#leaseSeconds,
        lease: this.#writer.lease,
        onSnapshot: (snapshot, lease, session) => this.#begin(snapshot, lease, session),
        onStates: (states) => this.#follow(states),
      })
      if (this.#closed.signal.aborted) this.#session.close()
      const reason = await this.#session.ended
      return reason && asClusterError(url, reason)
    } catch (error) {
      return asClusterError(url, error)
    }
  }

  #begin({ states, revision }: Snapshot, lease: string, session: Session): void {
    this.#mirror.replace(states, revision)
    clearTimeout(this.#forgetting)
    this.#forgetting = setTimeout(() => {
      this.#mirror.forget()
      this.#isSettled = true
      this.#changed.soon()
    }, this.#leaseSeconds * 1000)
    this.#setConnected(true, undefined)
    this.#firstTryEnds()
    this.#writer.attach(session, lease, revision)
  }

  #follow(states: readonly KeyState[]): void {
    this.#mirror.follow(states)
    this.#changed.soon()
    this.#writer.follow(states)
  }

  #end(error: ReconcileError | undefined): void {
    this.#session = undefined
    this.#writer.detach()
    clearTimeout(this.#forgetting)
    this.#setConnected(false, error)
  }

  #setConnected(connected: boolean, error: ReconcileError | undefined): void {
    if (connected !== this.#connected) this.#since = new Date()
    this.#connected = connected
    this.#error = error
    this.#changed.soon()
  }

  #firstTryEnds(): void {
    this.#told ??= { view: this.view, state: this.state }
    this.#tried()
  }

  #notify(): void {
    if (!this.#told) return
    const [view, state] = [this.view, this.state]
    const same = this.#told.view === view && sameState(this.#told.state, state)
    this.#told = { view, state }
    if (!same) this.#options.onChange()
  }
}

function sameState(one: ClusterState, other: ClusterState): boolean {
  const [before, after] = [one.conflicts, other.conflicts]
  return (
    one.connected === other.connected &&
    one.isSettled === other.isSettled &&
    one.error?.code === other.error?.code &&
    one.contender === other.contender &&
    before.size === after.size &&
    [...after].every(([port, node]) => before.get(port) === node)
  )
}
