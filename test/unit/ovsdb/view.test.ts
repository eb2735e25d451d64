import { describe, expect, test } from '@jest/globals'
import { datapathTypeFor } from '../../../src/ovsdb/bridge.js'
import { applyUpdate, EMPTY_REPLICA } from '../../../src/ovsdb/replica.js'
import { bridgeView, switchView } from '../../../src/ovsdb/view.js'
import { bridgeRow, id, interfaceRow, portRow, references } from './rows.js'

const replica = applyUpdate(EMPTY_REPLICA, {
  Open_vSwitch: {
    [id(1)]: {
      new: {
        bridges: references(10, 11),
        external_ids: ['map', [['hostname', 'node-a']]],
        other_config: ['map', [['flow-restore-wait', 'TRUE']]],
        ovs_version: '3.1.0',
      },
    },
  },
  Bridge: {
    [id(11)]: { new: bridgeRow('br-tun', references(23), { datapath_type: 'netdev' }) },
    [id(10)]: {
      new: bridgeRow('br-int', references(22, 21), {
        fail_mode: 'secure',
        external_ids: ['map', [['revision', '1a2b']]],
      }),
    },
  },
  Port: {
    [id(21)]: { new: portRow('tap-vm1', 31) },
    [id(22)]: { new: portRow('bond0', 33, 32) },
    [id(23)]: { new: portRow('geneve0', 34) },
  },
  Interface: {
    [id(31)]: { new: interfaceRow('tap-vm1', { ofport: 11, external_ids: ['map', [['iface-id', 'vm1']]] }) },
    [id(32)]: { new: interfaceRow('eth1', { ofport: -1, error: 'could not open network device eth1' }) },
    [id(33)]: { new: interfaceRow('eth0') },
    [id(34)]: { new: interfaceRow('geneve0', { type: 'geneve', ofport: 1 }) },
  },
})

describe('the view of a bridge', () => {
  test('has the interfaces of all its ports and of no other bridge, by name', () => {
    const names = (bridge: string): string[] | undefined =>
      bridgeView(replica, bridge)?.interfaces.map(({ name }) => name)
    expect(names('br-int')).toEqual(['eth0', 'eth1', 'tap-vm1'])
    expect(names('br-tun')).toEqual(['geneve0'])
  })

  test('gives an ofport only where the switch opened the device, and tells why it could not', () => {
    const [eth0, eth1, tap] = bridgeView(replica, 'br-int')?.interfaces ?? []
    expect(eth0).toMatchObject({ ofport: undefined, error: undefined })
    expect(eth1).toMatchObject({ ofport: undefined, error: 'could not open network device eth1' })
    expect(tap).toEqual({
      name: 'tap-vm1',
      type: '',
      ofport: 11,
      error: undefined,
      externalIds: new Map([['iface-id', 'vm1']]),
    })
  })

  test('has what the bridge itself says', () => {
    expect(bridgeView(replica, 'br-int')).toMatchObject({
      uuid: id(10),
      name: 'br-int',
      datapathType: '',
      failMode: 'secure',
      externalIds: new Map([['revision', '1a2b']]),
    })
    expect(bridgeView(replica, 'br-tun')?.failMode).toBeUndefined()
  })

  test('is undefined for a bridge that is not there', () => {
    expect(bridgeView(replica, 'br-ex')).toBeUndefined()
  })
})

describe('the view of the switch', () => {
  test('has host name, version and bridges by name', () => {
    expect(switchView(replica)).toEqual({
      id: id(1),
      hostname: 'node-a',
      ovsVersion: '3.1.0',
      flowRestoreWait: true,
      bridges: [
        { name: 'br-int', datapathType: '' },
        { name: 'br-tun', datapathType: 'netdev' },
      ],
    })
  })

  test('is told from others by its system-id where it has one', () => {
    const more = applyUpdate(EMPTY_REPLICA, {
      Open_vSwitch: {
        [id(1)]: {
          new: {
            ...{ bridges: references(), other_config: ['map', []], ovs_version: '3.1.0' },
            external_ids: ['map', [['system-id', 'rack-7']]],
          },
        },
      },
    })
    expect(switchView(more).id).toBe('rack-7')
  })

  test('is empty for a database that was never initialised', () => {
    expect(switchView(EMPTY_REPLICA)).toEqual({
      id: '',
      hostname: undefined,
      ovsVersion: undefined,
      flowRestoreWait: false,
      tunnelIp: undefined,
      bridges: [],
    })
  })

  test('tells the datapath type of a new bridge: as requested, else as another bridge, else the default', () => {
    expect(datapathTypeFor(switchView(replica), 'system')).toBe('system')
    expect(datapathTypeFor(switchView(replica), '')).toBe('')
    expect(datapathTypeFor(switchView(replica))).toBe('netdev')
    expect(datapathTypeFor(switchView(EMPTY_REPLICA))).toBe('')
  })
})
