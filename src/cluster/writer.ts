// Brings what etcd holds of this node to what the node wants: wishes and news of the keys in, writes out, by
// compare-and-swap and only where something differs.
import type { Ipv4 } from '../values/ipv4.js'
import {
  type Change,
  concerns,
  conflictsOf,
  contenderOf,
  hasRival,
  holdsName,
  type Identity,
  nameChangesFor,
  portChangesFor,
  sameWishes,
  takenBy,
  type Wishes,
} from './claims.js'
import type { KeyKind, KeyState } from './keys.js'
import type { Mirror } from './mirror.js'
import type { Session } from './session.js'
import { batchesOf } from './transaction.js'

export class Writer {
  readonly #self: Pick<Identity, 'node' | 'switchId'>
  readonly #mirror: Mirror
  readonly #onLearned: () => void
  #wishes: Wishes | undefined
  #session: Session | undefined
  #identity: Identity | undefined
  #writing: Promise<void> | undefined
  #again = false

  /** @param onLearned called when an answer has told something of a key */
  constructor(self: Pick<Identity, 'node' | 'switchId'>, mirror: Mirror, onLearned: () => void) {
    this.#self = self
    this.#mirror = mirror
    this.#onLearned = onLearned
  }

  /** The lease that our keys hang on. */
  get lease(): string | undefined {
    return this.#identity?.lease
  }

  /** Ports that we want and another node holds, with its name. */
  get conflicts(): ReadonlyMap<string, string> {
    return this.#wishes ? conflictsOf(this.#wishes, this.#self.node, this.#keys) : new Map<string, string>()
  }

  /** The other switch whose agent has our name, as far as we have heard. */
  get takenBy(): string | undefined {
    return takenBy(this.#self, this.#keys)
  }

  /** Another switch whose agent asks for our name. */
  get contender(): string | undefined {
    return this.takenBy === undefined ? contenderOf(this.#self, this.#keys) : undefined
  }

  /** Does another agent of our switch speak under our name? */
  get hasRival(): boolean {
    return this.#session !== undefined && this.#identity !== undefined && hasRival(this.#identity, this.#keys)
  }

  /** Writes over this connection from now on; the mirror holds its snapshot. */
  attach(session: Session, lease: string, revision: number): void {
    this.#session = session
    this.#identity = { ...this.#self, lease, inheritedUpTo: revision }
    void this.#write()
  }

  detach(): void {
    this.#session = undefined
  }

  /** Takes our name as soon as it is to be had; resolves when etcd has answered, or when there is none. */
  async takeName(tunnelIp: Ipv4 | undefined): Promise<void> {
    const wishes = { tunnelIp, ports: this.#wishes?.ports }
    const isDone = this.#identity !== undefined && holdsName(this.#identity, this.#keys)
    if (isDone && sameWishes(this.#wishes, wishes)) return
    this.#wishes = wishes
    await this.#write()
  }

  /** @returns whether these are other wishes than before */
  wish(wishes: Wishes): boolean {
    if (sameWishes(this.#wishes, wishes)) return false
    this.#wishes = { ...wishes, ports: wishes.ports && new Set(wishes.ports) }
    void this.#write()
    return true
  }

  /** To be called when keys have changed, after the mirror has taken it in. */
  follow(states: readonly KeyState[]): void {
    if (states.some((state) => concerns(this.#wishes, this.#self.node, state))) void this.#write()
  }

  readonly #keys = (kind: KeyKind) => this.#mirror.keys(kind)

  /** One round at a time; what comes meanwhile asks for another one. */
  async #write(): Promise<void> {
    this.#again = true
    this.#writing ??= this.#writeAll()
    await this.#writing
  }

  async #writeAll(): Promise<void> {
    while (this.#again) {
      this.#again = false
      await this.#writeOnce()
    }
    this.#writing = undefined
  }

  /** What is said under a name comes after the name. */
  async #writeOnce(): Promise<void> {
    const [session, identity, wishes] = [this.#session, this.#identity, this.#wishes]
    if (!session || !identity) return
    await this.#commit(session, nameChangesFor(wishes, identity, this.#keys))
    if (wishes) await this.#commit(session, portChangesFor(wishes, identity, this.#keys))
  }

  async #commit(session: Session, changes: readonly Change[]): Promise<void> {
    for (const batch of batchesOf(changes)) {
      const states = await session.commit(batch)
      if (session === this.#session) for (const state of states) this.#learn(state)
    }
  }

  #learn(state: KeyState): void {
    this.#mirror.learn(state)
    this.#onLearned()
  }
}
