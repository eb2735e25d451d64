// The post's story: two guests in two networks, one router, seen from the guests.
import { beforeEach, describe, expect, test } from '@jest/globals'
import type { Hex } from '../../src/values/hex.js'
import { Cloud, ECHO_REQUEST, echoRequest, type Guest } from '../support/cloud.js'
import { PATCH_TUN, plugged, TWO_NETWORKS } from '../support/networks.js'

const GATEWAY1 = 'fa:16:3e:c0:8d:8b'
const GATEWAY2 = 'fa:16:3e:c5:02:4d'
const VM2 = { ethSrc: 'fa:16:3e:cf:4b:ed', ethDst: GATEWAY2, ipSrc: '10.2.0.3' }
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

describe('VM2 pings an address of its router', () => {
  const answerFrom = (address: string, ttl = 64) =>
    `vm2: icmp,dl_src=${GATEWAY2},dl_dst=fa:16:3e:cf:4b:ed,nw_src=${address},nw_dst=10.2.0.3,nw_ttl=${ttl},` +
    'nw_frag=no,icmp_type=0,icmp_code=0'

  test.each(['10.2.0.1', '10.1.0.1'])('%s, and the switch answers by itself', (address) => {
    expect(vm2.ping(address, GATEWAY2)).toEqual([answerFrom(address)])
    expect(vm2.ping(address, GATEWAY2, { ttl: 1 })).toEqual([answerFrom(address)])
    expect(cloud.packetIns).toBe(0)
  })

  test('at the MAC of the leg in the other network, and gets no answer', () => {
    expect(vm2.ping('10.1.0.1', GATEWAY1)).toEqual([])
  })

  test('in something else than an echo request, and the controller is asked', () => {
    const probe = { ...echoRequest({ ...VM2, ipDst: '10.2.0.1' }), icmp_type: '0d' as Hex }
    expect(vm2.send(probe)).toEqual([])
    expect(cloud.refused).toEqual(['router-address'])
  })

  test('in a fragment, and the switch, which cannot put it together, asks the controller', () => {
    const first = { ...echoRequest({ ...VM2, ipDst: '10.2.0.1' }), nw_frag: '01' as Hex }
    expect(vm2.send(first)).toEqual([])
    expect(cloud.refused).toEqual(['router-address'])
  })
})

describe('VM2 pings VM1 through the router', () => {
  const ARRIVED = `vm1: icmp,dl_src=${GATEWAY1},dl_dst=fa:16:3e:00:17:e6,nw_src=10.2.0.3,nw_dst=10.1.0.3,nw_ttl=63${ECHO_REQUEST}`

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
      `vm2: icmp,dl_src=${GATEWAY2},dl_dst=fa:16:3e:cf:4b:ed,nw_src=10.1.0.3,nw_dst=10.2.0.3,nw_ttl=63${ECHO_REQUEST}`,
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
    expect(cloud.packetIns).toBe(3)
    expect(cloud.refused).toEqual(['ttl-expired', 'ttl-expired'])
    expect(vm2.ping('10.1.0.3', GATEWAY2, { ttl: 0 })).toEqual([])
    expect(cloud.packetIns).toBe(3)
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
  test('with the address of another, by the switch, which does not ask the controller', () => {
    expect(vm2.ping('10.1.0.3', GATEWAY2, { from: '10.2.0.9' })).toEqual([])
    expect([cloud.spoofed, cloud.packetIns]).toEqual([1, 0])
  })

  test('nothing where its port has no port security: it may take the address of another', () => {
    const ports = TWO_NETWORKS.ports.map((port) => ({ ...port, portSecurity: false }))
    cloud.change({ ...TWO_NETWORKS, ports }, ...INTERFACES)
    expect(cloud.vm('vm2').ping('10.1.0.3', GATEWAY2, { from: '10.2.0.9' })).toHaveLength(1)
    expect([cloud.spoofed, cloud.refused]).toEqual([0, []])
    // Nobody has that address, so that there is no way back.
    expect(cloud.connectionFlows).toHaveLength(1)
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

  test('the world beyond the networks', () => {
    expect(vm2.ping('8.8.8.8', GATEWAY2)).toEqual([])
    expect(cloud.refused).toEqual(['no-route'])
  })

  test('the world beyond the networks at any other MAC, and the controller is not asked', () => {
    expect(vm2.ping('8.8.8.8', 'fa:16:3e:00:17:e6')).toEqual([])
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
