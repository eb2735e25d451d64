// What a router does beside routing: it answers for itself, knows its neighbours, and follows its static routes.
import { describe, expect, test } from '@jest/globals'
import { compileModel } from '../../../src/compile/compiler.js'
import { eastWest } from '../../../src/features/east-west/index.js'
import { echoThrough, icmpEcho } from '../../../src/features/icmp-echo/index.js'
import { neighbours } from '../../../src/features/neighbours/index.js'
import { routerErrors } from '../../../src/features/router-errors/index.js'
import { staticRoutes } from '../../../src/features/static-routes/index.js'
import { objectHash } from '../../../src/values/hash.js'
import {
  flowsOfFeature,
  ip,
  manifestsOf,
  network,
  plugged,
  port,
  router,
  subnet,
  topologyOf,
  twoNetworks,
} from '../../support/networks.js'

const R1 = `metadata=0x${objectHash('Router', 'r1')}000000/0xffffffffff000000`
const WRITE_R1 = `write_metadata:0x${objectHash('Router', 'r1')}000000/0xffffffffff000000`
const TO_LEG1 = 'metadata=0x1f42,dl_dst=fa:16:3e:c0:8d:8b'

/** Two subnets, a guest in each, and what the router has beside. */
function routed(
  spec: Readonly<Record<string, unknown>>,
  pairs?: readonly Readonly<Record<string, string>>[],
) {
  const r1 = router('r1', { 'net1-v4': 'fa:16:3e:c0:8d:8b', 'net2-v4': 'fa:16:3e:c5:02:4d' })
  return topologyOf(
    manifestsOf(
      ...[network('net1', 8002), network('net2', 8003)],
      ...[subnet('net1-v4', 'net1', '10.1.0.0/24'), subnet('net2-v4', 'net2', '10.2.0.0/24')],
      { ...r1, spec: { ...r1.spec, ...spec } },
      port('vm1', 'net1', {
        macAddress: 'fa:16:3e:00:17:e6',
        ips: { 'net1-v4': '10.1.0.3' },
        interface: 'tap-vm1',
        ...(pairs && { allowedAddressPairs: pairs }),
      }),
      port('vm2', 'net2', {
        ...{ macAddress: 'fa:16:3e:cf:4b:ed', ips: { 'net2-v4': '10.2.0.3' }, interface: 'tap-vm2' },
      }),
    ),
    plugged('tap-vm1', 11),
    plugged('tap-vm2', 12),
  )
}

