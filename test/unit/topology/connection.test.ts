import { describe, expect, test } from '@jest/globals'
import { type ConnectionHalf, connectionId, reverseOf, routeOf } from '../../../src/topology/connection.js'
import {
  ip,
  mac,
  manifestsOf,
  network,
  plugged,
  port,
  router,
  subnet,
  topologyOf,
  TWO_NETWORKS,
  twoNetworks,
} from '../../support/networks.js'

/** VM2 to VM1 through the router, as the switch sees it. */
const VM2_TO_VM1: ConnectionHalf = {
  ofport: 12,
  segmentationId: 8003,
  ethSrc: mac('fa:16:3e:cf:4b:ed'),
  ethDst: mac('fa:16:3e:c5:02:4d'),
  ipSrc: ip('10.2.0.3'),
  ipDst: ip('10.1.0.3'),
}

function routed(change: Partial<ConnectionHalf>, topology = twoNetworks()) {
  return routeOf(topology, { ...VM2_TO_VM1, ...change })
}

describe('a packet between two subnets of one router', () => {
  test('comes in at the leg of its own subnet and leaves by that of the destination', () => {
    expect(routed({})).toMatchObject({
      source: { ofport: 12 },
      ingress: { subnet: { name: 'net2-v4' } },
      egress: { subnet: { name: 'net1-v4' } },
      destination: { ofport: 11 },
    })
  })

  test('has a way back that ends where it began', () => {
    const route = routed({})
    if (typeof route === 'string') throw new Error(route)
    const back = reverseOf(route, VM2_TO_VM1)
    expect(back).toEqual({
      ofport: 11,
      segmentationId: 8002,
      ethSrc: mac('fa:16:3e:00:17:e6'),
      // The gateway that VM1 itself uses: its answer needs no packet-in of its own.
      ethDst: mac('fa:16:3e:c0:8d:8b'),
      ipSrc: ip('10.1.0.3'),
      ipDst: ip('10.2.0.3'),
    })
    const routeBack = routeOf(twoNetworks(), back)
    if (typeof routeBack === 'string') throw new Error(routeBack)
    expect(reverseOf(routeBack, back)).toEqual(VM2_TO_VM1)
  })
})

describe('a packet has no route', () => {
  test('from a port that no manifest claims', () => {
    expect(routed({ ofport: 99 })).toBe('unknown-port')
  })

  test('in a network that is not that of its port', () => {
    expect(routed({ segmentationId: 8002 })).toBe('unknown-port')
  })

  test('with the MAC address of another', () => {
    expect(routed({ ethSrc: mac('fa:16:3e:00:17:e6') })).toBe('spoofed-source')
  })

  test('with the IP address of another', () => {
    expect(routed({ ipSrc: ip('10.2.0.4') })).toBe('spoofed-source')
  })

  test('when it is not sent to a router', () => {
    expect(routed({ ethDst: mac('02:00:00:00:00:01') })).toBe('not-to-router')
  })

  test('when it is sent to a leg of the router in another network', () => {
    expect(routed({ ethDst: mac('fa:16:3e:c0:8d:8b') })).toBe('not-to-router')
  })

  test('to an address in no subnet of the router', () => {
    expect(routed({ ipDst: ip('192.0.2.1') })).toBe('no-route')
  })

  test('back into the subnet it came from', () => {
    expect(routed({ ipDst: ip('10.2.0.9') })).toBe('no-route')
  })

  test('to the router itself', () => {
    expect(routed({ ipDst: ip('10.1.0.1') })).toBe('router-address')
  })

  test('to an address that no port has', () => {
    expect(routed({ ipDst: ip('10.1.0.99') })).toBe('unknown-host')
  })

  test('to a port that is not plugged in here', () => {
    const alone = topologyOf(TWO_NETWORKS, plugged('tap-vm2', 12))
    expect(routed({}, alone)).toBe('host-not-here')
  })
})

