// Brings what etcd holds of this node to what the node wants: wishes and news of the keys in, writes out, by
// compare-and-swap and only where something differs.
import {
  changesFor,
  concerns,
  conflictsOf,
  hasRival,
  type Identity,
  sameWishes,
  type Wishes,
} from './claims.js'
import type { KeyKind, KeyState } from './keys.js'
import type { Mirror } from './mirror.js'
import type { Session } from './session.js'

/** At a time. */
const WRITES = 16

export class Writer {
  readonly #node: string
  readonly #mirror: Mirror
  readonly #onLearned: () => void
  #wishes: Wishes | undefined
  #session: Session | undefined
  #identity: Identity | undefined
  #writing = false
  #again = false

  /** @param onLearned called when an answer has told something of a key */
  constructor(node: string, mirror: Mirror, onLearned: () => void) {
    this.#node = node
    this.#mirror = mirror
    this.#onLearned = onLearned
  }

  /** The lease that our keys hang on. */
  get lease(): string | undefined {
    return this.#identity?.lease
  }

  /** Ports that we want and another node holds, with its name. */
  get conflicts(): ReadonlyMap<string, string> {
    return this.#wishes ? conflictsOf(this.#wishes, this.#node, this.#keys) : new Map<string, string>()
  }

  /** Does another agent speak under our name? */
  get hasRival(): boolean {
    return this.#session !== undefined && this.#identity !== undefined && hasRival(this.#identity, this.#keys)
  }

  /** Writes over this connection from now on; the mirror holds its snapshot. */
  attach(session: Session, lease: string, revision: number): void {
    this.#session = session
    this.#identity = { node: this.#node, lease, inheritedUpTo: revision }
    void this.#write()
  }

  detach(): void {
    this.#session = undefined
  }

  /** @returns whether these are other wishes than before */
  wish(wishes: Wishes): boolean {
    if (sameWishes(this.#wishes, wishes)) return false
    this.#wishes = { ...wishes, ports: new Set(wishes.ports) }
    void this.#write()
    return true
  }

  /** To be called when keys have changed, after the mirror has taken it in. */
  follow(states: readonly KeyState[]): void {
    const wishes = this.#wishes
    if (wishes && states.some((state) => concerns(wishes, this.#node, state))) void this.#write()
  }

  readonly #keys = (kind: KeyKind) => this.#mirror.keys(kind)

  /** One round at a time; what comes meanwhile asks for another one. */
  async #write(): Promise<void> {
    this.#again = true
    if (this.#writing) return
    this.#writing = true
    while (this.#again) {
      this.#again = false
      await this.#writeOnce()
    }
    this.#writing = false
  }

  async #writeOnce(): Promise<void> {
    const [session, identity, wishes] = [this.#session, this.#identity, this.#wishes]
    if (!session || !identity || !wishes) return
    const changes = changesFor(wishes, identity, this.#keys).values()
    const writeRest = async (): Promise<void> => {
      for (const change of changes) {
        const state = await session.commit(change)
        if (state && session === this.#session) this.#learn(state)
      }
    }
    await Promise.all(Array.from({ length: WRITES }, writeRest))
  }

  #learn(state: KeyState): void {
    this.#mirror.learn(state)
    this.#onLearned()
  }
}
