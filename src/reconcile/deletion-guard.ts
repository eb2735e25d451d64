// What a pass may delete. With the set of manifests that was applied last at hand, objects are held back; without it, at
// the start of a program, flows are.
import type { DesiredFlows } from '../compile/desired.js'
import type { ManifestStore } from '../manifest/store.js'
import type { ManifestObject } from '../manifest/union.js'
import type { Flow } from '../openflow/flow.js'
import type { Counts, DeleteLimit, Held } from '../plan/guard.js'
import { type HeldFlows, holdFlows } from './hold-flows.js'
import { type HeldSet, holdObjects } from './hold-objects.js'

/** What should be there and what is there in, what is to be there and what is held back by it out. */
export type Hold = (desired: DesiredFlows, installed: readonly Flow[]) => HeldFlows

export interface Admitted {
  /** What the pass is to work by. */
  readonly store: ManifestStore
  /** Objects that stay although they are gone. */
  readonly gone: readonly ManifestObject[]
  readonly hold: Hold
}

export interface SwitchMemory {
  readonly recorded: Counts | undefined
  readonly ofports: ReadonlySet<number>
}

export class DeletionGuard {
  readonly #limit: DeleteLimit | undefined
  #applied: ManifestStore | undefined
  /** Of the last question: asked again at every sweep, it is answered with the same records. */
  #answer: { readonly next: ManifestStore; readonly heldSet: HeldSet } | undefined

  constructor(limit: DeleteLimit | undefined) {
    this.#limit = limit
  }

  admit(next: ManifestStore, { recorded, ofports }: SwitchMemory): Admitted {
    if (!this.#applied) {
      const hold: Hold = (desired, installed) =>
        holdFlows(desired, next, { installed, recorded, ofports }, this.#limit)
      return { store: next, gone: [], hold }
    }
    const { store, held, gone } = this.#ask(this.#applied, next)
    return { store, gone, hold: (desired) => ({ desired, held }) }
  }

  /** @param held flows are no memory of their objects, so as long as some are held there is none */
  applied(store: ManifestStore, held: Held | undefined): void {
    if (this.#applied || !held) this.#applied = store
  }

  #ask(applied: ManifestStore, next: ManifestStore): HeldSet {
    const known = this.#answer
    if (known?.next === next && known.heldSet.store === applied) return known.heldSet
    const heldSet = holdObjects(applied, next, this.#limit)
    this.#answer = { next, heldSet }
    return heldSet
  }
}
