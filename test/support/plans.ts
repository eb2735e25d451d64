// Plans for tests: what is installed goes in, a report for the two networks comes out.
import type { Flow } from '../../src/openflow/flow.js'
import { NO_NAMES } from '../../src/openflow/text/port-names.js'
import type { PlanReport } from '../../src/plan/report.js'
import { originsIn } from '../../src/reconcile/origins.js'
import type { DesiredFlows } from '../../src/compile/desired.js'
import type { ReactiveFlow } from '../../src/compile/observed.js'
import { desiredFlows, desiredReactive, planAgainst } from '../../src/reconcile/planner.js'
import type { ConnectionHalf } from '../../src/topology/connection.js'
import type { ConnectionTimeouts } from '../../src/features/east-west/index.js'
import type { Topology } from '../../src/topology/topology.js'
import { TWO_NETWORKS, twoNetworks } from './networks.js'

export const TIMEOUTS = { idleTimeout: 300, hardTimeout: 0 }

export const PACKET_IN_LIMIT = { rate: 200, burst: 200 }

/** All flows that a topology wants. */
export function modelFlows(topology: Topology): readonly Flow[] {
  return [...desiredFlows(topology, [], TIMEOUTS).values()].map(({ flow }) => flow)
}

export function connectionsOf(halves: readonly ConnectionHalf[]): readonly ReactiveFlow[] {
  return halves.map((half) => ({ kind: 'connection', half }))
}

/** The flows of connections alone; a half without a route has none. */
export function desiredOfHalves(
  topology: Topology,
  halves: readonly ConnectionHalf[],
  timeouts: ConnectionTimeouts = TIMEOUTS,
): DesiredFlows {
  return desiredReactive(topology, connectionsOf(halves), timeouts)
}

/** The report of a dry run of examples/two-networks on a switch with these flows. */
export function reportAgainst(installed: readonly Flow[], more: Partial<PlanReport> = {}): PlanReport {
  return {
    bridge: 'br-int',
    node: undefined,
    createsBridge: false,
    plan: planAgainst(twoNetworks(), installed, TIMEOUTS),
    warnings: [],
    names: NO_NAMES,
    origins: originsIn(TWO_NETWORKS),
    ...more,
  }
}
