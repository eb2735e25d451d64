import { describe, expect, test } from '@jest/globals'
import type { Flow } from '../../../src/openflow/flow.js'
import { ObservedConnections } from '../../../src/reconcile/connections.js'
import { desiredOfHalves } from '../../../src/reconcile/planner.js'
import { type ConnectionHalf, reverseOf, routeOf } from '../../../src/topology/connection.js'
import { ip, mac, twoNetworks } from '../../support/networks.js'
import { modelFlows, TIMEOUTS } from '../../support/plans.js'

const THERE: ConnectionHalf = {
  ...{ ofport: 12, segmentationId: 8003, ethSrc: mac('fa:16:3e:cf:4b:ed'), ethDst: mac('fa:16:3e:c5:02:4d') },
  ...{ ipSrc: ip('10.2.0.3'), ipDst: ip('10.1.0.3') },
}

function backOf(half: ConnectionHalf): ConnectionHalf {
  const route = routeOf(twoNetworks(), half)
  if (typeof route === 'string') throw new Error(route)
  return reverseOf(route, half)
}

const BACK = backOf(THERE)

function flowsOf(...halves: readonly ConnectionHalf[]): readonly Flow[] {
  return [...desiredOfHalves(twoNetworks(), halves, TIMEOUTS).values()].map(({ flow }) => flow)
}

describe('the connections that are believed to be there', () => {
  test('are read from a dump, between all other flows', () => {
    const connections = new ObservedConnections()
    connections.readFrom([...modelFlows(twoNetworks()), ...flowsOf(THERE, BACK)], 5)
    expect(connections.halves).toEqual([THERE, BACK])
    expect(connections.since(BACK)).toBe(5)
  })

  test('keep the time when they were first seen', () => {
    const connections = new ObservedConnections()
    connections.add([THERE], 1)
    connections.readFrom(flowsOf(THERE, BACK), 9)
    expect([connections.since(THERE), connections.since(BACK)]).toEqual([1, 9])
  })

  test('are forgotten when a dump does not have them: a flow that has gone is never put back', () => {
    const connections = new ObservedConnections()
    connections.add([THERE, BACK], 1)
    connections.readFrom(flowsOf(BACK), 2)
    expect(connections.halves).toEqual([BACK])
    expect(connections.since(THERE)).toBeUndefined()
  })

  test('lose one direction when the switch says that its flow has gone, and keep the other', () => {
    const connections = new ObservedConnections()
    connections.add([THERE, BACK], 1)
    connections.removed(flowsOf(THERE)[0]!)
    expect(connections.halves).toEqual([BACK])
  })

  test('lose nothing when the flow that has gone was none of them', () => {
    const connections = new ObservedConnections()
    connections.add([THERE], 1)
    for (const flow of [...modelFlows(twoNetworks()), ...flowsOf(BACK)]) connections.removed(flow)
    connections.removed({ ...flowsOf(THERE)[0]!, cookie: modelFlows(twoNetworks())[0]!.cookie })
    expect(connections.halves).toEqual([THERE])
  })
})