describe('a router', () => {
  test('answers echo requests to each of its addresses, whichever leg they come in by', () => {
    const flows = flowsOfFeature(icmpEcho, twoNetworks())
    expect(flows).toHaveLength(4)
    expect(flows).toContain(
      `table=40, priority=200,icmp,${TO_LEG1},nw_frag=no,icmp_type=8,icmp_code=0 actions=${WRITE_R1},goto_table:51`,
    )
    expect(flows).toContain(
      `table=51, priority=100,icmp,${R1},nw_dst=10.2.0.1,icmp_type=8,icmp_code=0 actions=` +
        'move:NXM_OF_ETH_DST[]->OXM_OF_PKT_REG0[0..47],move:NXM_OF_ETH_SRC[]->NXM_OF_ETH_DST[],' +
        'move:OXM_OF_PKT_REG0[0..47]->NXM_OF_ETH_SRC[],move:NXM_OF_IP_SRC[]->NXM_OF_IP_DST[],' +
        'set_field:10.2.0.1->ip_src,mod_nw_ttl:64,set_field:0->icmp_type,IN_PORT',
    )
    expect(flowsOfFeature(echoThrough, twoNetworks())).toEqual([
      'table=51, priority=2,ip actions=write_metadata:0/0xffffffffff000000,goto_table:52',
    ])
  })

  test('is asked about packets on their last hop, to itself, and to where no route leads', () => {
    expect(flowsOfFeature(routerErrors, twoNetworks()).filter((line) => line.includes(TO_LEG1))).toEqual([
      `table=52, priority=110,ip,${TO_LEG1},nw_ttl=1 actions=goto_table:56`,
      `table=52, priority=110,ip,${TO_LEG1},nw_ttl=0 actions=drop`,
      `table=52, priority=35,ip,${TO_LEG1},nw_dst=10.1.0.1 actions=goto_table:56`,
      `table=53, priority=10,ip,${TO_LEG1} actions=goto_table:56`,
    ])
  })

  test('knows each host, and of the rest of its subnets it is asked', () => {
    expect([...flowsOfFeature(neighbours, routed({}))].sort()).toEqual([
      `table=54, priority=124,ip,${R1},nw_dst=10.1.0.0/24 actions=goto_table:56`,
      `table=54, priority=124,ip,${R1},nw_dst=10.2.0.0/24 actions=goto_table:56`,
      `table=54, priority=132,ip,${R1},nw_dst=10.1.0.3 actions=dec_ttl,set_field:fa:16:3e:c0:8d:8b->eth_src,set_field:fa:16:3e:00:17:e6->eth_dst,output:11`,
      `table=54, priority=132,ip,${R1},nw_dst=10.2.0.3 actions=dec_ttl,set_field:fa:16:3e:c5:02:4d->eth_src,set_field:fa:16:3e:cf:4b:ed->eth_dst,output:12`,
    ])
  })

  test('that is proactive sends what goes between its subnets to its neighbours, and nothing to the controller', () => {
    expect(flowsOfFeature(eastWest, routed({ forwarding: 'proactive' }))).toEqual([
      `table=52, priority=40,ip,${TO_LEG1},nw_dst=10.2.0.0/24 actions=${WRITE_R1},goto_table:54`,
      `table=52, priority=40,ip,metadata=0x1f43,dl_dst=fa:16:3e:c5:02:4d,nw_dst=10.1.0.0/24 actions=${WRITE_R1},goto_table:54`,
    ])
  })

  test('reaches an allowed pair of one port as its host', () => {
    const flows = flowsOfFeature(
      neighbours,
      routed({}, [{ ipAddress: '10.1.0.128/25' }, { ipAddress: '10.9.0.1' }]),
    )
    expect(flows).toHaveLength(5)
    expect(flows).toContain(
      `table=54, priority=125,ip,${R1},nw_dst=10.1.0.128/25 actions=dec_ttl,set_field:fa:16:3e:c0:8d:8b->eth_src,set_field:fa:16:3e:00:17:e6->eth_dst,output:11`,
    )
  })
})

describe('two routers on the same subnets', () => {
  const both = (one: string, other: string) => {
    const legs = (last: string, host: string) => ({
      'net1-v4': [`02:00:00:00:01:0${last}`, `10.1.0.${host}`],
      'net2-v4': [`02:00:00:00:02:0${last}`, `10.2.0.${host}`],
    })
    const [r1, r2] = [router('r1', legs('1', '1')), router('r2', legs('2', '2'))]
    return topologyOf(
      manifestsOf(
        ...[network('net1', 1), network('net2', 2)],
        ...[subnet('net1-v4', 'net1', '10.1.0.0/24'), subnet('net2-v4', 'net2', '10.2.0.0/24')],
        { ...r1, spec: { ...r1.spec, forwarding: one } },
        { ...r2, spec: { ...r2.spec, forwarding: other } },
      ),
    )
  }

  test.each([
    ['reactive', 'reactive'],
    ['reactive', 'proactive'],
    ['proactive', 'proactive'],
  ])('that are %s and %s want no different actions for one flow', (one, other) => {
    expect(() => compileModel(both(one, other))).not.toThrow()
  })
})

