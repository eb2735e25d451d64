import { describe, expect, test } from '@jest/globals'
import { FEATURES, TUNNEL_FEATURES } from '../../../src/features/index.js'
import type { ManifestSet, Router, StaticRoute } from '../../../src/manifest/model.js'
import { plainStore } from '../../../src/manifest/store.js'
import { objectsOf } from '../../../src/manifest/union.js'
import type { Flow } from '../../../src/openflow/flow.js'
import type { Counts, DeleteLimit } from '../../../src/plan/guard.js'
import { diffFlows, flowOf } from '../../../src/plan/plan.js'
import { holdFlows, KIND_OF_FEATURE } from '../../../src/reconcile/hold-flows.js'
import { desiredFlows } from '../../../src/reconcile/planner.js'
import type { ConnectionHalf } from '../../../src/topology/connection.js'
import {
  exampleManifests,
  flowOfText,
  flowText,
  ip,
  mac,
  manifestsOf,
  network,
  plugged,
  port,
  router,
  subnet,
  topologyOf,
  topologyOn,
  TWO_NETWORKS,
  twoNetworks,
  type PortOptions,
} from '../../support/networks.js'
import { connectionsOf, TIMEOUTS } from '../../support/plans.js'

const MACS = ['fa:16:3e:00:00:01', 'fa:16:3e:00:00:02', 'fa:16:3e:00:00:03', 'fa:16:3e:00:00:04'] as const
const vm = (n: 1 | 2 | 3 | 4, net: string, more: PortOptions = {}) =>
  port(`vm${n}`, net, {
    macAddress: MACS[n - 1]!,
    ips: { [`${net}-v4`]: `10.${net.slice(-1)}.0.1${n}` },
    interface: `tap${n}`,
    ...more,
  })
const net = (n: number) => [network(`net${n}`, 8000 + n), subnet(`net${n}-v4`, `net${n}`, `10.${n}.0.0/24`)]
const R1 = router('r1', { 'net1-v4': 'fa:16:3e:c0:8d:8b', 'net2-v4': 'fa:16:3e:c5:02:4d' })

const BEFORE = manifestsOf(
  ...net(1),
  ...net(2),
  R1,
  vm(1, 'net1'),
  vm(2, 'net1'),
  vm(3, 'net2'),
  vm(4, 'net2'),
)
const COUNTS = plainStore(BEFORE).counts
const INTERFACES = [1, 2, 3, 4].map((n) => plugged(`tap${n}`, 10 + n))

/** vm1 to vm3 and back. */
const HALVES: readonly ConnectionHalf[] = [
  {
    ofport: 11,
    segmentationId: 8001,
    ethSrc: mac(MACS[0]),
    ethDst: mac('fa:16:3e:c0:8d:8b'),
    ipSrc: ip('10.1.0.11'),
    ipDst: ip('10.2.0.13'),
  },
  {
    ofport: 13,
    segmentationId: 8002,
    ethSrc: mac(MACS[2]),
    ethDst: mac('fa:16:3e:c5:02:4d'),
    ipSrc: ip('10.2.0.13'),
    ipDst: ip('10.1.0.11'),
  },
]

const desiredOf = (manifests: ManifestSet) =>
  desiredFlows(topologyOf(manifests, ...INTERFACES), connectionsOf(HALVES), TIMEOUTS)

const INSTALLED: readonly Flow[] = [...desiredOf(BEFORE).values()].map(({ flow }) => flow)

interface Question {
  readonly installed?: readonly Flow[]
  readonly recorded?: Counts | undefined
  readonly ofports?: readonly number[]
  readonly limit?: DeleteLimit
}

/** A route of its own for every router, as the example has none. */
function routeOf({ at }: Router): StaticRoute {
  return { destination: { network: ip('192.168.7.0'), prefixLength: 24 }, nextHop: ip('10.1.0.3'), at }
}

/** What a run without memory does to the switch. */
function hold(next: ManifestSet, question: Question = {}) {
  const { installed = INSTALLED, ofports = [11, 12, 13, 14], limit } = question
  const recorded = 'recorded' in question ? question.recorded : COUNTS
  const onSwitch = { installed, recorded, ofports: new Set(ofports) }
  const { desired, held } = holdFlows(desiredOf(next), plainStore(next), onSwitch, limit)
  const { changes } = diffFlows(desired, installed)
  const texts = (kind: string) =>
    changes.filter((change) => change.kind === kind).map((change) => flowText(flowOf(change)))
  return {
    held,
    changes: changes.length,
    added: texts('add'),
    changed: texts('modify'),
    deleted: texts('delete'),
  }
}

