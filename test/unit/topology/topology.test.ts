import { describe, expect, test } from '@jest/globals'
import { buildTopology } from '../../../src/topology/topology.js'
import {
  ip,
  mac,
  manifestsOf,
  network,
  node,
  PATCH_TUN,
  plugged,
  port,
  router,
  subnet,
  topologyOf,
  twoNetworks,
} from '../../support/networks.js'

describe('the topology of the two networks', () => {
  const topology = twoNetworks()

  test('has each port with its number and network', () => {
    expect(
      topology.localPorts.map(({ port: { name }, network: of, ofport }) => [name, of.name, ofport]),
    ).toEqual([
      ['vm1', 'net1', 11],
      ['vm2', 'net2', 12],
    ])
  })

  test('has each leg of the router with its subnet and network', () => {
    expect(
      topology.routerLegs.map((leg) => [leg.router.name, leg.subnet.name, leg.network.segmentationId]),
    ).toEqual([
      ['r1', 'net1-v4', 8002],
      ['r1', 'net2-v4', 8003],
    ])
  })

  test('knows the patch port to the tunnel bridge', () => {
    expect(topology.tunnelPort).toBe(6)
  })

  test('finds a port by its number, and none by another', () => {
    expect(topology.localPortAt(11)?.port.name).toBe('vm1')
    expect(topology.localPortAt(6)).toBeUndefined()
  })

  test('finds a leg by network and MAC, and not from the other network', () => {
    expect(topology.legWithMac(8002, mac('fa:16:3e:c0:8d:8b'))?.subnet.name).toBe('net1-v4')
    expect(topology.legWithMac(8003, mac('fa:16:3e:c0:8d:8b'))).toBeUndefined()
  })

  test('finds the leg towards an address, up to the last one of its subnet', () => {
    expect(topology.hopTowards('r1', ip('10.2.0.0'))?.leg.subnet.name).toBe('net2-v4')
    expect(topology.hopTowards('r1', ip('10.2.0.255'))?.leg.subnet.name).toBe('net2-v4')
    expect(topology.hopTowards('r1', ip('10.2.1.0'))).toBeUndefined()
    expect(topology.hopTowards('r2', ip('10.2.0.3'))).toBeUndefined()
  })
})

describe('an address', () => {
  const tenants = manifestsOf(
    network('red', 1),
    network('blue', 2),
    subnet('red-v4', 'red', '10.0.0.0/24'),
    subnet('blue-v4', 'blue', '10.0.0.0/24'),
    port('red-vm', 'red', { ips: { 'red-v4': '10.0.0.5' }, interface: 'tap-red' }),
    port('blue-vm', 'blue', { ips: { 'blue-v4': '10.0.0.5' }, interface: 'tap-blue' }),
  )

  test('that two tenants have is told apart by subnet', () => {
    const topology = topologyOf(tenants, plugged('tap-red', 1), plugged('tap-blue', 2))
    expect(topology.neighbourAt('red-v4', ip('10.0.0.5'))?.holder).toHaveProperty('ofport', 1)
    expect(topology.neighbourAt('blue-v4', ip('10.0.0.5'))?.holder).toHaveProperty('ofport', 2)
  })

  test('of a port that is not plugged here is known, but not local', () => {
    const topology = topologyOf(tenants, plugged('tap-red', 1))
    expect(topology.neighbourAt('blue-v4', ip('10.0.0.5'))).toBeUndefined()
    expect(topology.hasPortWithIp('blue-v4', ip('10.0.0.5'))).toBe(true)
    expect(topology.hasPortWithIp('blue-v4', ip('10.0.0.6'))).toBe(false)
  })
})

test('two subnets of one network are two legs of one router, each with its own MAC', () => {
  const topology = topologyOf(
    manifestsOf(
      network('net1', 7),
      subnet('a', 'net1', '10.0.0.0/24'),
      subnet('b', 'net1', '10.0.1.0/24'),
      router('r1', { a: '02:00:00:00:00:0a', b: '02:00:00:00:00:0b' }),
    ),
  )
  expect(topology.legWithMac(7, mac('02:00:00:00:00:0a'))?.subnet.name).toBe('a')
  expect(topology.legWithMac(7, mac('02:00:00:00:00:0b'))?.subnet.name).toBe('b')
})

test('a node sees the ports of its own host, and the routers of all', () => {
  const manifests = manifestsOf(
    node('node-a', '192.0.2.1'),
    node('node-b', '192.0.2.2'),
    network('net1', 1),
    subnet('net1-v4', 'net1', '10.0.0.0/24'),
    router('r1', { 'net1-v4': '02:00:00:00:00:01' }),
    port('here', 'net1', { host: 'node-a', interface: 'tap-1' }),
    port('there', 'net1', { host: 'node-b', interface: 'tap-2' }),
  )
  const interfaces = [plugged('tap-1', 1), plugged('tap-2', 2)]
  const topology = buildTopology({ manifests, node: 'node-a', interfaces })
  expect(topology.localPorts.map((local) => local.port.name)).toEqual(['here'])
  expect(topology.routerLegs).toHaveLength(1)
  expect(topology.notices).toEqual([])
})

describe('the tunnel bridge', () => {
  const nothing = manifestsOf(network('net1', 1))

  test('is not there without a patch port', () => {
    expect(topologyOf(nothing).tunnelPort).toBeUndefined()
  })

  test('is not behind a device that only bears the name of the patch port', () => {
    expect(topologyOf(nothing, { ...PATCH_TUN, type: '' }).tunnelPort).toBeUndefined()
  })
})
