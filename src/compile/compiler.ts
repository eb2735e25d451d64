// From a topology to the flows that should be on the switch. Everything is asked again at every pass, but a slice whose
// facts are the same as last time keeps its flows: what is remembered can only save work, never change the answer.
import { FEATURES } from '../features/index.js'
import type { Fact, Facts, Feature, Slice } from '../pipeline/feature.js'
import type { Topology } from '../topology/topology.js'
import { type DesiredFlow, type DesiredFlows, desiredFlow, mergeDesired } from './desired.js'

interface Remembered {
  readonly slice: Slice
  readonly flows: readonly DesiredFlow[]
}

/** By feature and slice key. */
export type CompileMemory = Map<string, Remembered>

/**
 * All flows of the model: what the manifests and the plugged interfaces alone ask for.
 * @param memory what an earlier call left; it is brought up to date. An empty one gives the same answer, more slowly.
 * @param features those of the bridge; of the integration bridge unless given
 */
export function compileModel(
  topology: Topology,
  memory: CompileMemory = new Map(),
  features: readonly Feature[] = FEATURES,
): DesiredFlows {
  const seen = new Set<string>()
  const flows = features.flatMap((feature) =>
    feature.slices(topology).flatMap((slice) => {
      const key = `${feature.name}/${slice.key}`
      seen.add(key)
      return flowsOfSlice(memory, key, feature, slice)
    }),
  )
  for (const key of memory.keys()) if (!seen.has(key)) memory.delete(key)
  return mergeDesired(flows)
}

function flowsOfSlice(
  memory: CompileMemory,
  key: string,
  feature: Feature,
  slice: Slice,
): readonly DesiredFlow[] {
  const known = memory.get(key)
  if (known && sameSlice(known.slice, slice)) return known.flows
  const flows = feature.flows(slice.facts).map((spec) => desiredFlow(feature, slice.owner, spec))
  memory.set(key, { slice, flows })
  return flows
}

/** The owner counts too: its place in the files is shown with the flow. */
function sameSlice(a: Slice, b: Slice): boolean {
  return sameFacts(a.facts, b.facts) && a.owner?.at === b.owner?.at && a.owner?.name === b.owner?.name
}

function sameFacts(a: Facts, b: Facts): boolean {
  const keys = Object.keys(a)
  return keys.length === Object.keys(b).length && keys.every((key) => sameFact(a[key], b[key]))
}

function sameFact(a: Fact, b: Fact): boolean {
  if (!Array.isArray(a) || !Array.isArray(b)) return a === b
  return a.length === b.length && a.every((item, i) => item === b[i])
}
