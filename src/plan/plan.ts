// What would change on the switch: a value that can be printed, counted and applied.
import type { DesiredFlow, DesiredFlows } from '../compile/desired.js'
import { type Flow, flowAttributes, flowInstructions, flowKey } from '../openflow/flow.js'
import { isOurs } from '../pipeline/cookie.js'

/**
 * - add: the switch has no such flow
 * - modify: only the instructions differ (MODIFY_STRICT: counters and duration go on)
 * - replace: cookie, timeouts or flags differ, which only a new ADD can change
 * - delete: ours, and no longer wanted
 */
export type Change =
  | { readonly kind: 'add'; readonly desired: DesiredFlow }
  | { readonly kind: 'modify' | 'replace'; readonly desired: DesiredFlow; readonly installed: Flow }
  | { readonly kind: 'delete'; readonly installed: Flow }

/** Somebody else's flow stands where ours should be. It is left alone, and ours is not installed. */
export interface ForeignFlow {
  readonly desired: DesiredFlow
  readonly installed: Flow
}

export interface Plan {
  /** In the order in which they are applied. */
  readonly changes: readonly Change[]
  readonly conflicts: readonly ForeignFlow[]
  /** Flows of ours that are as they should be. */
  readonly unchanged: number
}

/** @param installed all flows of the bridge, foreign ones included */
export function diffFlows(desired: DesiredFlows, installed: readonly Flow[]): Plan {
  const byKey = new Map(installed.map((flow) => [flowKey(flow), flow]))
  const changes: Change[] = []
  const conflicts: ForeignFlow[] = []
  for (const wanted of desired.values()) {
    const present = byKey.get(wanted.key)
    if (present && !isOurs(present.cookie)) conflicts.push({ desired: wanted, installed: present })
    else changes.push(...compare(wanted, present))
  }
  const kept = desired.size - changes.length - conflicts.length
  for (const [key, flow] of byKey) {
    if (isOurs(flow.cookie) && !desired.has(key)) changes.push({ kind: 'delete', installed: flow })
  }
  return { changes: changes.sort(inOrder), conflicts, unchanged: kept }
}

function compare(desired: DesiredFlow, installed: Flow | undefined): readonly Change[] {
  if (!installed) return [{ kind: 'add', desired }]
  if (flowAttributes(installed) !== desired.attributes) return [{ kind: 'replace', desired, installed }]
  return flowInstructions(installed) === desired.instructions ? [] : [{ kind: 'modify', desired, installed }]
}

export function flowOf(change: Change): Flow {
  return change.kind === 'delete' ? change.installed : change.desired.flow
}

/**
 * What is added comes first and from the last table to the first, what goes comes last and from the first table on: were
 * a bundle not atomic, no packet would meet a jump to flows that are not there.
 */
function inOrder(a: Change, b: Change): number {
  const [aDeletes, bDeletes] = [a.kind === 'delete', b.kind === 'delete']
  if (aDeletes !== bDeletes) return aDeletes ? 1 : -1
  const byTable = flowOf(a).tableId - flowOf(b).tableId
  return (aDeletes ? byTable : -byTable) || flowOf(b).priority - flowOf(a).priority
}
