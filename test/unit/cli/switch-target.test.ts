import { describe, expect, test } from '@jest/globals'
import { switchTarget } from '../../../src/cli/switch-target.js'

const NOTHING = { bridge: 'br-int' }

describe('the sockets of a switch', () => {
  test('are where Open vSwitch has them', () => {
    expect(switchTarget(NOTHING, {})).toEqual({
      ovsdb: { kind: 'unix', path: '/var/run/openvswitch/db.sock' },
      openflow: { kind: 'unix', path: '/var/run/openvswitch/br-int.mgmt' },
      bridge: 'br-int',
      datapathType: undefined,
    })
  })

  test('are below OVS_RUNDIR', () => {
    expect(
      switchTarget({ ...NOTHING, bridge: 'br-2', datapathType: 'netdev' }, { OVS_RUNDIR: '/run/lab' }),
    ).toEqual({
      ovsdb: { kind: 'unix', path: '/run/lab/db.sock' },
      openflow: { kind: 'unix', path: '/run/lab/br-2.mgmt' },
      bridge: 'br-2',
      datapathType: 'netdev',
    })
  })

  test('are beside the database socket that was named, and not below OVS_RUNDIR', () => {
    const { openflow } = switchTarget(
      { ...NOTHING, ovsdb: 'unix:/a/b/conf.sock' },
      { OVS_RUNDIR: '/run/lab' },
    )
    expect(openflow).toEqual({ kind: 'unix', path: '/a/b/br-int.mgmt' })
  })

  test('may be named both', () => {
    const target = { ...NOTHING, ovsdb: 'tcp:192.0.2.1:6640', openflow: 'tcp:192.0.2.1:6653' }
    expect(switchTarget(target, {})).toMatchObject({
      ovsdb: { kind: 'tcp', port: 6640 },
      openflow: { kind: 'tcp', port: 6653 },
    })
  })
})

describe('it is wrong usage', () => {
  test('to name a database over TCP and not say where the bridge listens', () => {
    expect(() => switchTarget({ ...NOTHING, ovsdb: 'tcp:192.0.2.1:6640' }, {})).toThrow(
      expect.objectContaining({ code: 'USAGE', remedy: 'Say where with --openflow.' }),
    )
  })

  test.each(['', 'a/b', '../br-int', '/'])('to call a bridge "%s"', (bridge) => {
    expect(() => switchTarget({ ...NOTHING, bridge }, {})).toThrow(expect.objectContaining({ code: 'USAGE' }))
  })
})