describe('two tenants with equal addresses', () => {
  const tenant = (name: string, segmentationId: number) => [
    network(`${name}-a`, segmentationId),
    network(`${name}-b`, segmentationId + 1),
    subnet(`${name}-a-v4`, `${name}-a`, '10.0.1.0/24'),
    subnet(`${name}-b-v4`, `${name}-b`, '10.0.2.0/24'),
    router(name, { [`${name}-a-v4`]: '02:00:00:00:00:01', [`${name}-b-v4`]: '02:00:00:00:00:02' }),
  ]
  const topology = topologyOf(
    manifestsOf(
      ...tenant('red', 10),
      ...tenant('blue', 20),
      ...['red', 'blue'].flatMap((name) => [
        port(`${name}-1`, `${name}-a`, {
          ...{ macAddress: '02:00:00:00:01:01', ips: { [`${name}-a-v4`]: '10.0.1.5' } },
          interface: `${name}-1`,
        }),
        port(`${name}-2`, `${name}-b`, {
          ...{ macAddress: '02:00:00:00:02:01', ips: { [`${name}-b-v4`]: '10.0.2.5' } },
          interface: `${name}-2`,
        }),
      ]),
    ),
    ...['red-1', 'red-2', 'blue-1', 'blue-2'].map((name, i) => plugged(name, i + 1)),
  )
  const half = {
    ...{ ethSrc: mac('02:00:00:00:01:01'), ethDst: mac('02:00:00:00:00:01') },
    ...{ ipSrc: ip('10.0.1.5'), ipDst: ip('10.0.2.5') },
  }

  test.each([
    ['red', 1, 10, 2],
    ['blue', 3, 20, 4],
  ])('never meet: from %s port %i the packet goes to its own tenant', (_, ofport, segmentationId, to) => {
    expect(routeOf(topology, { ...half, ofport, segmentationId })).toMatchObject({
      destination: { ofport: to },
    })
  })
})

describe('a port with an address in each of two subnets of one network', () => {
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
      port('other', 'net1', {
        ...{ macAddress: '02:00:00:00:00:02', interface: 'tap-2' },
        ips: { b: '10.0.1.6' },
      }),
    ),
    plugged('tap-1', 1),
    plugged('tap-2', 2),
  )
  const half = {
    ...{ ofport: 1, segmentationId: 7, ethSrc: mac('02:00:00:00:00:01'), ethDst: mac('02:00:00:00:00:0a') },
    ...{ ipSrc: ip('10.0.0.5'), ipDst: ip('10.0.1.6') },
  }

  test('reaches the other subnet through the leg of the subnet it sends from', () => {
    expect(routeOf(topology, half)).toMatchObject({
      ingress: { subnet: { name: 'a' } },
      destination: { ofport: 2 },
    })
  })

  test('is not sent back by the leg of its other subnet, which it came in by', () => {
    expect(routeOf(topology, { ...half, ethDst: mac('02:00:00:00:00:0b') })).toBe('no-route')
  })

  test('reaches its own other address, too', () => {
    expect(routeOf(topology, { ...half, ipDst: ip('10.0.1.5') })).toMatchObject({
      destination: { ofport: 1 },
    })
  })
})

test('a connection is named by all that its flow matches', () => {
  const ids = [
    VM2_TO_VM1,
    { ...VM2_TO_VM1, ofport: 13 },
    { ...VM2_TO_VM1, segmentationId: 8004 },
    { ...VM2_TO_VM1, ethSrc: mac('fa:16:3e:00:00:01') },
    { ...VM2_TO_VM1, ethDst: mac('fa:16:3e:00:00:01') },
    { ...VM2_TO_VM1, ipSrc: ip('10.2.0.4') },
    { ...VM2_TO_VM1, ipDst: ip('10.1.0.4') },
  ].map(connectionId)
  expect(new Set(ids).size).toBe(ids.length)
  expect(connectionId({ ...VM2_TO_VM1 })).toBe(ids[0])
})
