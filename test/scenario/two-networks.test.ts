// The post's story: two guests in two networks, one router, seen from the guests.
import { beforeEach, describe, expect, test } from '@jest/globals'
import type { Hex } from '../../src/values/hex.js'
import { Cloud, type Guest } from '../support/cloud.js'
import { PATCH_TUN, plugged, TWO_NETWORKS } from '../support/networks.js'

const GATEWAY1 = 'fa:16:3e:c0:8d:8b'
const GATEWAY2 = 'fa:16:3e:c5:02:4d'
const INTERFACES = [plugged('tap-vm1', 11), plugged('tap-vm2', 12), PATCH_TUN]

let cloud: Cloud
let vm1: Guest
let vm2: Guest

beforeEach(() => {
  cloud = new Cloud(TWO_NETWORKS, ...INTERFACES)
  vm1 = cloud.vm('vm1')
  vm2 = cloud.vm('vm2')
})

describe('VM2 asks for its gateway', () => {
  const answer =
    `vm2: arp,dl_src=${GATEWAY2},dl_dst=fa:16:3e:cf:4b:ed,arp_spa=10.2.0.1,arp_tpa=10.2.0.3,` +
    `arp_op=2,arp_sha=${GATEWAY2},arp_tha=fa:16:3e:cf:4b:ed`

  test('and gets the MAC of the router, alone and at once', () => {
    expect(vm2.arp('10.2.0.1')).toEqual([answer])
    expect(cloud.packetIns).toBe(0)
  })

  test('by unicast, as hosts do to see if it is still there, and gets the same answer', () => {
    expect(vm2.arp('10.2.0.1', GATEWAY2)).toEqual([answer])
  })

  test('of the other network, and gets no answer', () => {
    expect(vm2.arp('10.1.0.1')).toEqual([])
  })
})

describe('VM2 pings VM1 through the router', () => {
  const ARRIVED = `vm1: icmp,dl_src=${GATEWAY1},dl_dst=fa:16:3e:00:17:e6,nw_src=10.2.0.3,nw_dst=10.1.0.3,nw_ttl=63`

  test('and the first packet arrives, by way of the controller', () => {
    expect(vm2.ping('10.1.0.3', GATEWAY2)).toEqual([ARRIVED])
    expect(cloud.packetIns).toBe(1)
  })

  test('and the second one arrives without it', () => {
    vm2.ping('10.1.0.3', GATEWAY2)
    expect(vm2.ping('10.1.0.3', GATEWAY2)).toEqual([ARRIVED])
    expect(cloud.packetIns).toBe(1)
  })

  test('and the answer needs no packet-in of its own', () => {
    vm2.ping('10.1.0.3', GATEWAY2)
    expect(vm1.ping('10.2.0.3', GATEWAY1)).toEqual([
      `vm2: icmp,dl_src=${GATEWAY2},dl_dst=fa:16:3e:cf:4b:ed,nw_src=10.1.0.3,nw_dst=10.2.0.3,nw_ttl=63`,
    ])
    expect(cloud.packetIns).toBe(1)
    expect(cloud.connectionFlows).toHaveLength(2)
  })

  test('with its last hop, and the packet dies, with the flow there and without', () => {
    expect(vm2.ping('10.1.0.3', GATEWAY2, { ttl: 1 })).toEqual([])
    expect(cloud.refused).toEqual(['ttl-expired'])
    expect(cloud.connectionFlows).toEqual([])
    vm2.ping('10.1.0.3', GATEWAY2)
    expect(vm2.ping('10.1.0.3', GATEWAY2, { ttl: 1 })).toEqual([])
    expect(cloud.packetIns).toBe(2)
  })

  test('with two hops left, and VM1 gets it with one', () => {
    expect(vm2.ping('10.1.0.3', GATEWAY2, { ttl: 2 })).toEqual([ARRIVED.replace('ttl=63', 'ttl=1')])
  })

  test('and the flows go in the pass that takes away the router', () => {
    vm2.ping('10.1.0.3', GATEWAY2)
    cloud.change({ ...TWO_NETWORKS, routers: [] }, ...INTERFACES)
    expect(cloud.connectionFlows).toEqual([])
    expect(vm2.ping('10.1.0.3', GATEWAY2)).toEqual([])
    expect(cloud.packetIns).toBe(1)
  })

  test('and the flows go when VM1 is unplugged, and come back with its next packet', () => {
    vm2.ping('10.1.0.3', GATEWAY2)
    cloud.change(TWO_NETWORKS, plugged('tap-vm2', 12), PATCH_TUN)
    expect(cloud.connectionFlows).toEqual([])
    expect(vm2.ping('10.1.0.3', GATEWAY2)).toEqual([])
    expect(cloud.refused).toEqual(['host-not-here'])
    cloud.change(TWO_NETWORKS, ...INTERFACES)
    expect(vm2.ping('10.1.0.3', GATEWAY2)).toEqual([ARRIVED])
  })

  test('and the flows stay when an edit has nothing to do with them', () => {
    vm2.ping('10.1.0.3', GATEWAY2)
    const before = cloud.connectionFlows
    cloud.change(TWO_NETWORKS, ...INTERFACES, plugged('tap-other', 13))
    expect(cloud.connectionFlows).toEqual(before)
  })
})

describe('VM2 is refused', () => {
  test('with the address of another', () => {
    expect(vm2.ping('10.1.0.3', GATEWAY2, { from: '10.2.0.9' })).toEqual([])
    expect(cloud.refused).toEqual(['spoofed-source'])
  })

  test('a host that is nowhere', () => {
    expect(vm2.ping('10.1.0.99', GATEWAY2)).toEqual([])
    expect(cloud.refused).toEqual(['unknown-host'])
  })

  test('a way around the router, straight to the MAC of VM1', () => {
    expect(vm2.ping('10.1.0.3', 'fa:16:3e:00:17:e6')).toEqual([])
    expect(cloud.refused).toEqual(['not-to-router'])
    expect(cloud.connectionFlows).toEqual([])
  })

  test('the world beyond the networks, and the controller is not asked', () => {
    expect(vm2.ping('8.8.8.8', GATEWAY2)).toEqual([])
    expect(cloud.packetIns).toBe(0)
  })
})

test('a tagged frame dies in the first table, whatever its tag', () => {
  const echo = {
    eth_type: '0800' as Hex,
    ip_src: '0a020003' as Hex,
    ip_dst: '0a010003' as Hex,
    nw_ttl: '40' as Hex,
  }
  for (const tag of ['1000', '1001', '1fff'] as Hex[]) {
    expect(vm2.send({ ...echo, eth_dst: 'fa163ec5024d' as Hex, vlan_vid: tag })).toEqual([])
  }
  expect(cloud.packetIns).toBe(0)
  expect(vm2.send({ ...echo, eth_dst: 'fa163ec5024d' as Hex })).toHaveLength(1)
})

test('what comes from the tunnel bridge goes to the port of its network, by the packet mark', () => {
  const fromTunnel = (mark: string, ethDst: string) =>
    cloud.send(6, {
      ...{ pkt_mark: mark as Hex, eth_src: 'fa163e000001' as Hex, eth_dst: ethDst as Hex },
      eth_type: '86dd' as Hex,
    })
  const arrived = 'ipv6,dl_src=fa:16:3e:00:00:01,dl_dst=fa:16:3e:00:17:e6'
  expect(fromTunnel('00001f42', 'fa163e0017e6')).toEqual([`vm1: ${arrived}`])
  expect(fromTunnel('00001f43', 'fa163e0017e6')).toEqual([])
  expect(fromTunnel('00000000', 'fa163e0017e6')).toEqual([])
})
