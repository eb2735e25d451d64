import { describe, expect, test } from '@jest/globals'
import { askPaths, controlPaths, readTitle } from '../../../src/cli/control-path.js'

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

describe('a bridge of one of several nodes', () => {
  const TITLE = { bridge: 'node-a/br-int' }
  const RUN = '/run/reconcile-node-a:br-int.sock'

  test('is asked where its daemon may be with no folder of a switch: by its whole name', () => {
    const env = { OVS_RUNDIR: '/run/lab', XDG_RUNTIME_DIR: '/run/user/7' }
    const named = ['/run/lab/reconcile-node-a:br-int.sock', '/run/user/7/reconcile-node-a:br-int.sock', RUN]
    expect(controlPaths(TITLE, env)).toEqual(named)
    expect(askPaths(TITLE, env)).toEqual(named)
  })

  test('is asked beside its OVSDB, too, where that is given', () => {
    expect(askPaths({ ...TITLE, ovsdb: 'unix:/a/db.sock' }, {})).toEqual([
      '/a/reconcile-node-a:br-int.sock',
      RUN,
      '/a/reconcile-br-int.sock',
    ])
  })

  test('is told apart from the others by the path that the daemon was given, or has one of its own', () => {
    expect(askPaths({ ...TITLE, socket: '/s.sock' }, {})).toEqual(['/s.sock.node-a:br-int', '/s.sock'])
  })

  test('has a title of two names', () => {
    expect(readTitle('node-a.example/br-int')).toEqual({ node: 'node-a.example', bridge: 'br-int' })
    expect(readTitle('br-int')).toEqual({ node: undefined, bridge: 'br-int' })
    for (const title of ['node-a/', 'node-a/../br', '/br-int', 'a/b/c'])
      expect(() => readTitle(title)).toThrow('not the name of a bridge')
  })
})

test('a bridge is a name and no path', () => {
  expect(() => controlPaths({ bridge: '../br' }, {})).toThrow('not the name of a bridge')
})
