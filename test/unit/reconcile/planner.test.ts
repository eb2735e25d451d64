import { describe, expect, test } from '@jest/globals'
import { planAgainst } from '../../../src/reconcile/planner.js'
import { flowOf } from '../../../src/plan/plan.js'
import type { ConnectionHalf } from '../../../src/topology/connection.js'
import { ip, mac, PATCH_TUN, plugged, topologyOf, TWO_NETWORKS, twoNetworks } from '../../support/networks.js'
import { desiredOfHalves, modelFlows, TIMEOUTS } from '../../support/plans.js'

const HALF: ConnectionHalf = {
  ...{ ofport: 12, segmentationId: 8003, ethSrc: mac('fa:16:3e:cf:4b:ed'), ethDst: mac('fa:16:3e:c5:02:4d') },
  ...{ ipSrc: ip('10.2.0.3'), ipDst: ip('10.1.0.3') },
}

const CONNECTION = [...desiredOfHalves(twoNetworks(), [HALF], TIMEOUTS).values()].map(({ flow }) => flow)
const INSTALLED = [...modelFlows(twoNetworks()), ...CONNECTION]

describe('a connection on the switch', () => {
  test('is kept while it is allowed', () => {
    expect(planAgainst(twoNetworks(), INSTALLED, TIMEOUTS)).toEqual({
      changes: [],
      conflicts: [],
      unchanged: 65,
    })
  })

  test('is deleted with its router', () => {
    const routerless = topologyOf(
      { ...TWO_NETWORKS, routers: [] },
      ...[plugged('tap-vm1', 11), plugged('tap-vm2', 12), PATCH_TUN],
    )
    const { changes } = planAgainst(routerless, INSTALLED, TIMEOUTS)
    expect(changes.every(({ kind }) => kind === 'delete')).toBe(true)
    expect(changes.map(flowOf)).toContainEqual(CONNECTION[0])
  })

  test('is deleted when the number of its port is now that of another', () => {
    const swapped = topologyOf(TWO_NETWORKS, plugged('tap-vm1', 12), plugged('tap-vm2', 11), PATCH_TUN)
    const { changes } = planAgainst(swapped, INSTALLED, TIMEOUTS)
    expect(changes.filter(({ kind }) => kind === 'delete').map(flowOf)).toContainEqual(CONNECTION[0])
  })

  test('gets the timeouts of the configuration, when they were changed', () => {
    const { changes } = planAgainst(twoNetworks(), INSTALLED, { ...TIMEOUTS, idleTimeout: 60 })
    expect(changes.map((change) => [change.kind, flowOf(change).idleTimeout])).toEqual([['replace', 60]])
  })

  test('that nobody has is not made up', () => {
    const { changes } = planAgainst(twoNetworks(), modelFlows(twoNetworks()), TIMEOUTS)
    expect(changes).toEqual([])
  })
})
