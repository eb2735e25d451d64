// What to leave out when the switch refuses a change: all that the change's object lacks, so that no half of it is there,
// and nothing of any other. Changes and an error in, the changes to leave out with the object and the reason out. Pure.
import { ReconcileError } from '../errors/error.js'
import { NO_NAMES } from '../openflow/text/port-names.js'
import { renderFlow } from '../openflow/text/print.js'
import { NO_OBJECT, parseCookie } from '../pipeline/cookie.js'
import type { FlowOwner } from '../pipeline/feature.js'
import { type Change, flowOf } from '../plan/plan.js'
import type { BundleRefused } from '../switch/bundle.js'
import type { Hex } from '../values/hex.js'

/** An object whose flows the switch does not take. */
export interface RefusedObject {
  readonly owner: FlowOwner
  /** FLOW_REFUSED, with the flow, at the object's place in the manifests. */
  readonly error: ReconcileError
}

export interface Refusal {
  readonly changes: ReadonlySet<Change>
  /** Those that the changes are of, as `objectOf` has them; none for the flow of a connection. */
  readonly objects: ReadonlyMap<Hex, RefusedObject>
}

/** OpenFlow 1.5.1, section 7.5.4.6: no more flows fit into the table. */
const TABLE_FULL = 'OFPFMFC_TABLE_FULL'

/**
 * The refused change with all others of its object. Where a table is full, also the objects whose flows were to follow into
 * it: they would be refused one by one. The flow of a connection is left out alone; its packets are sent all the same.
 * @param changes of the bundle, in their order
 * @returns undefined where nothing can be left out: a flow of the pipeline itself, or an object of which flows would be
 *   changed or deleted besides: without its new flows it would be there by half
 */
export function refusalOf(changes: readonly Change[], refused: BundleRefused): Refusal | undefined {
  const { index, errorName } = refused
  const culprit = changes[index]
  if (!culprit) return undefined
  const culprits =
    errorName === TABLE_FULL ? changes.slice(index).filter((change) => isSameAdd(change, culprit)) : [culprit]
  const objects = new Map<Hex, RefusedObject>()
  for (const change of culprits) {
    const [object, owner] = [objectOf(change), ownerOf(change)]
    if (object === undefined) continue
    if (!owner) return undefined
    if (!objects.has(object)) objects.set(object, { owner, error: flowRefused(change, refused, LEFT_OUT) })
  }
  const ofObjects = changes.filter((change) => objects.has(objectOf(change) ?? NO_OBJECT))
  if (ofObjects.some(({ kind }) => kind !== 'add')) return undefined
  const connections = culprits.filter((change) => objectOf(change) === undefined)
  return { changes: new Set([...connections, ...ofObjects]), objects }
}

/** @param remedy what became of it */
export function flowRefused(
  change: Change,
  { errorName }: BundleRefused,
  remedy = NOTHING_APPLIED,
): ReconcileError {
  const owner = ownerOf(change)
  const whose = owner ? `${owner.kind} "${owner.name}"` : 'the pipeline'
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
const LEFT_OUT = 'All flows that this object lacks were left out, and all else was applied.'

function adviceFor(errorName: string): string {
  return errorName === TABLE_FULL
    ? 'Raise the limit of this table: ovs-vsctl list Flow_Table.'
    : 'Check that the switch is Open vSwitch 2.10 or newer.'
}

function isSameAdd(change: Change, culprit: Change): boolean {
  return change.kind === 'add' && flowOf(change).tableId === flowOf(culprit).tableId
}
