// One connection to one member of etcd, from the first call to the first thing that fails: a lease, all keys, and from
// there every change. A connection that is in doubt is given up; the next one begins by reading all keys anew.
import type { Etcd3 } from 'etcd3'
import type { Change } from './claims.js'
import { clientOf } from './client.js'
import { readCredentials } from './credentials.js'
import { asClusterError, sessionEnded } from './failures.js'
import type { KeyState } from './keys.js'
import { keepAlive, takeLease } from './lease.js'
import type { EtcdAccess } from './options.js'
import { readAll, type Snapshot } from './range.js'
import { commit } from './transaction.js'
import { watchFrom } from './watch-stream.js'

export interface SessionOptions {
  readonly url: string
  readonly access: EtcdAccess
  readonly leaseSeconds: number
  /** The lease of the last connection. */
  readonly lease: string | undefined
  readonly onSnapshot: (snapshot: Snapshot, lease: string, session: Session) => void
  readonly onStates: (states: readonly KeyState[]) => void
}

export class Session {
  /** Resolves with the reason when the connection has ended, or with undefined after a plain `close()`. */
  readonly ended: Promise<Error | undefined>
  readonly #options: SessionOptions
  readonly #etcd: Etcd3
  #settle: (reason: Error | undefined) => void = () => undefined
  #open = true
  #lease: string | undefined
  readonly #clean: (() => void)[] = []

  private constructor(options: SessionOptions, etcd: Etcd3) {
    this.#options = options
    this.#etcd = etcd
    this.ended = new Promise((resolve) => (this.#settle = resolve))
    this.#clean.push(() => etcd.close())
  }

  /** @throws ReconcileError PATH_UNREADABLE, INVALID_CONFIG, ETCD_PACKAGE_MISSING */
  static async open(options: SessionOptions): Promise<Session> {
    const session = new Session(options, await clientOf(options.url, await readCredentials(options.access)))
    void session.#start()
    return session
  }

  /**
   * @param changes of different keys, no more than `batchesOf` gives
   * @returns what etcd then held of the keys, where it told; nothing when the connection has ended
   */
  async commit(changes: readonly Change[]): Promise<readonly KeyState[]> {
    if (!this.#open || this.#lease === undefined) return []
    try {
      return await commit(this.#etcd, this.#options.access.prefix, this.#lease, changes)
    } catch (error) {
      this.close(asClusterError(this.#options.url, error))
      return []
    }
  }

  /** The first call gives the reason, later ones do nothing. */
  close(reason?: Error): void {
    if (!this.#open) return
    this.#open = false
    for (const clean of this.#clean.splice(0).reverse()) clean()
    this.#settle(reason)
  }

  async #start(): Promise<void> {
    const { access, leaseSeconds, url, onSnapshot, onStates } = this.#options
    const onEnd = (why: string | Error): void => this.close(sessionEnded(url, why))
    try {
      const lease = await takeLease(this.#etcd, leaseSeconds, this.#options.lease)
      this.#lease = lease
      this.#keep(await keepAlive(this.#etcd, lease, leaseSeconds, { onEnd }))
      const snapshot = await readAll(this.#etcd, access.prefix)
      if (!this.#open) return
      onSnapshot(snapshot, lease, this)
      const states = (changed: readonly KeyState[]): void => {
        if (this.#open) onStates(changed)
      }
      this.#keep(
        await watchFrom(this.#etcd, access.prefix, snapshot.revision + 1, { onEnd, onStates: states }),
      )
    } catch (error) {
      this.close(asClusterError(url, error))
    }
  }

  #keep(clean: () => void): void {
    if (this.#open) this.#clean.push(clean)
    else clean()
  }
}
