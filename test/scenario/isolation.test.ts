// Who sees whom: nobody sees a frame of another network, and a port that no manifest claims sees nothing at all.
import { beforeEach, describe, expect, test } from '@jest/globals'
import type { Hex } from '../../src/values/hex.js'
import { linkLocalOf } from '../../src/values/mac.js'
import { arpRequest, Cloud, ECHO_REQUEST, echoRequest } from '../support/cloud.js'
import { mac, manifestsOf, network, plugged, port, subnet } from '../support/networks.js'

const BROADCAST = 'ff:ff:ff:ff:ff:ff'
const MULTICAST_6 = '33:33:00:00:00:01'
const IPV6 = '86dd' as Hex

const manifests = manifestsOf(
  network('red', 1),
  network('blue', 2),
  subnet('red-v4', 'red', '10.0.0.0/24'),
  subnet('blue-v4', 'blue', '10.0.0.0/24'),
  port('red-1', 'red', {
    ...{ macAddress: '02:00:00:00:00:01', ips: { 'red-v4': '10.0.0.11' }, interface: 'tap-1' },
  }),
  port('red-2', 'red', {
    ...{ macAddress: '02:00:00:00:00:02', ips: { 'red-v4': '10.0.0.12' }, interface: 'tap-2' },
  }),
  port('red-3', 'red', {
    ...{ macAddress: '02:00:00:00:00:03', ips: { 'red-v4': '10.0.0.13' }, interface: 'tap-3' },
  }),
  port('blue-1', 'blue', {
    ...{ macAddress: '02:00:00:00:00:02', ips: { 'blue-v4': '10.0.0.12' }, interface: 'tap-4' },
  }),
)
const STRANGER = 5

let cloud: Cloud

beforeEach(() => {
  cloud = new Cloud(
    manifests,
    ...[1, 2, 3, 4].map((n) => plugged(`tap-${n}`, n)),
    plugged('tap-stranger', STRANGER),
  )
})

/** Who a frame of this guest reaches. */
function reached(from: string, ethDst: string): readonly (string | undefined)[] {
  return cloud
    .vm(from)
    .sendIpv6(ethDst)
    .map((arrival) => arrival.split(':')[0])
}

describe('a broadcast', () => {
  test('reaches every other port of its network, and no other', () => {
    expect(reached('red-1', BROADCAST)).toEqual(['red-2', 'red-3'])
    expect(reached('red-2', BROADCAST)).toEqual(['red-1', 'red-3'])
    expect(reached('blue-1', BROADCAST)).toEqual([])
  })

  test('that asks for an address reaches them, too', () => {
    expect(cloud.vm('red-1').arp('10.0.0.12')).toEqual([
      expect.stringMatching(/^red-2: arp,.*arp_op=1/),
      expect.stringMatching(/^red-3: arp,.*arp_op=1/),
    ])
  })

  test('to a group of IPv6 neighbours reaches them, too', () => {
    expect(reached('red-1', MULTICAST_6)).toEqual(['red-2', 'red-3'])
  })
})

describe('a guest is dropped by its port, and counted there', () => {
  const ICMPV6 = '3a' as Hex
  const red1 = () => cloud.vm('red-1')
  const ownMac = { ethSrc: '02:00:00:00:00:01', ethDst: BROADCAST }
  const ping = echoRequest({ ...ownMac, ipSrc: '10.0.0.11', ipDst: '10.0.0.255' })
  const advertisement = (of: string) => ({
    ...{ nw_proto: ICMPV6, icmpv6_type: '88' as Hex, nd_target: linkLocalOf(mac(of)) },
  })

  test.each<[string, () => readonly string[]]>([
    ['with what is neither IPv4 nor ARP nor IPv6', () => red1().send({ ...ping, eth_type: '88b5' as Hex })],
    ['with the MAC of its neighbour', () => red1().send({ ...ping, eth_src: '020000000002' as Hex })],
    ['with the address of its neighbour', () => red1().send({ ...ping, ip_src: '0a00000c' as Hex })],
    [
      'that asks by ARP as its neighbour',
      () => red1().send(arpRequest({ ...ownMac, spa: '10.0.0.12', tpa: '10.0.0.13' })),
    ],
    ['that advertises its neighbour', () => red1().sendIpv6(MULTICAST_6, advertisement('02:00:00:00:00:02'))],
    [
      'that says it is a router',
      () => red1().sendIpv6(MULTICAST_6, { nw_proto: ICMPV6, icmpv6_type: '86' as Hex }),
    ],
    ['that redirects', () => red1().sendIpv6(MULTICAST_6, { nw_proto: ICMPV6, icmpv6_type: '89' as Hex })],
  ])('%s', (_, send) => {
    expect(send()).toEqual([])
    expect(cloud.spoofed).toBe(1)
  })

  test('but not with what is its own', () => {
    expect(red1().send(ping)).toHaveLength(2)
    expect(red1().sendIpv6(MULTICAST_6, advertisement('02:00:00:00:00:01'))).toHaveLength(2)
    expect(cloud.spoofed).toBe(0)
  })
})

