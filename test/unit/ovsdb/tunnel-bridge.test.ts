import { describe, expect, test } from '@jest/globals'
import { applyUpdate, EMPTY_REPLICA, type Replica } from '../../../src/ovsdb/replica.js'
import {
  planTunnelBridge,
  tunnelBridgeOperations,
  type TunnelBridgeChange,
} from '../../../src/ovsdb/tunnel-bridge.js'
import { bridgeRow, id, interfaceRow, portRow, references } from './rows.js'

interface Port {
  readonly bridge: string
  readonly name: string
  readonly type?: string
  readonly options?: readonly (readonly [string, string])[]
}

/** Bridges of these names with these ports. */
function replicaOf(bridges: readonly string[], ports: readonly Port[]): Replica {
  const rows = <T>(make: (port: Port, i: number) => T): Record<string, { new: T }> =>
    Object.fromEntries(ports.map((port, i) => [id(i + 1), { new: make(port, i + 1) }]))
  const held = (bridge: string): readonly number[] =>
    ports.flatMap((port, i) => (port.bridge === bridge ? [i + 1] : []))
  return applyUpdate(EMPTY_REPLICA, {
    Bridge: Object.fromEntries(
      bridges.map((name, i) => [id(900 + i), { new: bridgeRow(name, references(...held(name))) }]),
    ),
    Port: rows(({ name }, i) => portRow(name, i)),
    Interface: rows(({ name, type = '', options = [] }) =>
      interfaceRow(name, { type, options: ['map', options] }),
    ),
  })
}

const SPEC = { integrationBridge: 'br-int', encapsulation: 'geneve' } as const

const WHOLE: readonly Port[] = [
  { bridge: 'br-int', name: 'patch-tun', type: 'patch', options: [['peer', 'patch-int']] },
  { bridge: 'br-tun', name: 'patch-int', type: 'patch', options: [['peer', 'patch-tun']] },
  {
    ...{ bridge: 'br-tun', name: 'tun', type: 'geneve' },
    options: [
      ['remote_ip', 'flow'],
      ['key', 'flow'],
      ['csum', 'true'],
    ],
  },
]

function withPort(change: Port): readonly Port[] {
  return WHOLE.map((port) => (port.name === change.name ? change : port))
}

function namesOf(changes: readonly TunnelBridgeChange[]): readonly string[] {
  return changes.map((change) =>
    change.kind === 'add-bridge' ? change.bridge : `${change.kind} ${change.port.name}`,
  )
}

describe('what is to be done for a tunnel bridge', () => {
  test('is all of it on a switch that has the integration bridge alone', () => {
    const changes = planTunnelBridge(replicaOf(['br-int'], []), SPEC)
    expect(namesOf(changes)).toEqual(['br-tun', 'add-port patch-tun', 'add-port patch-int', 'add-port tun'])
  })

  test("is nothing where all is there, whatever an operator's options say besides", () => {
    expect(planTunnelBridge(replicaOf(['br-int', 'br-tun'], WHOLE), SPEC)).toEqual([])
  })

  test('is one port where one is missing', () => {
    const replica = replicaOf(['br-int', 'br-tun'], WHOLE.slice(1))
    expect(namesOf(planTunnelBridge(replica, SPEC))).toEqual(['add-port patch-tun'])
  })

  test('is to set right options that differ, and to say what they were', () => {
    const port = {
      ...{ bridge: 'br-tun', name: 'patch-int', type: 'patch' },
      options: [['peer', 'x']],
    } as const
    expect(planTunnelBridge(replicaOf(['br-int', 'br-tun'], withPort(port)), SPEC)).toEqual([
      {
        kind: 'set-port',
        port: { bridge: 'br-tun', name: 'patch-int', type: 'patch', options: { peer: 'patch-tun' } },
        was: { type: 'patch', options: { peer: 'x' } },
      },
    ])
  })

  test('is another type where the encapsulation has changed', () => {
    const changes = planTunnelBridge(replicaOf(['br-int', 'br-tun'], WHOLE), {
      ...SPEC,
      encapsulation: 'gre',
    })
    expect(changes).toMatchObject([{ kind: 'set-port', port: { name: 'tun', type: 'gre' } }])
  })

  test('is refused where a port of the name is in another bridge', () => {
    const replica = replicaOf(['br-int', 'br-ex'], [{ bridge: 'br-ex', name: 'tun', type: 'vxlan' }])
    expect(() => planTunnelBridge(replica, SPEC)).toThrow(
      expect.objectContaining({
        code: 'PORT_TAKEN',
        message: 'Port tun has to be in br-tun and is in br-ex; it is left there.',
      }),
    )
  })

  test('is refused where a device has the name', () => {
    const port = { bridge: 'br-int', name: 'patch-tun', type: '' }
    expect(() => planTunnelBridge(replicaOf(['br-int', 'br-tun'], withPort(port)), SPEC)).toThrow(
      expect.objectContaining({
        code: 'PORT_TAKEN',
        message: 'Port patch-tun of br-int is a device and not of type patch; it is left as it is.',
      }),
    )
  })
})

test('the transaction tells ovs-vswitchd once that there is something to do', () => {
  const tells = (ports: readonly Port[], bridges: readonly string[]): number => {
    const operations = tunnelBridgeOperations(planTunnelBridge(replicaOf(bridges, ports), SPEC), 'netdev')
    return JSON.stringify(operations).split('next_cfg').length - 1
  }
  expect(tells([], ['br-int'])).toBe(1)
  expect(tells(WHOLE.slice(1), ['br-int', 'br-tun'])).toBe(1)
})
