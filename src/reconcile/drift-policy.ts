// What to do about flows that others changed: changes that a pass would make in, those that it makes and those that it
// leaves out. A change is drift when the flow was wanted just so before; all others are somebody's wish.
import type { DesiredFlow, DesiredFlows } from '../compile/desired.js'
import { flowAttributes, flowKey } from '../openflow/flow.js'
import { type Change, flowOf } from '../plan/plan.js'
import { Contention, FIRST_PAUSE_MS } from './contention.js'

/** correct: put right; warn: say so; ignore: neither, until the desired flows change. */
export type OnDrift = 'correct' | 'warn' | 'ignore'

/** Who is told of drift. */
export interface DriftListener {
  /** @param ms from the first that was heard of it to the switch's word that all is done */
  readonly repaired: (changes: readonly Change[], ms: number) => void
  /** @param changes all that a full pass left; none: there is no drift */
  readonly left: (changes: readonly Change[]) => void
  /** Flows that were repaired again and again; they are looked at again after the pause. */
  readonly contended: (changes: readonly Change[], pauseMs: number) => void
}

export const NO_LISTENER: DriftListener = {
  repaired: () => undefined,
  left: () => undefined,
  contended: () => undefined,
}

export interface Judged {
  /** To be made, in the order in which they came. */
  readonly changes: readonly Change[]
  /** Those of them that are drift. */
  readonly drift: readonly Change[]
  /** Drift that is to stay. */
  readonly left: readonly Change[]
  /** Drift that waits, and until when. */
  readonly postponed: ReadonlyMap<string, number>
}

export class DriftPolicy {
  readonly #onDrift: OnDrift
  readonly #contention = new Contention()

  constructor(onDrift: OnDrift) {
    this.#onDrift = onDrift
  }

  /**
   * @param before what was wanted when the switch last agreed; undefined: it was never seen to, and all changes are made
   * @param desired what is wanted now; where that is not the same, drift is put right with the rest
   */
  judge(
    changes: readonly Change[],
    before: DesiredFlows | undefined,
    desired: DesiredFlows,
    now: number,
  ): Judged {
    const drift = before === desired ? changes : changes.filter((change) => isDrift(change, before, desired))
    if (this.#onDrift !== 'correct' && drift.length > 0 && before && isSame(before, desired)) {
      const kept = without(changes, new Set(drift))
      return { changes: kept, drift: [], left: drift, postponed: new Map() }
    }
    const waiting = new Map<Change, number>()
    for (const change of this.#contention.isPeace ? [] : drift) {
      const until = this.#contention.pausedUntil(keyOfChange(change), now)
      if (until !== undefined) waiting.set(change, until)
    }
    return {
      changes: without(changes, waiting),
      drift: without(drift, waiting),
      left: [],
      postponed: new Map([...waiting].map(([change, until]) => [keyOfChange(change), until])),
    }
  }

  /** Keys of flows that are fought over. */
  contended(now: number): readonly string[] {
    return this.#contention.fights(now)
  }

  /** Drift was put right. */
  repaired(drift: readonly Change[], now: number, { contended }: DriftListener): void {
    if (drift.length === 0) return
    const fights = new Set(this.#contention.repaired(drift.map(keyOfChange), now))
    if (fights.size === 0) return
    contended(
      drift.filter((change) => fights.has(keyOfChange(change))),
      FIRST_PAUSE_MS,
    )
  }
}

export function keyOfChange(change: Change): string {
  return change.kind === 'delete' ? flowKey(flowOf(change)) : change.desired.key
}

function without(changes: readonly Change[], left: { has(change: Change): boolean; size: number }) {
  return left.size === 0 ? changes : changes.filter((change) => !left.has(change))
}

function isDrift(change: Change, before: DesiredFlows | undefined, desired: DesiredFlows): boolean {
  if (!before) return false
  const key = keyOfChange(change)
  return isSameWish(before.get(key), desired.get(key))
}

/** Are the same flows wanted? */
export function isSame(before: DesiredFlows, desired: DesiredFlows): boolean {
  if (before === desired) return true
  if (before.size !== desired.size) return false
  for (const [key, wanted] of desired) if (!isSameWish(before.get(key), wanted)) return false
  return true
}

function isSameWish(a: DesiredFlow | undefined, b: DesiredFlow | undefined): boolean {
  if (!a || !b) return a === b
  if (a.flow === b.flow) return true
  return a.instructions === b.instructions && flowAttributes(a.flow) === flowAttributes(b.flow)
}
