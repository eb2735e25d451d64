import { expect, test } from '@jest/globals'
import { isNews } from '../../../src/reconcile/node-cluster.js'
import type { ClusterView } from '../../../src/topology/cluster-view.js'
import { parseIpv4 } from '../../../src/values/ipv4.js'

const TUNNEL_IPS = new Map([['node-b', parseIpv4('192.0.2.12')!]])

function view(bindings: Readonly<Record<string, string>>, tunnelIps = TUNNEL_IPS): ClusterView {
  return { bindings: new Map(Object.entries(bindings)), tunnelIps }
}

/** Of node-a, whose flows depend on `near` alone. */
const isNewsToA = (before: ClusterView, now: ClusterView): boolean =>
  isNews(before, now, 'node-a', (port) => port === 'near')

const BEFORE = view({ near: 'node-b', far: 'node-b', own: 'node-a' })

test.each([
  ['a port that it needs moves', view({ near: 'node-c', far: 'node-b', own: 'node-a' })],
  ['a port that it needs is bound by nobody', view({ far: 'node-b', own: 'node-a' })],
  ['a port comes to it', view({ near: 'node-b', far: 'node-a', own: 'node-a' })],
  ['a port leaves it', view({ near: 'node-b', far: 'node-b', own: 'node-b' })],
  ['its own port is bound by nobody', view({ near: 'node-b', far: 'node-b' })],
  [
    'a tunnel address changes',
    view(Object.fromEntries(BEFORE.bindings), new Map([['node-b', parseIpv4('192.0.2.13')!]])),
  ],
  [
    'a node gets a tunnel address',
    view(Object.fromEntries(BEFORE.bindings), new Map([...TUNNEL_IPS, ['node-c', parseIpv4('192.0.2.13')!]])),
  ],
  ['the state alone changes', BEFORE],
])('a node has a pass when %s', (_, now) => {
  expect(isNewsToA(BEFORE, now)).toBe(true)
})

test.each([
  ['moves', view({ near: 'node-b', far: 'node-c', own: 'node-a' })],
  ['is bound by nobody', view({ near: 'node-b', own: 'node-a' })],
  ['appears', view({ near: 'node-b', far: 'node-b', own: 'node-a', other: 'node-c' })],
])('a node has no pass when a port that it has nothing to do with %s', (_, now) => {
  expect(isNewsToA(BEFORE, now)).toBe(false)
})
