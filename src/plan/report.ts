// A plan with what is needed to show it: where, to which node, and whose flows.
import type { FlowReason } from '../compile/desired.js'
import { parseCookie } from '../pipeline/cookie.js'
import type { FlowOwner } from '../pipeline/feature.js'
import type { PortNames } from '../openflow/text/port-names.js'
import { objectHash } from '../values/hash.js'
import type { Hex } from '../values/hex.js'
import type { Held } from './guard.js'
import type { Change, ForeignFlow, Plan } from './plan.js'
import type { PortChange } from './ports.js'

export interface PlanReport {
  readonly bridge: string
  /** Name of the node, when there are several or one was given. */
  readonly node: string | undefined
  /** The bridge does not exist and will be made. */
  readonly createsBridge: boolean
  /** Ports that this program needs itself, as they are to be made or set right; none unless given. */
  readonly ports?: readonly PortChange[]
  /** The switch waits for its flows before it passes a packet (flow-restore-wait), and will be told that they are there. */
  readonly endsRestoreWait?: boolean
  readonly plan: Plan
  /** Deletions that wait for a yes: left out of what was applied, and in a dry run part of the plan all the same. */
  readonly held?: Held | undefined
  /** What a person should know besides: a port that is not plugged, a bridge that is not secure. */
  readonly warnings: readonly string[]
  readonly names: PortNames
  readonly origins: FlowOrigins
}

/** Tells for a cookie which feature and object it stands for. */
export interface FlowOrigins {
  readonly featureOf: (cookie: Hex) => string
  readonly ownerOf: (cookie: Hex) => FlowOwner | undefined
}

export function flowOrigins(
  features: Iterable<{ readonly id: number; readonly name: string }>,
  owners: Iterable<FlowOwner>,
): FlowOrigins {
  const featureNames = new Map([...features].map(({ id, name }) => [id, name]))
  const byHash = new Map([...owners].map((owner) => [objectHash(owner.kind, owner.name), owner]))
  return {
    featureOf: (cookie) => featureNames.get(parseCookie(cookie)?.feature ?? -1) ?? 'unknown feature',
    ownerOf: (cookie) => byHash.get(parseCookie(cookie)?.object ?? ('' as Hex)),
  }
}

/** Why a change is made. A flow that goes is known by its cookie alone: its object may no longer be in the manifests. */
export function reasonOf(change: Change, origins: FlowOrigins): FlowReason {
  if (change.kind !== 'delete')
    return change.desired.reasons[0] ?? { feature: 'unknown feature', owner: undefined }
  const { cookie } = change.installed
  return { feature: origins.featureOf(cookie), owner: origins.ownerOf(cookie) }
}

/** The first object that wants the flow whose place is taken. */
export function ownerOfConflict({ desired }: ForeignFlow): FlowOwner | undefined {
  return desired.reasons[0]?.owner
}

/** Is there anything to do, or anything in the way? */
export function hasDifferences({
  plan,
  createsBridge,
  ports = [],
  endsRestoreWait = false,
}: PlanReport): boolean {
  const conflicts = plan.conflicts.length + (plan.meters?.conflicts.length ?? 0)
  return createsBridge || ports.length > 0 || endsRestoreWait || countChanges(plan) > 0 || conflicts > 0
}

/** Of flows and meters. */
export function countChanges({ changes, meters }: Plan): number {
  return changes.length + (meters?.changes.length ?? 0)
}

export interface PlanCounts {
  readonly add: number
  readonly change: number
  readonly delete: number
  readonly unchanged: number
  readonly conflicts: number
}

export function countPlan({ changes, conflicts, unchanged }: Plan): PlanCounts {
  const count = (...kinds: readonly Change['kind'][]) =>
    changes.filter(({ kind }) => kinds.includes(kind)).length
  return {
    add: count('add'),
    change: count('modify', 'replace'),
    delete: count('delete'),
    unchanged,
    conflicts: conflicts.length,
  }
}