test('every flow of an object tells its kind by its feature', () => {
  const withRoute: ManifestSet = {
    ...TWO_NETWORKS,
    routers: TWO_NETWORKS.routers.map((of) => ({ ...of, routes: [routeOf(of)] })),
  }
  const threeNodes = topologyOn(exampleManifests('three-nodes'), 'node-a', ['web-1', 'db-1'])
  const topologies = [twoNetworks(withRoute), threeNodes]
  for (const feature of [...FEATURES, ...TUNNEL_FEATURES].filter((each) => each.class === 'model')) {
    const owners = topologies.flatMap((each) => feature.slices(each).map(({ owner }) => owner?.kind))
    expect(owners.length).toBeGreaterThan(0)
    expect(new Set(owners)).toEqual(new Set([KIND_OF_FEATURE.get(feature.id)]))
  }
})

describe('an empty set', () => {
  test('touches nothing: what was there stays, connections too', () => {
    const { held, changes } = hold(manifestsOf())
    expect(changes).toBe(0)
    expect(held).toEqual({ objects: COUNTS, names: [], blocks: 'nothing' })
  })

  test('is held also where nobody noted how much there was', () => {
    const { held, changes } = hold(manifestsOf(), { recorded: undefined })
    expect([changes, held?.objects]).toEqual([0, COUNTS])
  })

  test('with a yes takes all of it away but the flows that are always there', () => {
    const { held, deleted } = hold(manifestsOf(), { limit: { percent: 100 } })
    expect(held).toBeUndefined()
    expect(deleted).toHaveLength(INSTALLED.length - desiredOf(manifestsOf()).size)
  })

  test('on a switch that has lost its flows is held by the counts, which must not be forgotten', () => {
    const { held, added, deleted } = hold(manifestsOf(), { installed: [] })
    expect(held).toMatchObject({ objects: COUNTS, blocks: 'nothing' })
    expect(deleted).toEqual([])
    expect(added.length).toBeGreaterThan(0)
  })
})

test('flows wiped from the switch are put back without asking, and ports unplugged go without asking', () => {
  const { held, added } = hold(BEFORE, { installed: [] })
  expect([held, added.length]).toEqual([undefined, INSTALLED.length])
  const unplugged = desiredFlows(topologyOf(BEFORE), [], TIMEOUTS)
  const onSwitch = { installed: INSTALLED, recorded: COUNTS, ofports: new Set<number>() }
  expect(holdFlows(unplugged, plainStore(BEFORE), onSwitch, undefined)).toEqual({
    desired: unplugged,
    held: undefined,
  })
})

test('one port of four may go; its flows and its place in the group go with it', () => {
  const { held, changed, deleted } = hold(
    manifestsOf(...net(1), ...net(2), R1, vm(1, 'net1'), vm(2, 'net1'), vm(3, 'net2')),
  )
  expect(held).toBeUndefined()
  // tagged, port, unicast; what it may send, what it may not, what it asks; and the way to it through r1
  expect(deleted).toHaveLength(3 + 7 + 1 + 1 + 1)
  expect(changed).toEqual([expect.stringContaining('actions=output:13')])
})

describe('with all ports gone', () => {
  const next = manifestsOf(...net(1), ...net(2), R1)

  test('nothing changes: groups and connections keep their ports', () => {
    const { held, changes } = hold(next)
    expect([changes, held?.objects]).toEqual([0, new Map([['Port', 4]])])
  })

  test('what is new comes, and finds the ports that stay in its group', () => {
    const more = manifestsOf(...net(1), ...net(2), R1, port('new', 'net1', { interface: 'tap5' }))
    const interfaces = [...INTERFACES, plugged('tap5', 15)]
    const desired = desiredFlows(topologyOf(more, ...interfaces), connectionsOf(HALVES), TIMEOUTS)
    const onSwitch = { installed: INSTALLED, recorded: undefined, ofports: new Set([11, 12, 13, 14, 15]) }
    const { desired: kept, held } = holdFlows(desired, plainStore(more), onSwitch, { objects: 3 })
    const { changes } = diffFlows(kept, INSTALLED)
    expect(held?.objects).toEqual(new Map([['Port', 4]]))
    expect(changes.map(({ kind }) => kind).sort()).toEqual([
      // tagged, port, unicast; what a port without addresses may send, what it may not, what it asks
      ...Array.from({ length: 3 + 5 + 1 + 1 }, () => 'add'),
      'modify',
    ])
    expect(changes.map((change) => flowText(flowOf(change)))).toContainEqual(
      expect.stringMatching(/metadata=0x1f41,.*actions=output:11,output:12,output:15$/),
    )
  })

  test('a port whose number is no longer on the bridge keeps no flow: the number may come to anybody', () => {
    const { held, changed, deleted } = hold(next, { ofports: [12, 13, 14] })
    expect(held).toBeDefined()
    // as above, and both directions of its connection
    expect(deleted).toHaveLength(13 + 2)
    expect(deleted.every((flow) => /in_port=11\b|output:11\b/.test(flow))).toBe(true)
    expect(changed).toEqual([expect.stringMatching(/metadata=0x1f41,.*actions=output:12$/)])
  })
})

