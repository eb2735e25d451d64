import { describe, expect, test } from '@jest/globals'
import { type CompileMemory, compileModel } from '../../../src/compile/compiler.js'
import {
  flowText,
  manifestsOf,
  network,
  plugged,
  router,
  subnet,
  topologyOf,
  TWO_NETWORKS,
  twoNetworks,
} from '../../support/networks.js'
import type { Topology } from '../../../src/topology/topology.js'

function compiled(topology: Topology, memory?: CompileMemory): readonly string[] {
  return [...compileModel(topology, memory).values()].map(({ flow }) => flowText(flow))
}

describe('the flows of the two networks', () => {
  test('are 64', () => {
    expect(compiled(twoNetworks())).toHaveLength(64)
  })

  test('name the port, subnet or router that wants them, with its place in the files', () => {
    const reasons = [...compileModel(twoNetworks()).values()].flatMap((desired) => desired.reasons)
    const places = reasons.flatMap(({ feature, owner }) =>
      owner ? [`${feature} ${owner.kind} ${owner.name} ${owner.at.file}:${owner.at.line}`] : [],
    )
    expect(places).toContain('ingress Port vm1 examples/two-networks/ports.yaml:4')
    expect(places).toContain('own-subnet Subnet net2-v4 examples/two-networks/networks.yaml:19')
    expect(places).toContain('arp-responder Router r1 examples/two-networks/router.yaml:7')
  })
})

test('two routers that join the same two networks want one pair flow in each direction', () => {
  const leg = (n: number) => [`02:00:00:00:00:0${n}`, `10.0.${n % 2}.${n}`]
  const topology = topologyOf(
    manifestsOf(
      network('net1', 1),
      network('net2', 2),
      subnet('net1-v4', 'net1', '10.0.1.0/24'),
      subnet('net2-v4', 'net2', '10.0.0.0/24'),
      router('r1', { 'net1-v4': leg(1), 'net2-v4': leg(2) }),
      router('r2', { 'net1-v4': leg(3), 'net2-v4': leg(4) }),
    ),
  )
  const pairs = [...compileModel(topology).values()].filter(({ flow }) => flow.priority === 20)
  expect(pairs.map(({ reasons }) => reasons.map(({ owner }) => owner?.name))).toEqual([
    ['r1', 'r2'],
    ['r1', 'r2'],
  ])
})

describe('what is remembered', () => {
  test('is used again: the flows of an unchanged port are the same objects', () => {
    const memory: CompileMemory = new Map()
    const first = compileModel(twoNetworks(), memory)
    const second = compileModel(twoNetworks(), memory)
    expect([...second.values()].every((flow) => flow === first.get(flow.key))).toBe(true)
  })

  test('is made anew for the one port that got another number, and for no other object', () => {
    const memory: CompileMemory = new Map()
    const first = compileModel(twoNetworks(), memory)
    const moved = topologyOf(
      TWO_NETWORKS,
      plugged('tap-vm1', 21),
      plugged('tap-vm2', 12),
      plugged('patch-tun', 6, { type: 'patch' }),
    )
    const fresh = [...compileModel(moved, memory).values()].filter((flow) => flow !== first.get(flow.key))
    const from = 'in_port=21,dl_src=fa:16:3e:00:17:e6'
    const linkLocal = 'fe80::f816:3eff:fe00:17e6'
    expect(fresh.map(({ flow }) => flowText(flow))).toEqual([
      'priority=1001,in_port=21,vlan_tci=0x1000/0x1000 actions=drop',
      'priority=1000,in_port=21 actions=write_metadata:0x1f42/0xffffff,goto_table:1',
      `table=1, priority=100,udp,${from},nw_src=0.0.0.0,nw_dst=255.255.255.255,tp_src=68,tp_dst=67 actions=goto_table:40`,
      `table=1, priority=100,arp,${from},arp_spa=0.0.0.0,arp_op=1,arp_sha=fa:16:3e:00:17:e6 actions=goto_table:40`,
      `table=1, priority=100,ipv6,${from},ipv6_src=${linkLocal} actions=goto_table:40`,
      `table=1, priority=100,icmp6,${from},ipv6_src=::,icmp_type=135,nd_target=${linkLocal} actions=goto_table:40`,
      `table=1, priority=210,icmp6,${from},ipv6_src=${linkLocal},icmp_type=136,nd_target=${linkLocal} actions=goto_table:40`,
      `table=1, priority=100,ip,${from},nw_src=10.1.0.3 actions=goto_table:40`,
      `table=1, priority=100,arp,${from},arp_spa=10.1.0.3,arp_sha=fa:16:3e:00:17:e6 actions=goto_table:40`,
      'table=2, priority=100,in_port=21 actions=drop',
      'table=54, priority=132,ip,metadata=0x3e567e8acb000000/0xffffffffff000000,nw_dst=10.1.0.3 actions=dec_ttl,set_field:fa:16:3e:c0:8d:8b->eth_src,set_field:fa:16:3e:00:17:e6->eth_dst,output:21',
      'table=55, priority=100,metadata=0x1f42,dl_dst=fa:16:3e:00:17:e6 actions=output:21',
      'table=55, priority=10,metadata=0x1f42,dl_dst=01:00:00:00:00:00/01:00:00:00:00:00 actions=output:21',
      'table=56, priority=100,in_port=21 actions=meter:21,CONTROLLER:65535',
    ])
  })

  test('goes when its object goes', () => {
    const memory: CompileMemory = new Map()
    compileModel(twoNetworks(), memory)
    compileModel(topologyOf(TWO_NETWORKS), memory)
    expect(
      [...memory.keys()].filter((key) => /^(ingress|port-security\/|spoofed|layer2|punt|tunnel)/.test(key)),
    ).toEqual([])
  })
})