describe('an allowed pair', () => {
  test('with two MAC addresses is reached by the first, and one behind a static route by that route', () => {
    const pairs = [
      { ipAddress: '10.1.0.9', macAddress: '02:00:00:00:00:01' },
      { ipAddress: '10.1.0.9', macAddress: '02:00:00:00:00:02' },
      { ipAddress: '10.1.0.64/26' },
    ]
    const topology = routed({ routes: [{ destination: '10.1.0.64/26', nextHop: '10.2.0.3' }] }, pairs)
    const lines = flowsOfFeature(neighbours, topology)
    expect(lines.filter((line) => line.includes('10.1.0.9'))).toEqual([
      expect.stringContaining('set_field:02:00:00:00:00:01->eth_dst'),
    ])
    expect(lines.filter((line) => line.includes('10.1.0.64'))).toEqual([expect.stringContaining('output:12')])
    expect(() => compileModel(topology)).not.toThrow()
  })

  test('of a longer prefix wins over another port, and one that two ports share is nobody’s', () => {
    const at = (address: string) => shared.neighbourAt('net1-v4', ip(address))?.holder.port.name
    expect(at('10.1.0.130')).toBe('b')
    expect(at('10.1.0.140')).toBe('a')
    expect(at('10.1.0.200')).toBe('a')
    expect(at('10.1.0.70')).toBeUndefined()
  })

  const shared = topologyOf(
    manifestsOf(
      network('net1', 1),
      subnet('net1-v4', 'net1', '10.1.0.0/24'),
      port('a', 'net1', {
        ...{ ips: { 'net1-v4': '10.1.0.3' }, interface: 'tap-a' },
        allowedAddressPairs: [{ ipAddress: '10.1.0.128/25' }, { ipAddress: '10.1.0.64/26' }],
      }),
      port('b', 'net1', {
        ...{ ips: { 'net1-v4': '10.1.0.4' }, interface: 'tap-b' },
        allowedAddressPairs: [{ ipAddress: '10.1.0.130' }, { ipAddress: '10.1.0.64/26' }],
      }),
    ),
    ...[plugged('tap-a', 1), plugged('tap-b', 2)],
  )
})

test('a port with addresses in two subnets is reached from itself too', () => {
  const topology = topologyOf(
    manifestsOf(
      ...[network('net1', 1), subnet('a', 'net1', '10.1.0.0/24'), subnet('b', 'net1', '10.2.0.0/24')],
      router('r1', { a: '02:00:00:00:00:0a', b: '02:00:00:00:00:0b' }),
      port('vm1', 'net1', { ips: { a: '10.1.0.3', b: '10.2.0.3' }, interface: 'tap-vm1' }),
    ),
    plugged('tap-vm1', 11),
  )
  const back = flowsOfFeature(neighbours, topology).filter((line) => line.includes('in_port=11'))
  expect(back).toEqual([expect.stringMatching(/priority=140,.*IN_PORT$/), expect.stringMatching(/IN_PORT$/)])
})

describe('static routes', () => {
  const routes = [
    { destination: '192.168.7.0/24', nextHop: '10.1.0.3' },
    { destination: '0.0.0.0/0', nextHop: '10.2.0.9' },
    { destination: '10.2.0.0/28', nextHop: '10.1.0.3' },
  ]

  test('are taken by what is addressed to a leg, as between two subnets', () => {
    const lines = flowsOfFeature(staticRoutes, routed({ routes }))
    expect(lines).toHaveLength(6)
    expect(lines).toContain(`table=52, priority=15,ip,${TO_LEG1},nw_dst=192.168.7.0/24 actions=goto_table:56`)
    expect(lines).toContain(`table=52, priority=15,ip,${TO_LEG1} actions=goto_table:56`)
    expect(flowsOfFeature(staticRoutes, routed({ routes, forwarding: 'proactive' }))).toContain(
      `table=52, priority=15,ip,${TO_LEG1} actions=${WRITE_R1},goto_table:54`,
    )
  })

  test('lead to their next hop where it is here, and to the controller else; the longest wins, over a host too', () => {
    const lines = flowsOfFeature(neighbours, routed({ routes }))
    const toVm1 =
      'actions=dec_ttl,set_field:fa:16:3e:c0:8d:8b->eth_src,set_field:fa:16:3e:00:17:e6->eth_dst,output:11'
    expect(lines).toContain(`table=54, priority=124,ip,${R1},nw_dst=192.168.7.0/24 ${toVm1}`)
    expect(lines).toContain(`table=54, priority=128,ip,${R1},nw_dst=10.2.0.0/28 ${toVm1}`)
    expect(lines).toContain(`table=54, priority=100,ip,${R1} actions=goto_table:56`)
    expect(lines.filter((line) => line.includes('10.2.0.3'))).toEqual([])
  })
})
