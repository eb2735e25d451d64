import { describe, expect, test } from '@jest/globals'
import { compileRoute } from '../../../src/compile/reactive.js'
import { connectionFlow, eastWest, routeActions } from '../../../src/features/east-west/index.js'
import { NO_NAMES } from '../../../src/openflow/text/port-names.js'
import { renderAction } from '../../../src/openflow/text/print-actions.js'
import { buildFlow } from '../../../src/pipeline/flow.js'
import { type ConnectionHalf, type Route, routeOf } from '../../../src/topology/connection.js'
import type { Topology } from '../../../src/topology/topology.js'
import { zeroHex } from '../../../src/values/hex.js'
import {
  flowsOfFeature,
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
  twoNetworks,
} from '../../support/networks.js'

describe('the first packet goes to the controller', () => {
  test('between two subnets of one router, in both directions', () => {
    expect(flowsOfFeature(eastWest, twoNetworks())).toEqual([
      'table=52, priority=20,ip,metadata=0x1f42,nw_dst=10.2.0.0/24 actions=goto_table:56',
      'table=52, priority=20,ip,metadata=0x1f43,nw_dst=10.1.0.0/24 actions=goto_table:56',
    ])
  })

  test('between the subnets of each tenant, and never from one tenant to the other', () => {
    const topology = topologyOf(
      manifestsOf(
        ...[1, 2, 3, 4].flatMap((id) => [
          network(`net${id}`, id),
          subnet(`net${id}-v4`, `net${id}`, `10.0.${id % 2}.0/24`),
        ]),
        router('red', { 'net1-v4': '02:00:00:00:00:01', 'net2-v4': '02:00:00:00:00:02' }),
        router('blue', { 'net3-v4': '02:00:00:00:00:01', 'net4-v4': '02:00:00:00:00:02' }),
      ),
    )
    expect([...flowsOfFeature(eastWest, topology)].sort()).toEqual([
      'table=52, priority=20,ip,metadata=0x1,nw_dst=10.0.0.0/24 actions=goto_table:56',
      'table=52, priority=20,ip,metadata=0x2,nw_dst=10.0.1.0/24 actions=goto_table:56',
      'table=52, priority=20,ip,metadata=0x3,nw_dst=10.0.0.0/24 actions=goto_table:56',
      'table=52, priority=20,ip,metadata=0x4,nw_dst=10.0.1.0/24 actions=goto_table:56',
    ])
  })

  test('between two subnets of one network only by the MAC of the gateway, above the in-subnet flow', () => {
    const topology = topologyOf(
      manifestsOf(
        network('net1', 7),
        subnet('a', 'net1', '10.0.0.0/24'),
        subnet('b', 'net1', '10.0.1.0/24'),
        router('r1', { a: '02:00:00:00:00:0a', b: '02:00:00:00:00:0b' }),
      ),
    )
    expect(flowsOfFeature(eastWest, topology)).toEqual([
      'table=52, priority=40,ip,metadata=0x7,dl_dst=02:00:00:00:00:0a,nw_dst=10.0.1.0/24 actions=goto_table:56',
      'table=52, priority=40,ip,metadata=0x7,dl_dst=02:00:00:00:00:0b,nw_dst=10.0.0.0/24 actions=goto_table:56',
    ])
  })

  test('from a router with one leg never', () => {
    const topology = topologyOf(
      manifestsOf(
        network('net1', 1),
        subnet('net1-v4', 'net1', '10.0.0.0/24'),
        router('r1', { 'net1-v4': '02:00:00:00:00:01' }),
      ),
    )
    expect(flowsOfFeature(eastWest, topology)).toEqual([])
  })

  test('on account of the place in the manifests where the leg towards it is written', () => {
    const places = eastWest.slices(twoNetworks()).map(({ key, owner }) => [key, owner?.name, owner?.at.line])
    expect(places).toEqual([
      ['r1/net1-v4/net2-v4', 'r1', 8],
      ['r1/net2-v4/net1-v4', 'r1', 7],
    ])
  })
})

const TIMEOUTS = { idleTimeout: 300, hardTimeout: 0 }

function routeIn(topology: Topology, half: ConnectionHalf): Route {
  const route = routeOf(topology, half)
  if (typeof route === 'string') throw new Error(route)
  return route
}

const VM2_TO_VM1: ConnectionHalf = {
  ofport: 12,
  segmentationId: 8003,
  ethSrc: mac('fa:16:3e:cf:4b:ed'),
  ethDst: mac('fa:16:3e:c5:02:4d'),
  ipSrc: ip('10.2.0.3'),
  ipDst: ip('10.1.0.3'),
}

describe('the flow of a connection', () => {
  test('matches one direction in full, and does what a router does', () => {
    const route = routeIn(twoNetworks(), VM2_TO_VM1)
    expect(flowText(buildFlow(connectionFlow(VM2_TO_VM1, route, TIMEOUTS), zeroHex(8)))).toBe(
      'table=52, idle_timeout=300, send_flow_rem priority=100,ip,metadata=0x1f43,in_port=12,' +
        'dl_src=fa:16:3e:cf:4b:ed,dl_dst=fa:16:3e:c5:02:4d,nw_src=10.2.0.3,nw_dst=10.1.0.3 ' +
        'actions=dec_ttl,set_field:fa:16:3e:c0:8d:8b->eth_src,set_field:fa:16:3e:00:17:e6->eth_dst,output:11',
    )
  })

  test('lasts as long as the configuration says', () => {
    const [route, timeouts] = [routeIn(twoNetworks(), VM2_TO_VM1), { idleTimeout: 10, hardTimeout: 60 }]
    expect(connectionFlow(VM2_TO_VM1, route, timeouts)).toMatchObject(timeouts)
  })

  test('belongs to the port that sends', () => {
    const { reasons } = compileRoute(VM2_TO_VM1, routeIn(twoNetworks(), VM2_TO_VM1), TIMEOUTS)
    expect(reasons).toMatchObject([{ owner: { kind: 'Port', name: 'vm2' } }])
  })

  test('sends back out of the port it came in by as IN_PORT, as the switch drops a plain output there', () => {
    const topology = topologyOf(
      manifestsOf(
        network('net1', 7),
        subnet('a', 'net1', '10.0.0.0/24'),
        subnet('b', 'net1', '10.0.1.0/24'),
        router('r1', { a: '02:00:00:00:00:0a', b: '02:00:00:00:00:0b' }),
        port('both', 'net1', {
          ...{ macAddress: '02:00:00:00:00:01', interface: 'tap-1' },
          ips: { a: '10.0.0.5', b: '10.0.1.5' },
        }),
      ),
      plugged('tap-1', 1),
    )
    const half = {
      ...{ ofport: 1, segmentationId: 7, ethSrc: mac('02:00:00:00:00:01'), ethDst: mac('02:00:00:00:00:0a') },
      ...{ ipSrc: ip('10.0.0.5'), ipDst: ip('10.0.1.5') },
    }
    expect(
      routeActions(half, routeIn(topology, half)).map((action) => renderAction(action, NO_NAMES)),
    ).toEqual([
      'dec_ttl',
      'set_field:02:00:00:00:00:0b->eth_src',
      'set_field:02:00:00:00:00:01->eth_dst',
      'IN_PORT',
    ])
  })
})
