// The pure heart: a topology and what the switch holds in, what should be there and what to change out.
import { compileHalf, type CompileMemory, compileModel } from '../compile/compiler.js'
import { type DesiredFlows, mergeDesired } from '../compile/desired.js'
import { halvesOfFlows } from '../compile/observed.js'
import type { ConnectionTimeouts } from '../features/east-west/index.js'
import type { Flow } from '../openflow/flow.js'
import { type MeterInputs, planMeters } from '../plan/meters.js'
import { diffFlows, type Plan } from '../plan/plan.js'
import type { ConnectionHalf } from '../topology/connection.js'
import type { Topology } from '../topology/topology.js'

/** All flows that should be there: those of the model, and those of the connections that are still allowed. */
export function desiredFlows(
  topology: Topology,
  halves: readonly ConnectionHalf[],
  timeouts: ConnectionTimeouts,
  memory?: CompileMemory,
): DesiredFlows {
  const model = compileModel(topology, memory)
  if (halves.length === 0) return model
  return mergeDesired([...model.values(), ...desiredOfHalves(topology, halves, timeouts).values()])
}

/** The flows of connections alone; a half without a route has none. */
export function desiredOfHalves(
  topology: Topology,
  halves: readonly ConnectionHalf[],
  timeouts: ConnectionTimeouts,
): DesiredFlows {
  return mergeDesired(
    halves.flatMap((half) => {
      const compiled = compileHalf(topology, half, timeouts)
      return 'desired' in compiled ? [compiled.desired] : []
    }),
  )
}

/** How packets to the controller are limited, and the meters that are there for it. */
export type Metering = Pick<MeterInputs, 'limit' | 'onSwitch'>

/**
 * What a pass would change on a switch that holds these flows: connections in them are kept while they are allowed.
 * @param metering undefined: no meters are compared
 */
export function planAgainst(
  topology: Topology,
  installed: readonly Flow[],
  timeouts: ConnectionTimeouts,
  metering?: Metering,
): Plan {
  const wanted = desiredFlows(topology, halvesOfFlows(installed), timeouts)
  if (!metering) return diffFlows(wanted, installed)
  const { desired, meters } = planMeters({ desired: wanted, flows: installed, ...metering })
  return { ...diffFlows(desired, installed), meters }
}
