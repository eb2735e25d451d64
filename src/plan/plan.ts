// What would change on the switch: a value that can be printed, counted and applied.
import type { DesiredFlow, DesiredFlows } from '../compile/desired.js'
import { type Flow, flowAttributes, flowInstructions, flowKey } from '../openflow/flow.js'
import { isOurs } from '../pipeline/cookie.js'
import type { MeterPlan } from './meters.js'

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

/** Flows as they are on a switch, by key. */
export type FlowsByKey = ReadonlyMap<string, Flow>

export interface Plan {
  /** In the order in which they are applied. */
  readonly changes: readonly Change[]
  readonly conflicts: readonly ForeignFlow[]
  /** Flows of ours that are as they should be. */
  readonly unchanged: number
  /** Undefined: no meters were compared. */
  readonly meters?: MeterPlan
}

/** @param installed all flows of the bridge, foreign ones included */
export function diffFlows(desired: DesiredFlows, installed: readonly Flow[]): Plan {
  return diffTables(desired, new Map(installed.map((flow) => [flowKey(flow), flow])))
}

/** @param installed by key */
export function diffTables(desired: DesiredFlows, installed: FlowsByKey): Plan {
  const gone = [...installed.keys()].filter((key) => !desired.has(key))
  return diffKeys([...desired.keys(), ...gone], desired, installed)
}

/** The same for some keys alone. */
export function diffKeys(keys: Iterable<string>, desired: DesiredFlows, installed: FlowsByKey): Plan {
  const changes: Change[] = []
  const conflicts: ForeignFlow[] = []
  let unchanged = 0
  for (const key of keys) {
    const [wanted, present] = [desired.get(key), installed.get(key)]
    const isForeign = present && !isOurs(present.cookie)
    const change = isForeign ? undefined : compare(wanted, present)
    if (change) changes.push(change)
    else if (wanted && isForeign) conflicts.push({ desired: wanted, installed: present })
    else if (wanted) unchanged++
  }
  return { changes: inOrder(changes), conflicts, unchanged }
}

/** The same plan, but that foreign flows which do just what ours should are taken over: each is replaced by ours. */
export function adoptFlows(plan: Plan): Plan {
  const alike = plan.conflicts.filter((conflict) => doesTheSame(conflict))
  if (alike.length === 0) return plan
  const replacements = alike.map((conflict): Change => ({ kind: 'replace', ...conflict }))
  return {
    ...plan,
    changes: inOrder([...plan.changes, ...replacements]),
    conflicts: plan.conflicts.filter((conflict) => !doesTheSame(conflict)),
  }
}

function doesTheSame({ desired, installed }: ForeignFlow): boolean {
  return flowInstructions(installed) === desired.instructions
}

/** What has to be done to a flow of ours; undefined: nothing. */
function compare(desired: DesiredFlow | undefined, installed: Flow | undefined): Change | undefined {
  if (!desired) return installed && { kind: 'delete', installed }
  if (!installed) return { kind: 'add', desired }
  if (installed === desired.flow) return undefined
  if (flowAttributes(installed) !== flowAttributes(desired.flow))
    return { kind: 'replace', desired, installed }
  return flowInstructions(installed) === desired.instructions
    ? undefined
    : { kind: 'modify', desired, installed }
}

export function flowOf(change: Change): Flow {
  return change.kind === 'delete' ? change.installed : change.desired.flow
}

/**
 * What is added comes first and from the last table to the first, what goes comes last and from the first table on: were
 * a bundle not atomic, no packet would meet a jump to flows that are not there. There are few places in this order, and
 * may be a hundred thousand changes.
 */
function inOrder(changes: readonly Change[]): readonly Change[] {
  const places = new Map<number, Change[]>()
  for (const change of changes) {
    const place = placeOf(change)
    const there = places.get(place)
    if (there) there.push(change)
    else places.set(place, [change])
  }
  return [...places].sort(([a], [b]) => a - b).flatMap(([, there]) => there)
}

const PRIORITIES = 0x10000
const TABLES = 0x100

function placeOf(change: Change): number {
  const { tableId, priority } = flowOf(change)
  const table = change.kind === 'delete' ? TABLES + tableId : TABLES - 1 - tableId
  return table * PRIORITIES + (PRIORITIES - 1 - priority)
}
