// The flows that should be on the switch, each with the objects that want it.
import { type Flow, flowInstructions, flowKey } from '../openflow/flow.js'
import { buildCookie, NO_OBJECT } from '../pipeline/cookie.js'
import type { Feature, FlowOwner } from '../pipeline/feature.js'
import { buildFlow, type FlowSpec } from '../pipeline/flow.js'
import { objectHash } from '../values/hash.js'
import type { Hex } from '../values/hex.js'

/** Who wants a flow: a feature, on behalf of an object or of nobody. */
export interface FlowReason {
  readonly feature: string
  readonly owner: FlowOwner | undefined
}

export interface DesiredFlow {
  readonly flow: Flow
  /** Table, priority and match. */
  readonly key: string
  /** Canonical text of what MODIFY can change. */
  readonly instructions: string
  readonly reasons: readonly FlowReason[]
}

/** By key. */
export type DesiredFlows = ReadonlyMap<string, DesiredFlow>

type FlowMaker = Pick<Feature, 'name' | 'id' | 'class'>

export function desiredFlow(feature: FlowMaker, owner: FlowOwner | undefined, spec: FlowSpec): DesiredFlow {
  const { cookie, reasons } = claimOf(feature, owner)
  const flow = buildFlow(spec, cookie)
  return {
    flow,
    key: flowKey(flow),
    instructions: flowInstructions(flow),
    reasons,
  }
}

/** What all flows of an owner by one feature have in common. */
interface Claim {
  readonly cookie: Hex
  readonly reasons: readonly FlowReason[]
}

/** By owner and number of the feature. Owners are records of the manifests, which live as long as these do. */
const claims = new WeakMap<FlowOwner, Map<number, Claim>>()

function claimOf(feature: FlowMaker, owner: FlowOwner | undefined): Claim {
  if (!owner) return makeClaim(feature, undefined, NO_OBJECT)
  const own = claims.get(owner) ?? new Map<number, Claim>()
  const known = own.get(feature.id)
  if (known) return known
  const claim = makeClaim(feature, owner, objectHash(owner.kind, owner.name))
  claims.set(owner, own.set(feature.id, claim))
  return claim
}

function makeClaim(
  { name, id, class: cookieClass }: FlowMaker,
  owner: FlowReason['owner'],
  object: Hex,
): Claim {
  return {
    cookie: buildCookie({ class: cookieClass, feature: id, object }),
    reasons: [{ feature: name, owner }],
  }
}

/**
 * Flows by key. Two slices may want one and the same flow; it then has both reasons and the first one's cookie.
 * @throws Error when two slices want different actions under one key: a bug in the features, which it names
 */
export function mergeDesired(flows: Iterable<DesiredFlow>): DesiredFlows {
  const merged = new Map<string, DesiredFlow>()
  for (const desired of flows) {
    const known = merged.get(desired.key)
    if (known && known.instructions !== desired.instructions) throw conflict(known, desired)
    merged.set(desired.key, known ? { ...known, reasons: [...known.reasons, ...desired.reasons] } : desired)
  }
  return merged
}

function conflict(a: DesiredFlow, b: DesiredFlow): Error {
  const names = [...a.reasons, ...b.reasons].map(({ feature, owner }) =>
    owner ? `${feature} (${owner.kind} ${owner.name})` : feature,
  )
  return new Error(`${names.join(' and ')} want different actions for ${a.key}`)
}
