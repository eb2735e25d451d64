import { hostname } from 'node:os'
import { expect, test } from '@jest/globals'
import { nodeName as nameOf } from '../../../src/reconcile/node.js'
import { network, node, port, storeOf, subnet } from '../../support/networks.js'

const STORE = storeOf(
  node('alpha', '192.0.2.1'),
  node('beta.example.org', '192.0.2.2'),
  node('gamma.one.example', '192.0.2.3'),
  node('gamma.two.example', '192.0.2.4'),
)

const nodeName = (
  store: Parameters<typeof nameOf>[0],
  requested: string | undefined,
  hostname: string | undefined,
) => nameOf(store, requested, { hostname, notedNode: undefined, isInCluster: false })

test('the node that was asked for wins', () => {
  expect(nodeName(STORE, 'alpha', 'beta.example.org')).toBe('alpha')
  expect(nodeName(storeOf(), 'elsewhere', 'alpha')).toBe('elsewhere')
})

test('but where there are Nodes it is one of them, or all ports with a host would be of another', () => {
  const asked = (name: string) => () => nodeName(STORE, name, 'alpha')
  expect(asked('Alpha')).toThrow(
    expect.objectContaining({ code: 'USAGE', remedy: 'Did you mean "alpha"? Or add a Node of that name.' }),
  )
  expect(asked('elsewhere')).toThrow(
    expect.objectContaining({ remedy: expect.stringContaining('beta.example.org') }),
  )
})

test('else the switch tells the host name, and the Node is found by it in full', () => {
  expect(nodeName(STORE, undefined, 'beta.example.org')).toBe('beta.example.org')
  expect(nodeName(STORE, undefined, 'gamma.two.example')).toBe('gamma.two.example')
})

test('or by its first label, on either side', () => {
  expect(nodeName(STORE, undefined, 'alpha.example.org')).toBe('alpha')
  expect(nodeName(STORE, undefined, 'beta')).toBe('beta.example.org')
})

test('a host that is no Node keeps its own name, unless all ports with a host would be of others', () => {
  expect(nodeName(STORE, undefined, 'delta.example.org')).toBe('delta.example.org')
  const hosted = storeOf(
    node('alpha', '192.0.2.1'),
    ...[
      network('net1', 8001),
      subnet('net1-v4', 'net1', '10.1.0.0/24'),
      port('vm1', 'net1', { host: 'alpha' }),
    ],
  )
  expect(nodeName(hosted, undefined, 'alpha')).toBe('alpha')
  expect(() => nodeName(hosted, undefined, 'localhost')).toThrow(
    expect.objectContaining({ code: 'UNKNOWN_NODE', remedy: expect.stringContaining('--node: alpha') }),
  )
})

test('a switch that tells no name leaves it to the machine', () => {
  expect(nodeName(storeOf(), undefined, undefined)).toBe(hostname())
})

test('a host that had a Node is not taken for one that never had any', () => {
  const facts = { hostname: 'delta', notedNode: 'delta', isInCluster: false }
  expect(() => nameOf(STORE, undefined, facts)).toThrow(expect.objectContaining({ code: 'UNKNOWN_NODE' }))
  expect(nameOf(storeOf(), undefined, facts)).toBe('delta')
})

test('in a cluster a node needs no manifest', () => {
  const facts = { hostname: 'delta', notedNode: 'delta', isInCluster: true }
  expect(nameOf(STORE, undefined, facts)).toBe('delta')
  expect(nameOf(STORE, 'elsewhere', facts)).toBe('elsewhere')
})
