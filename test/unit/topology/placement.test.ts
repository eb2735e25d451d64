import { describe, expect, test } from '@jest/globals'
import type { ClusterView } from '../../../src/topology/cluster-view.js'
import type { Topology } from '../../../src/topology/topology.js'
import { ip, manifestsOf, network, node, plugged, port, topologyOn } from '../../support/networks.js'

const A = node('node-a', '192.0.2.1')
const B = node('node-b', '192.0.2.2')

/** One network, with a port that is always here. */
function here(...documents: readonly ReturnType<typeof port>[]) {
  return manifestsOf(A, network('net1', 1), port('own', 'net1', { host: 'node-a' }), ...documents)
}

function cluster(
  bindings: Readonly<Record<string, string>>,
  tunnelIps: Readonly<Record<string, string>> = {},
) {
  const addresses = Object.entries(tunnelIps).map(([name, address]) => [name, ip(address)] as const)
  return { bindings: new Map(Object.entries(bindings)), tunnelIps: new Map(addresses) } satisfies ClusterView
}

function places({ localPorts, remotePorts, notices }: Topology) {
  return {
    local: localPorts.map((local) => local.port.name),
    remote: remotePorts.map((remote) => [remote.port.name, remote.node]),
    notices: notices.map((notice) => [notice.port.name, notice.reason]),
  }
}

describe('a port', () => {
  test('is where its host says, whatever the cluster says', () => {
    const manifests = here(B, port('there', 'net1', { host: 'node-b' }))
    const topology = topologyOn(manifests, 'node-a', ['own', 'there'], {
      cluster: cluster({ there: 'node-a' }),
    })
    expect(places(topology)).toEqual({ local: ['own'], remote: [['there', 'node-b']], notices: [] })
    expect(topology.peers).toEqual(new Map([['node-b', ip('192.0.2.2')]]))
  })

  test('without a host is where the cluster says it is bound', () => {
    const topology = topologyOn(here(B, port('free', 'net1')), 'node-a', ['own'], {
      cluster: cluster({ free: 'node-b' }),
    })
    expect(places(topology).remote).toEqual([['free', 'node-b']])
  })

  test('that nobody has bound is local where it is plugged in, and nowhere else', () => {
    const manifests = here(B, port('free', 'net1'))
    expect(places(topologyOn(manifests, 'node-a', ['own', 'free'])).local).toEqual(['free', 'own'])
    expect(places(topologyOn(manifests, 'node-a', ['own']))).toEqual({
      local: ['own'],
      remote: [],
      notices: [['free', 'NotPlugged']],
    })
  })

  test('that is plugged in here and bound by another node is that node’s, and this is said', () => {
    const topology = topologyOn(here(B, port('free', 'net1')), 'node-a', ['own', 'free'], {
      cluster: cluster({ free: 'node-b' }),
    })
    expect(places(topology)).toEqual({
      local: ['own'],
      remote: [['free', 'node-b']],
      notices: [['free', 'ClaimedElsewhere']],
    })
    expect(topology.notices[0]?.message).toContain('node-b has bound the port')
  })

  test('on a node that only the cluster knows is reached at the address that the cluster tells', () => {
    const topology = topologyOn(here(port('free', 'net1')), 'node-a', ['own'], {
      cluster: cluster({ free: 'node-z' }, { 'node-z': '192.0.2.26' }),
    })
    expect(topology.peers).toEqual(new Map([['node-z', ip('192.0.2.26')]]))
  })

  test('of the manifests’ address of a node goes before the cluster’s', () => {
    const topology = topologyOn(here(B, port('there', 'net1', { host: 'node-b' })), 'node-a', ['own'], {
      cluster: cluster({}, { 'node-b': '198.51.100.9' }),
    })
    expect(topology.peers.get('node-b')).toBe(ip('192.0.2.2'))
  })

  test('on a node without an address is left out, and this is said', () => {
    const topology = topologyOn(here(port('free', 'net1')), 'node-a', ['own'], {
      cluster: cluster({ free: 'node-z' }),
    })
    expect(places(topology)).toEqual({ local: ['own'], remote: [], notices: [['free', 'NoTunnelAddress']] })
  })

  test('on another node is out of reach without the patch port to the tunnel bridge', () => {
    const manifests = here(B, port('there', 'net1', { host: 'node-b' }))
    const topology = topologyOn(manifests, 'node-a', [], {
      interfaces: [plugged('own', 11, { ifaceId: 'own' })],
    })
    expect(places(topology)).toEqual({ local: ['own'], remote: [], notices: [] })
  })
})

describe('the ends of the tunnel bridge', () => {
  const manifests = here(B)

  test('are known by their numbers', () => {
    expect(topologyOn(manifests, 'node-a', ['own']).tunnel).toEqual({ patchPort: 1, tunnelPort: 2 })
  })

  test.each([
    [
      'the tunnel has no number yet',
      [plugged('patch-int', 1, { type: 'patch' }), plugged('tun', undefined, { type: 'geneve' })],
    ],
    ['a device has the name of the tunnel', [plugged('patch-int', 1, { type: 'patch' }), plugged('tun', 2)]],
    ['the patch port is missing', [plugged('tun', 2, { type: 'vxlan' })]],
  ])('are not while %s', (_, tunnelInterfaces) => {
    expect(topologyOn(manifests, 'node-a', ['own'], { tunnelInterfaces }).tunnel).toBeUndefined()
  })
})
