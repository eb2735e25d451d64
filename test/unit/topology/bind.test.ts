import { describe, expect, test } from '@jest/globals'
import { bindPorts } from '../../../src/topology/bind.js'
import { type ClusterView, NO_CLUSTER } from '../../../src/topology/cluster-view.js'
import type { SwitchInterface } from '../../../src/topology/interfaces.js'
import { manifestsOf, network, node, plugged, port } from '../../support/networks.js'

const { ports } = manifestsOf(
  network('net1', 1),
  port('by-iface-id', 'net1', { ifaceId: 'b7e0' }),
  port('by-interface', 'net1', { interface: 'tap-1', macAddress: '02:00:00:00:00:01' }),
  port('by-own-name', 'net1'),
)

/** Each bound port with its number, and each notice. */
function bind(interfaces: readonly SwitchInterface[], node?: string, of = ports) {
  const { bound, notices } = bindPorts(of, { node, alone: true, cluster: NO_CLUSTER }, interfaces)
  return {
    bound: bound.map((local) => `${local.port.name}=${local.ofport}`),
    notices: notices.map((notice) => `${notice.port.name}: ${notice.reason}: ${notice.message}`),
  }
}

describe('a port is found', () => {
  test('by the name of its interface', () => {
    expect(bind([plugged('tap-1', 11)]).bound).toEqual(['by-interface=11'])
  })

  test('by its iface-id, whatever the interface is called', () => {
    expect(bind([plugged('veth9', 12, { ifaceId: 'b7e0' })]).bound).toEqual(['by-iface-id=12'])
  })

  test('by its own name as iface-id, when the manifest gives neither', () => {
    expect(bind([plugged('veth8', 13, { ifaceId: 'by-own-name' })]).bound).toEqual(['by-own-name=13'])
  })

  test('never by an interface that bears its iface-id as a name', () => {
    expect(bind([plugged('b7e0', 12)]).bound).toEqual([])
  })

  test('only where its host is, and anywhere without one', () => {
    const spread = manifestsOf(
      network('net1', 1),
      node('node-a', '192.0.2.1'),
      node('node-b', '192.0.2.2'),
      port('here', 'net1', { interface: 'tap-1', host: 'node-a' }),
      port('there', 'net1', { interface: 'tap-1', host: 'node-b' }),
      port('wherever', 'net1', { interface: 'tap-2' }),
    ).ports
    const interfaces = [plugged('tap-1', 1), plugged('tap-2', 2)]
    expect(bind(interfaces, 'node-a', spread)).toEqual({ bound: ['here=1', 'wherever=2'], notices: [] })
    expect(bind(interfaces, 'node-b', spread)).toEqual({ bound: ['there=1', 'wherever=2'], notices: [] })
  })
})

describe('a notice says', () => {
  test('what is not plugged', () => {
    expect(bind([])).toEqual({
      bound: [],
      notices: [
        'by-iface-id: NotPlugged: iface-id b7e0 is not plugged into the bridge',
        'by-interface: NotPlugged: interface tap-1 is not plugged into the bridge',
        'by-own-name: NotPlugged: iface-id by-own-name is not plugged into the bridge',
      ],
    })
  })

  test('that a port may be at another node, and what tells where', () => {
    const among = (cluster: ClusterView) =>
      bindPorts(ports, { node: 'node-a', alone: false, cluster }, []).notices.find(
        ({ port: { name } }) => name === 'by-interface',
      )
    expect(among(NO_CLUSTER)).toMatchObject({
      reason: 'NotPlugged',
      message: 'interface tap-1 is not plugged in here, and no node is told to have the port',
      remedy: expect.stringMatching(/^Plug it in, or .* Port\.spec\.host .* --etcd/) as unknown,
    })
    const silent = { bindings: new Map<string, string>(), tunnelIps: new Map() }
    expect(among(silent)).toMatchObject({
      message: 'interface tap-1 is not plugged in here, and no node has bound the port',
      remedy: expect.not.stringContaining('--etcd') as unknown,
    })
  })

  test('that the switch has given no number yet, and why', () => {
    const error = 'could not open network device tap-1 (No such device)'
    const { bound, notices } = bind([plugged('tap-1', undefined, { error })])
    expect(bound).toEqual([])
    expect(notices).toContain(`by-interface: NoDevice: interface tap-1 has no port number yet: ${error}`)
  })

  test('that attached-mac differs, and the port works as its manifest says', () => {
    const { bound, notices } = bind([plugged('tap-1', 11, { attachedMac: '02:00:00:00:00:99' })])
    expect(bound).toEqual(['by-interface=11'])
    expect(notices).toContain(
      'by-interface: MacDiffers: interface tap-1 says attached-mac 02:00:00:00:00:99, the manifest says 02:00:00:00:00:01',
    )
  })

  test('nothing of an attached-mac in capitals that is the same', () => {
    const { notices } = bind([plugged('tap-1', 11, { attachedMac: '02:00:00:00:00:01'.toUpperCase() })])
    expect(notices.filter((notice) => notice.startsWith('by-interface'))).toEqual([])
  })

  test('that two interfaces carry one iface-id, and the first is used', () => {
    const { bound, notices } = bind([
      plugged('veth1', 21, { ifaceId: 'b7e0' }),
      plugged('veth2', 22, { ifaceId: 'b7e0' }),
    ])
    expect(bound).toEqual(['by-iface-id=21'])
    expect(notices).toContain(
      'by-iface-id: Ambiguous: iface-id b7e0 is carried by veth1 and veth2; veth1 is used',
    )
  })

  test('that one interface is claimed by its name and by its iface-id: the first port by name has it', () => {
    const { bound, notices } = bind([plugged('tap-1', 11, { ifaceId: 'b7e0' })])
    expect(bound).toEqual(['by-iface-id=11'])
    expect(notices).toContain('by-interface: Taken: interface tap-1 is already that of port by-iface-id')
  })
})
