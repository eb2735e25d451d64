import { expect, test } from '@jest/globals'
import { controlPaths } from '../../../src/cli/control-path.js'

const BRIDGE = { bridge: 'br-int' }

test('a daemon is asked beside the socket of OVSDB, then in the folder of the user', () => {
  expect(controlPaths(BRIDGE, {})).toEqual(['/var/run/openvswitch/reconcile-br-int.sock'])
  const env = { OVS_RUNDIR: '/run/lab', XDG_RUNTIME_DIR: '/run/user/7' }
  expect(controlPaths(BRIDGE, env)).toEqual([
    '/run/lab/reconcile-br-int.sock',
    '/run/user/7/reconcile-br-int.sock',
  ])
  expect(controlPaths({ bridge: 'br-2', ovsdb: 'unix:/a/b/conf.sock' }, {})).toEqual([
    '/a/b/reconcile-br-2.sock',
  ])
})

test('a path that was asked for is the only one', () => {
  const env = { XDG_RUNTIME_DIR: '/run/user/7' }
  expect(controlPaths({ ...BRIDGE, socket: '/s.sock', ovsdb: 'tcp:192.0.2.1:6640' }, env)).toEqual([
    '/s.sock',
  ])
})

test('with OVSDB over TCP there is only the folder of the user', () => {
  const far = { ...BRIDGE, ovsdb: 'tcp:192.0.2.1:6640' }
  expect(controlPaths(far, { XDG_RUNTIME_DIR: '/run/user/7' })).toEqual(['/run/user/7/reconcile-br-int.sock'])
  expect(controlPaths(far, {})).toEqual([])
})

test('a bridge is a name and no path', () => {
  expect(() => controlPaths({ bridge: '../br' }, {})).toThrow('not the name of a bridge')
})
