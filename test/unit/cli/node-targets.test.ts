import { describe, expect, test } from '@jest/globals'
import { controlPathsOf, nodeTargets } from '../../../src/cli/node-targets.js'

const ONE = { bridge: 'br-int', node: undefined, nodes: [] }
const unix = (path: string) => ({ kind: 'unix', path })

describe('the bridges of this node', () => {
  test('are beside the socket of OVSDB', () => {
    const [at, ...others] = nodeTargets({ ...ONE, ovsdb: 'unix:/a/db.sock' }, {})
    expect(others).toEqual([])
    expect(at).toMatchObject({
      isThisHost: true,
      integration: { bridge: 'br-int', openflow: unix('/a/br-int.mgmt') },
      tunnel: { bridge: 'br-tun', integrationBridge: 'br-int', openflow: unix('/a/br-tun.mgmt') },
    })
    expect(at?.titleOf('br-tun')).toBe('br-tun')
  })

  test('are beside that of the integration bridge where OVSDB is far away, and else nobody knows where', () => {
    const far = { ...ONE, ovsdb: 'tcp:192.0.2.1:6640' }
    const [near] = nodeTargets({ ...far, openflow: 'unix:/b/br-int.mgmt' }, {})
    expect(near).toMatchObject({ isThisHost: false, tunnel: { openflow: unix('/b/br-tun.mgmt') } })
    expect(nodeTargets({ ...far, openflow: 'tcp:192.0.2.1:6653' }, {})[0]?.tunnel).toBeUndefined()
  })
})

const NODES = {
  ...ONE,
  nodes: [
    { name: 'node-a', ovsdb: 'unix:/a/db.sock' },
    { name: 'node-b', ovsdb: 'unix:/b/db.sock' },
  ],
}

describe('the bridges of several nodes', () => {
  test('are each beside the OVSDB of their node, and bear its name', () => {
    const targets = nodeTargets(NODES, {})
    expect(
      targets.map(({ node, integration, tunnel }) => [node, integration.openflow, tunnel?.openflow]),
    ).toEqual([
      ['node-a', unix('/a/br-int.mgmt'), unix('/a/br-tun.mgmt')],
      ['node-b', unix('/b/br-int.mgmt'), unix('/b/br-tun.mgmt')],
    ])
    expect(targets.map(({ titleOf }) => titleOf('br-int'))).toEqual(['node-a/br-int', 'node-b/br-int'])
  })

  test('are asked in the usual folder by node and bridge, and beside their own OVSDB where that is not there', () => {
    expect(controlPathsOf(NODES, 'node-b/br-tun', { OVS_RUNDIR: '/run/ovs' })).toEqual([
      '/run/ovs/reconcile-node-b:br-tun.sock',
      '/run/reconcile-node-b:br-tun.sock',
      '/b/reconcile-br-tun.sock',
    ])
    expect(controlPathsOf({ ...NODES, socket: '/s.sock' }, 'node-b/br-tun', {})).toEqual([
      '/s.sock.node-b:br-tun',
    ])
  })
})

test('a node of several cannot be far away, and is told why', () => {
  const far = { ...ONE, nodes: [{ name: 'node-a', ovsdb: 'tcp:192.0.2.1:6640' }] }
  expect(() => nodeTargets(far, {})).toThrow(
    expect.objectContaining({
      code: 'USAGE',
      message: expect.stringContaining(
        '--node node-a=tcp:192.0.2.1:6640: the bridges are reached by the unix',
      ),
      remedy: expect.stringContaining('--node node-a, --ovsdb tcp:192.0.2.1:6640 and --openflow'),
    }),
  )
})

test('br-tun of this node is asked as a bridge of its own', () => {
  const env = { OVS_RUNDIR: '/run/ovs' }
  expect(controlPathsOf(ONE, 'br-tun', env)).toEqual(['/run/ovs/reconcile-br-tun.sock'])
  expect(controlPathsOf({ ...ONE, socket: '/s.sock' }, 'br-int', env)).toEqual(['/s.sock'])
  expect(controlPathsOf({ ...ONE, socket: '/s.sock' }, 'br-tun', env)).toEqual(['/s.sock.br-tun'])
})
