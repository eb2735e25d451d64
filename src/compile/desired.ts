// The flows that should be on the switch, each with the objects that want it.
import { type Flow, flowAttributes, flowInstructions, flowKey } from '../openflow/flow.js'
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
  /** Canonical text of what MODIFY can change, and of what only ADD can. */
  readonly instructions: string
  readonly attributes: string
  readonly reasons: readonly FlowReason[]
}

/** By key. */
export type DesiredFlows = ReadonlyMap<string, DesiredFlow>

type FlowMaker = Pick<Feature, 'name' | 'id' | 'class'>

export function desiredFlow(feature: FlowMaker, owner: FlowOwner | undefined, spec: FlowSpec): DesiredFlow {
  const object = owner ? hashOf(owner) : NO_OBJECT
  const flow = buildFlow(spec, buildCookie({ class: feature.class, feature: feature.id, object }))
  return {
    flow,
    key: flowKey(flow),
    instructions: flowInstructions(flow),
    attributes: flowAttributes(flow),
    reasons: [{ feature: feature.name, owner }],
  }
}

/** Owners are records of the manifests, which live as long as these do. */
const hashes = new WeakMap<FlowOwner, Hex>()

function hashOf(owner: FlowOwner): Hex {
  const known = hashes.get(owner)
  if (known !== undefined) return known
  const hash = objectHash(owner.kind, owner.name)
  hashes.set(owner, hash)
  return hash
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
