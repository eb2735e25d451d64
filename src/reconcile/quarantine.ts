// Objects whose flows the switch refused: they wait, and nobody else does. Refusals and the changes of passes in, changes
// that may be tried out. It has a memory and no clock; times are milliseconds of the caller's.
import { flowAttributes } from '../openflow/flow.js'
import { NO_OBJECT } from '../pipeline/cookie.js'
import type { Change } from '../plan/plan.js'
import type { Hex } from '../values/hex.js'
import { keyOfChange } from './drift-policy.js'
import { objectOf, type RefusedObject, type Refusal } from './refusal.js'

/** An object is tried again when other flows are wanted for it, or after this pause, doubled each time up to the limit. */
const FIRST_PAUSE_MS = 60_000
const LAST_PAUSE_MS = 600_000

interface Waiting {
  readonly refused: RefusedObject
  /** The flows that were left out, by key. */
  readonly wanted: ReadonlyMap<string, string>
  readonly pauseMs: number
  readonly until: number
}

export class Quarantine {
  /** By object, as the cookies of its flows have it. */
  readonly #waiting = new Map<Hex, Waiting>()

  get objects(): readonly RefusedObject[] {
    return [...this.#waiting.values()].map(({ refused }) => refused)
  }

  /** The changes without those of objects that wait, and for which nothing new is wanted. */
  admit(changes: readonly Change[], now: number): readonly Change[] {
    if (this.#waiting.size === 0) return changes
    const waits = new Set(this.#waiting.keys())
    for (const change of changes) {
      const object = objectOf(change)
      const waiting = object === undefined ? undefined : this.#waiting.get(object)
      if (object === undefined || !waiting) continue
      const isNew = waiting.wanted.get(keyOfChange(change)) !== contentOf(change)
      if (isNew || waiting.until <= now) waits.delete(object)
    }
    return changes.filter((change) => !waits.has(objectOf(change) ?? NO_OBJECT))
  }

  /**
   * After a full pass.
   * @param changes all that were to be made, with those that wait: an object without any is as it should be, or gone
   */
  settle(changes: readonly Change[], made: readonly Change[]): void {
    if (this.#waiting.size === 0) return
    const lacking = new Set(changes.map(objectOf))
    const mended = new Set(made.map(objectOf))
    for (const object of this.#waiting.keys()) {
      if (!lacking.has(object) || mended.has(object)) this.#waiting.delete(object)
    }
  }

  add({ changes, objects }: Refusal, now: number): void {
    for (const [object, refused] of objects) {
      const before = this.#waiting.get(object)
      const pauseMs = before ? Math.min(before.pauseMs * 2, LAST_PAUSE_MS) : FIRST_PAUSE_MS
      const own = [...changes].filter((change) => objectOf(change) === object)
      const wanted = new Map(own.map((change) => [keyOfChange(change), contentOf(change)]))
      this.#waiting.set(object, { refused, wanted, pauseMs, until: now + pauseMs })
    }
  }
}

function contentOf(change: Change): string {
  if (change.kind === 'delete') return change.kind
  return `${change.kind} ${flowAttributes(change.desired.flow)} ${change.desired.instructions}`
}
