// What is not on the switch as it was wanted, from pass to pass: what a pass found in, what is still so out. Pure.
import type { ForeignFlow } from '../plan/plan.js'
import type { Outstanding } from '../status/knowledge.js'
import { keyOfChange } from './drift-policy.js'

/**
 * @param before what was outstanding before the pass
 * @param looked the keys that the pass looked at; undefined: all
 * @param found what it found
 * @returns the same record where there is nothing, as there was nothing before
 */
export function stillOutstanding(
  before: Outstanding,
  looked: ReadonlySet<string> | undefined,
  found: Outstanding,
): Outstanding {
  if (isNothing(before) && isNothing(found)) return before
  if (!looked) return found
  return {
    conflicts: [...before.conflicts.filter((conflict) => !looked.has(keyOf(conflict))), ...found.conflicts],
    left: [...before.left.filter((change) => !looked.has(keyOfChange(change))), ...found.left],
  }
}

function isNothing({ conflicts, left }: Outstanding): boolean {
  return conflicts.length + left.length === 0
}

function keyOf({ desired }: ForeignFlow): string {
  return desired.key
}
