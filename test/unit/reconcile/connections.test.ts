import { describe, expect, test } from '@jest/globals'
import type { Flow } from '../../../src/openflow/flow.js'
import { ObservedConnections } from '../../../src/reconcile/connections.js'
import type { ReactiveFlow } from '../../../src/compile/observed.js'
import { desiredReactive } from '../../../src/reconcile/planner.js'
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
const THERE_FLOW = connection(THERE)
const BACK_FLOW = connection(BACK)
const REFUSED: ReactiveFlow = { kind: 'refused', half: { ...THERE, ipDst: ip('10.1.0.99') } }
const FALLBACK: ReactiveFlow = {
  kind: 'fallback',
  fallback: { ...senderOf(THERE), prefix: { network: ip('10.1.0.0'), prefixLength: 24 } },
}

function connection(half: ConnectionHalf): ReactiveFlow {
  return { kind: 'connection', half }
}

function senderOf({ ofport, segmentationId, ethSrc, ethDst }: ConnectionHalf) {
  return { ofport, segmentationId, ethSrc, ethDst }
}

function flowsOf(...flows: readonly ReactiveFlow[]): readonly Flow[] {
  return [...desiredReactive(twoNetworks(), flows, TIMEOUTS).values()].map(({ flow }) => flow)
}

function known(...flows: readonly ReactiveFlow[]): ObservedConnections {
  const connections = new ObservedConnections()
  for (const flow of flows) connections.add(flow, 1)
  return connections
}

describe('the flows that are believed to be there', () => {
  test('are read from a dump, between all other flows', () => {
    const connections = known()
    const all = [THERE_FLOW, BACK_FLOW, REFUSED, FALLBACK]
    connections.readFrom([...modelFlows(twoNetworks()), ...flowsOf(...all)], 5)
    expect(connections.flows).toEqual(all)
    expect(all.map((flow) => connections.since(flow))).toEqual([5, 5, 5, 5])
  })

  test('keep the time when they were first seen', () => {
    const connections = known(THERE_FLOW)
    connections.readFrom(flowsOf(THERE_FLOW, BACK_FLOW), 9)
    expect([connections.since(THERE_FLOW), connections.since(BACK_FLOW)]).toEqual([1, 9])
  })

  test('are forgotten when a dump does not have them: a flow that has gone is never put back', () => {
    const connections = known(THERE_FLOW, BACK_FLOW, REFUSED, FALLBACK)
    connections.readFrom(flowsOf(BACK_FLOW), 2)
    expect(connections.flows).toEqual([BACK_FLOW])
    expect(connections.since(THERE_FLOW)).toBeUndefined()
  })

  test.each([
    ['one direction', THERE_FLOW],
    ['a refused pair', REFUSED],
    ['a fallback', FALLBACK],
  ])('lose %s alone when the switch says that its flow has gone', (_, gone) => {
    const all = [THERE_FLOW, BACK_FLOW, REFUSED, FALLBACK]
    const connections = known(...all)
    connections.removed(flowsOf(gone)[0]!)
    expect(connections.flows).toEqual(all.filter((flow) => flow !== gone))
  })

  test('lose nothing when the flow that has gone was none of them', () => {
    const connections = known(THERE_FLOW)
    for (const flow of [...modelFlows(twoNetworks()), ...flowsOf(BACK_FLOW)]) connections.removed(flow)
    connections.removed({ ...flowsOf(THERE_FLOW)[0]!, cookie: modelFlows(twoNetworks())[0]!.cookie })
    expect(connections.flows).toEqual([THERE_FLOW])
  })

  test('are counted by port and kind, however often they come and go, and one direction alone too', () => {
    const connections = known(THERE_FLOW, THERE_FLOW, BACK_FLOW, REFUSED)
    const counts = () => [
      connections.countOf('connection', 12),
      connections.countOf('connection', 11),
      connections.countOf('refused', 12),
      connections.countOf('fallback', 12),
    ]
    expect(counts()).toEqual([1, 1, 1, 0])
    connections.removed(flowsOf(THERE_FLOW)[0]!)
    connections.removed(flowsOf(THERE_FLOW)[0]!)
    expect(counts()).toEqual([0, 1, 1, 0])
    connections.readFrom(flowsOf(THERE_FLOW, FALLBACK), 2)
    expect(counts()).toEqual([1, 0, 0, 1])
  })

  test('are forgotten with their time when they are refused pairs, and never when they are others', () => {
    const connections = known(THERE_FLOW, REFUSED, FALLBACK)
    connections.expire(5_001)
    expect(connections.countOf('refused', 12)).toBe(1)
    connections.expire(5_002)
    expect(connections.flows).toEqual([THERE_FLOW, FALLBACK])
  })
})
