import { describe, expect, test } from '@jest/globals'
import { compileModel } from '../../../src/compile/compiler.js'
import { TUNNEL_FEATURES } from '../../../src/features/index.js'
import type { Topology } from '../../../src/topology/topology.js'
import {
  exampleManifests,
  flowText,
  manifestsOf,
  network,
  node,
  port,
  type PortOptions,
  subnet,
  topologyOn,
} from '../../support/networks.js'

/** Flows of one table of a bridge, without cookies. */
function tableOf(topology: Topology, table: number, features?: typeof TUNNEL_FEATURES): readonly string[] {
  return [...compileModel(topology, new Map(), features).values()]
    .filter(({ flow }) => flow.tableId === table)
    .map(({ flow }) => flowText(flow))
}

/** node-a with vm1, node-b with vm2 and node-c with vm3, all in network 7. */
function three(of: Readonly<Record<string, PortOptions>> = {}): Topology {
  const places = { vm1: 'node-a', vm2: 'node-b', vm3: 'node-c' }
  const manifests = manifestsOf(
    ...['a', 'b', 'c'].map((name, n) => node(`node-${name}`, `192.0.2.${n + 1}`)),
    ...[network('net1', 7), subnet('sub1', 'net1', '10.0.0.0/24')],
    ...Object.entries(places).map(([name, host], n) =>
      port(name, 'net1', {
        ...{ macAddress: `02:00:00:00:00:0${n + 1}`, ips: { sub1: `10.0.0.1${n}` }, host },
        ...of[name],
      }),
    ),
  )
  return topologyOn(manifests, 'node-a', ['vm1'])
}

const INTO = 'move:NXM_NX_PKT_MARK[]->NXM_NX_TUN_ID[0..31],set_field:0->pkt_mark'

describe('the tunnel bridge', () => {
  test('takes packets from declared peers alone, and counts those of others', () => {
    expect(tableOf(three(), 0, TUNNEL_FEATURES)).toEqual([
      'priority=1000,in_port=1 actions=goto_table:20',
      'priority=900,in_port=2 actions=drop',
      'priority=1 actions=drop',
      'priority=1000,tun_src=192.0.2.2,in_port=2 actions=goto_table:4',
      'priority=1000,tun_src=192.0.2.3,in_port=2 actions=goto_table:4',
    ])
  })

  test('takes them into networks that have a port here alone', () => {
    const topology = topologyOn(exampleManifests('three-nodes'), 'node-c', ['web-3'])
    expect(tableOf(topology, 4, TUNNEL_FEATURES)).toEqual([
      'table=4, priority=1 actions=drop',
      'table=4, priority=100,tun_id=0x1771 actions=goto_table:10',
    ])
  })

  test('takes each MAC address from its own node, the pairs of a port too', () => {
    const topology = three({
      vm2: { allowedAddressPairs: [{ ipAddress: '10.0.0.99', macAddress: '02:00:00:00:00:99' }] },
    })
    const deliver = 'actions=set_field:0x7->pkt_mark,output:1'
    expect(tableOf(topology, 10, TUNNEL_FEATURES)).toEqual([
      'table=10, priority=1 actions=drop',
      `table=10, priority=100,tun_id=0x7,tun_src=192.0.2.2,dl_src=02:00:00:00:00:02 ${deliver}`,
      `table=10, priority=100,tun_id=0x7,tun_src=192.0.2.2,dl_src=02:00:00:00:00:99 ${deliver}`,
      `table=10, priority=100,tun_id=0x7,tun_src=192.0.2.3,dl_src=02:00:00:00:00:03 ${deliver}`,
    ])
  })

  test('takes any MAC address from the node of a port without port security', () => {
    const flows = tableOf(three({ vm2: { portSecurity: false } }), 10, TUNNEL_FEATURES)
    expect(flows).toContain(
      'table=10, priority=50,tun_id=0x7,tun_src=192.0.2.2 actions=set_field:0x7->pkt_mark,output:1',
    )
    expect(flows.filter((line) => line.includes('tun_src=192.0.2.2'))).toHaveLength(1)
  })

  test('takes what a router has routed from any peer, by the MAC address of its leg', () => {
    const topology = topologyOn(exampleManifests('three-nodes'), 'node-c', ['web-3'])
    expect(tableOf(topology, 10, TUNNEL_FEATURES)).toContain(
      'table=10, priority=100,tun_id=0x1771,dl_src=02:00:00:06:01:01 actions=set_field:0x1771->pkt_mark,output:1',
    )
  })

  test('sends a frame to the one node that has the port, a broadcast once to each that has one', () => {
    const [two, threeth] = ['set_field:192.0.2.2->tun_dst,output:2', 'set_field:192.0.2.3->tun_dst,output:2']
    expect(tableOf(three(), 20, TUNNEL_FEATURES)).toEqual([
      'table=20, priority=1 actions=drop',
      `table=20, priority=100,pkt_mark=0x7,dl_dst=02:00:00:00:00:02 actions=${INTO},${two}`,
      `table=20, priority=100,pkt_mark=0x7,dl_dst=02:00:00:00:00:03 actions=${INTO},${threeth}`,
      `table=20, priority=10,pkt_mark=0x7,dl_dst=01:00:00:00:00:00/01:00:00:00:00:00 actions=${INTO},${two},${threeth}`,
    ])
  })

  test('has no flows before its ports have numbers', () => {
    const topology = { ...three(), tunnel: undefined }
    expect(compileModel(topology, new Map(), TUNNEL_FEATURES).size).toBe(0)
  })

  test('sends no MAC address that ports on two nodes share, as nobody knows who has it now', () => {
    const shared = { allowedAddressPairs: [{ ipAddress: '10.0.0.99', macAddress: '02:00:00:00:00:99' }] }
    const lines = tableOf(three({ vm2: shared, vm3: shared }), 20, TUNNEL_FEATURES)
    expect(lines.filter((line) => line.includes('00:99'))).toEqual([])
  })
})

describe('the integration bridge', () => {
  test('sends a frame for another node, and a copy of a broadcast, with its network as tunnel id', () => {
    expect(tableOf(three(), 55)).toEqual([
      'table=55, priority=100,metadata=0x7,dl_dst=02:00:00:00:00:01 actions=output:11',
      'table=55, priority=100,metadata=0x7,dl_dst=02:00:00:00:00:02 actions=set_field:0x7->tun_id,goto_table:60',
      'table=55, priority=100,metadata=0x7,dl_dst=02:00:00:00:00:03 actions=set_field:0x7->tun_id,goto_table:60',
      'table=55, priority=10,metadata=0x7,dl_dst=01:00:00:00:00:00/01:00:00:00:00:00 actions=output:11,set_field:0x7->tun_id,goto_table:60',
    ])
  })

  test('answers ARP for ports on other nodes, and asks local ones themselves', () => {
    const answered = tableOf(three(), 51).filter((line) => line.includes('arp_tpa'))
    expect(answered).toEqual([
      expect.stringContaining('metadata=0x7,arp_tpa=10.0.0.11,arp_op=1'),
      expect.stringContaining('metadata=0x7,arp_tpa=10.0.0.12,arp_op=1'),
    ])
    expect(answered[0]).toContain('set_field:02:00:00:00:00:02->arp_sha')
  })

  test('does not answer for an address that another port may take over', () => {
    const topology = three({ vm3: { allowedAddressPairs: [{ ipAddress: '10.0.0.11' }] } })
    const answered = tableOf(topology, 51).filter((line) => line.includes('arp_tpa'))
    expect(answered).toEqual([expect.stringContaining('arp_tpa=10.0.0.12')])
  })
})
