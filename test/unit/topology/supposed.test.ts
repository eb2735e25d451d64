import { describe, expect, test } from '@jest/globals'
import { supposedInterfaces, SupposedPorts } from '../../../src/topology/supposed.js'
import { manifestsOf, network, port, topologyOf } from '../../support/networks.js'

describe('with no switch at hand a port number', () => {
  test('that was told is used, and prints as a number', () => {
    const ports = new SupposedPorts(new Map([['tap-1', 11]]))
    expect(ports.portOf('tap-1')).toBe(11)
    expect(ports.nameOf(11)).toBeUndefined()
  })

  test('that was not told is a stand-in of its own, which prints as the name', () => {
    const ports = new SupposedPorts(new Map())
    const [one, two] = [ports.portOf('tap-1'), ports.portOf('tap-2')]
    expect(one).not.toBe(two)
    expect(ports.portOf('tap-1')).toBe(one)
    expect([ports.nameOf(one), ports.nameOf(two)]).toEqual(['tap-1', 'tap-2'])
  })

  test('is a stand-in only where no switch has such a number', () => {
    const ports = new SupposedPorts(new Map())
    expect(SupposedPorts.isStandIn(ports.portOf('tap-1'))).toBe(true)
    expect(SupposedPorts.isStandIn(0xfeff)).toBe(false)
  })
})

test('every port of the manifests is supposed to be plugged, and the patch port to be there', () => {
  const manifests = manifestsOf(
    network('net1', 1),
    port('by-name', 'net1', { interface: 'tap-1' }),
    port('by-iface-id', 'net1', { ifaceId: 'b7e0' }),
    port('by-own-name', 'net1'),
  )
  const numbers = new SupposedPorts(
    new Map([
      ['tap-1', 1],
      ['b7e0', 2],
      ['by-own-name', 3],
      ['patch-tun', 6],
    ]),
  )
  const { localPorts, tunnelPort, notices } = topologyOf(manifests, ...supposedInterfaces(manifests, numbers))
  expect(Object.fromEntries(localPorts.map((local) => [local.port.name, local.ofport]))).toEqual({
    'by-name': 1,
    'by-iface-id': 2,
    'by-own-name': 3,
  })
  expect(tunnelPort).toBe(6)
  expect(notices).toEqual([])
})
