// What to leave out when the switch refuses a change: all that the change's object lacks, so that no half of it is there,
// and nothing of any other. Changes and an error in, the changes to leave out with the object and the reason out. Pure.
import { halfOfFlow, isConnectionFlow } from '../compile/observed.js'
import { ReconcileError } from '../errors/error.js'
import { NO_NAMES } from '../openflow/text/port-names.js'
import { renderFlow } from '../openflow/text/print.js'
import { parseCookie } from '../pipeline/cookie.js'
import type { FlowOwner } from '../pipeline/feature.js'
import { type Change, flowOf } from '../plan/plan.js'
import type { MessageRefused } from '../switch/bundle.js'
import type { Hex } from '../values/hex.js'

/** An object whose flows the switch does not take. */
export interface RefusedObject {
  readonly owner: FlowOwner
  /** FLOW_REFUSED, with the flow, at the object's place in the manifests. */
  readonly error: ReconcileError
}

export interface Refusal {
  readonly changes: ReadonlySet<Change>
  /** Those that the changes are of, as `objectOf` has them. */
  readonly objects: ReadonlyMap<Hex, RefusedObject>
  /** Why there are flows of connections among them. */
  readonly connection: ReconcileError | undefined
}

/** OpenFlow 1.5.1, section 7.5.4.6: no more flows fit into the table. */
const TABLE_FULL = 'OFPFMFC_TABLE_FULL'

/**
 * The refused change with all others of its object. Where a table is full, no flow is worse than another: as many as have
 * no room are left out, those of connections first and then objects, the last of the bundle first; else they would be refused
 * one by one. A connection is left out with both its directions, and its packets are sent all the same.
 * @param changes of the bundle, in their order
 * @returns undefined where nothing can be left out: a flow of the pipeline itself, or an object of which flows would be
 *   changed or deleted besides: without its new flows it would be there by half
 */
export function refusalOf(changes: readonly Change[], refused: MessageRefused): Refusal | undefined {
  const { index, errorName } = refused
  const culprit = changes[index]
  if (!culprit) return undefined
  const choice = new Choice(changes)
  if (errorName === TABLE_FULL) {
    const adds = changes.filter((change) => isSameAdd(change, culprit)).toReversed()
    const lacking = adds.indexOf(culprit) + 1
    const inTurn = [...adds.filter(isConnection), ...adds.filter((change) => !isConnection(change))]
    for (const change of inTurn) if (choice.countIn(adds) < lacking) choice.leaveOut(change, refused)
    return choice.countIn(adds) < lacking ? undefined : choice
  }
  choice.leaveOut(culprit, refused)
  return choice.changes.has(culprit) ? choice : undefined
}

class Choice implements Refusal {
  readonly changes = new Set<Change>()
  readonly objects = new Map<Hex, RefusedObject>()
  connection: ReconcileError | undefined
  readonly #all: readonly Change[]
  /** Objects that would be there by half. */
  readonly #bound: ReadonlySet<Hex | undefined>

  constructor(all: readonly Change[]) {
    this.#all = all
    this.#bound = new Set(all.filter(({ kind }) => kind !== 'add').map(objectOf))
  }

  countIn(changes: readonly Change[]): number {
    return changes.filter((change) => this.changes.has(change)).length
  }

  /** With all that must not be there without it; or not, where that cannot be. */
  leaveOut(change: Change, refused: MessageRefused): void {
    if (this.changes.has(change)) return
    const [object, owner] = [objectOf(change), ownerOf(change)]
    if (isConnection(change)) {
      this.connection ??= flowRefused(change, refused, BY_HAND)
      this.#add((each) => isConnection(each) && endsOf(each) === endsOf(change))
    } else if (object !== undefined && owner && !this.#bound.has(object)) {
      this.objects.set(object, { owner, error: flowRefused(change, refused, LEFT_OUT) })
      this.#add((each) => objectOf(each) === object)
    }
  }

  #add(isPart: (change: Change) => boolean): void {
    for (const change of this.#all) if (isPart(change)) this.changes.add(change)
  }
}

function isConnection(change: Change): boolean {
  return isConnectionFlow(flowOf(change))
}

/** The same for both directions; two tenants with the same addresses may share it, which costs no more than a packet-in. */
function endsOf(change: Change): string {
  const half = halfOfFlow(flowOf(change))
  return half ? [half.ipSrc, half.ipDst].sort((a, b) => a - b).join(' ') : ''
}

/** @param remedy what became of it */
export function flowRefused(
  change: Change,
  { errorName }: MessageRefused,
  remedy = NOTHING_APPLIED,
): ReconcileError {
  const owner = ownerOf(change)
  const name = owner ? `${owner.kind} "${owner.name}"` : 'the pipeline'
  const whose = isConnection(change) ? `a connection through ${name}` : name
  return new ReconcileError(
    'FLOW_REFUSED',
    `The switch refused a flow of ${whose} with ${errorName}: ${renderFlow(flowOf(change), NO_NAMES)}`,
    { remedy: `${remedy} ${adviceFor(errorName)}`, ...(owner && { at: owner.at }) },
  )
}

/** What the flow's cookie says of its object; undefined for the flow of a connection, each of which stands alone. */
export function objectOf(change: Change): Hex | undefined {
  const cookie = parseCookie(flowOf(change).cookie)
  return cookie?.class === 'connection' ? undefined : cookie?.object
}

/** Of a flow that several objects want: the first, whose cookie it has. */
function ownerOf(change: Change): FlowOwner | undefined {
  return change.kind === 'delete' ? undefined : change.desired.reasons[0]?.owner
}

const NOTHING_APPLIED = 'Nothing was applied.'
const BY_HAND = 'Its packets go through this program one by one, which is slow.'
const LEFT_OUT = 'All flows that this object lacks were left out, and all else was applied.'

function adviceFor(errorName: string): string {
  return errorName === TABLE_FULL
    ? 'Raise the limit of this table: ovs-vsctl list Flow_Table.'
    : 'Check that the switch is Open vSwitch 2.10 or newer.'
}

function isSameAdd(change: Change, culprit: Change): boolean {
  return change.kind === 'add' && flowOf(change).tableId === flowOf(culprit).tableId
}