test('an interface that another network claims is not left in the old one', () => {
  // vm1 to vm4 are gone; somebody else has the interface of vm1 in another network
  const next = manifestsOf(...net(1), ...net(2), ...net(3), R1, port('thief', 'net3', { interface: 'tap1' }))
  const { held, added, deleted } = hold(next, { limit: { objects: 3 } })
  expect(held?.objects).toEqual(new Map([['Port', 4]]))
  const left = INSTALLED.map(flowText).filter((flow) => !deleted.includes(flow))
  const desired = desiredOf(next)
  const elsewhere = left.filter((flow) => /output:11\b/.test(flow) && !flow.includes('metadata=0x1f43'))
  // of the group it is taken out by a change
  expect(elsewhere.filter((flow) => !flow.includes('01:00:00:00:00:00/01:00:00:00:00:00'))).toEqual([])
  expect(added).toContainEqual(expect.stringMatching(/metadata=0x1f43,.*actions=output:11$/))
  expect(desired.size).toBeGreaterThan(0)
})

test('a new network with the number of one that stays is not let in: all waits', () => {
  const next = manifestsOf(
    network('other', 8001),
    subnet('other-v4', 'other', '10.9.0.0/24'),
    port('x', 'other', { interface: 'tap3' }),
  )
  const { held, changes } = hold(next)
  expect([held?.blocks, changes]).toEqual(['everything', 0])
})

test('a network that only got another name is no deletion of its ports', () => {
  const renamed = [network('green', 8001), subnet('green-v4', 'green', '10.1.0.0/24')]
  const next = manifestsOf(
    ...renamed,
    ...net(2),
    router('r1', { 'green-v4': 'fa:16:3e:c0:8d:8b', 'net2-v4': 'fa:16:3e:c5:02:4d' }),
    vm(1, 'green', { ips: { 'green-v4': '10.1.0.11' } }),
    vm(2, 'green', { ips: { 'green-v4': '10.1.0.12' } }),
    vm(3, 'net2'),
    vm(4, 'net2'),
  )
  const { held, deleted } = hold(next)
  expect([held, deleted]).toEqual([undefined, []])
})

test('the only router keeps its flows and the connections through it', () => {
  const { held, changes } = hold(
    manifestsOf(...net(1), ...net(2), vm(1, 'net1'), vm(2, 'net1'), vm(3, 'net2'), vm(4, 'net2')),
  )
  expect([changes, held?.objects]).toEqual([0, new Map([['Router', 1]])])
})

test('counts of objects without flows count: of 100 that were noted 21 may not go', () => {
  const recorded = new Map<string, number>([...COUNTS, ['Port', 95]])
  const { held, changes } = hold(manifestsOf(...net(1), ...net(2), R1, vm(1, 'net1')), { recorded })
  expect([changes, held?.objects]).toEqual([0, new Map([['Port', 94]])])
})

test('a flow with our cookie of an object that never was is no reason to ask', () => {
  const stray = flowOfText('cookie=0xdf01430000000001, priority=1000,in_port=15 actions=drop')
  const { held, deleted } = hold(BEFORE, { installed: [...INSTALLED, stray] })
  expect([held, deleted.length]).toEqual([undefined, 1])
})

test('foreign flows are never taken for ours', () => {
  const foreign = flowOfText('cookie=0x1, table=55, priority=77 actions=output:11')
  const { held, changes } = hold(manifestsOf(), { installed: [...INSTALLED, foreign] })
  expect([held?.blocks, changes]).toEqual(['nothing', 0])
})

test('every object of the test has a flow of its own, so that nothing above is true for want of flows', () => {
  const owners = new Set(
    [...desiredOf(BEFORE).values()].flatMap(({ reasons }) =>
      reasons.flatMap(({ owner }) => (owner ? `${owner.kind} ${owner.name}` : [])),
    ),
  )
  expect(owners).toEqual(new Set(objectsOf(BEFORE).map(({ kind, name }) => `${kind} ${name}`)))
})