describe('a unicast inside a subnet', () => {
  test('arrives at its port alone, as it was sent', () => {
    expect(cloud.vm('red-1').ping('10.0.0.12', '02:00:00:00:00:02')).toEqual([
      `red-2: icmp,dl_src=02:00:00:00:00:01,dl_dst=02:00:00:00:00:02,nw_src=10.0.0.11,nw_dst=10.0.0.12,nw_ttl=64${ECHO_REQUEST}`,
    ])
  })

  test('to a MAC that is in another network arrives nowhere', () => {
    expect(cloud.vm('blue-1').ping('10.0.0.13', '02:00:00:00:00:03')).toEqual([])
  })

  test('to a MAC that nobody has is not flooded', () => {
    expect(cloud.vm('red-1').ping('10.0.0.99', '02:00:00:00:00:99')).toEqual([])
  })

  test('of IPv6 arrives at its port alone', () => {
    expect(reached('red-1', '02:00:00:00:00:03')).toEqual(['red-3'])
  })

  test('never comes to the controller, as there is no router', () => {
    cloud.vm('red-1').ping('10.0.0.12', '02:00:00:00:00:02')
    cloud.vm('red-1').ping('10.9.9.9', '02:00:00:00:00:02')
    expect(cloud.packetIns).toBe(0)
  })
})

describe('a port that no manifest claims', () => {
  test('sends nothing to anybody', () => {
    for (const ethDst of ['ffffffffffff', '333300000001', '020000000001'] as Hex[]) {
      expect(
        cloud.send(STRANGER, { eth_src: '020000000005' as Hex, eth_dst: ethDst, eth_type: IPV6 }),
      ).toEqual([])
    }
  })

  test('gets nothing from anybody', () => {
    const all = ['red-1', 'red-2', 'red-3', 'blue-1'].flatMap((name) =>
      [BROADCAST, MULTICAST_6, '02:00:00:00:00:05'].flatMap((ethDst) => reached(name, ethDst)),
    )
    expect(all).not.toContain(`port ${STRANGER}`)
  })

  test('is let in by the manifest that claims it', () => {
    const more = manifestsOf(
      network('red', 1),
      port('red-1', 'red', { macAddress: '02:00:00:00:00:01', interface: 'tap-1' }),
      port('late', 'red', { macAddress: '02:00:00:00:00:05', interface: 'tap-stranger' }),
    )
    cloud.change(more, plugged('tap-1', 1), plugged('tap-stranger', STRANGER))
    expect(reached('red-1', BROADCAST)).toEqual(['late'])
    expect(reached('late', BROADCAST)).toEqual(['red-1'])
  })
})

test('a number that goes from one port to another takes nothing of the old network with it', () => {
  cloud.change(manifests, plugged('tap-1', 1), plugged('tap-4', 2))
  expect(reached('red-1', BROADCAST)).toEqual([])
  expect(reached('blue-1', BROADCAST)).toEqual([])
  expect(cloud.vm('red-1').ping('10.0.0.12', '02:00:00:00:00:02')).toEqual([])
})
