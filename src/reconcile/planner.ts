// The pure heart: a topology and what the switch holds in, what should be there and what to change out.
import { type CompileMemory, compileModel } from '../compile/compiler.js'
import { type DesiredFlows, mergeDesired } from '../compile/desired.js'
import { type ReactiveFlow, reactiveOfFlows } from '../compile/observed.js'
import { compileReactive } from '../compile/reactive.js'
import type { ConnectionTimeouts } from '../features/east-west/index.js'
import type { Feature } from '../pipeline/feature.js'
import type { Flow } from '../openflow/flow.js'
import { type MeterInputs, planMeters } from '../plan/meters.js'
import { diffFlows, type Plan } from '../plan/plan.js'
import type { Topology } from '../topology/topology.js'

/**
 * All flows that should be there: those of the model, and those that packets asked for and that are still right.
 * @param features those of the bridge; of the integration bridge unless given
 */
export function desiredFlows(
  topology: Topology,
  reactive: readonly ReactiveFlow[],
  timeouts: ConnectionTimeouts,
  memory?: CompileMemory,
  features?: readonly Feature[],
): DesiredFlows {
  const model = compileModel(topology, memory, features)
  if (reactive.length === 0) return model
  return mergeDesired([...model.values(), ...desiredReactive(topology, reactive, timeouts).values()])
}

/** The flows that packets asked for alone; what is no longer right has none. */
export function desiredReactive(
  topology: Topology,
  reactive: readonly ReactiveFlow[],
  timeouts: ConnectionTimeouts,
): DesiredFlows {
  return mergeDesired(reactive.flatMap((each) => compileReactive(topology, each, timeouts) ?? []))
}

/** How packets to the controller are limited, and the meters that are there for it. */
export type Metering = Pick<MeterInputs, 'limit' | 'onSwitch'>

/**
 * What a pass would change on a switch that holds these flows: connections in them are kept while they are allowed.
 * @param metering undefined: no meters are compared
 * @param features those of the bridge; of the integration bridge unless given
 */
export function planAgainst(
  topology: Topology,
  installed: readonly Flow[],
  timeouts: ConnectionTimeouts,
  metering?: Metering,
  features?: readonly Feature[],
): Plan {
  const wanted = desiredFlows(topology, reactiveOfFlows(installed), timeouts, undefined, features)
  if (!metering) return diffFlows(wanted, installed)
  const { desired, meters } = planMeters({ desired: wanted, flows: installed, ...metering })
  return { ...diffFlows(desired, installed), meters }
}
