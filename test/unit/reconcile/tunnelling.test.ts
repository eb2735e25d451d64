import { expect, test } from '@jest/globals'
import { NO_MANIFESTS, type Node } from '../../../src/manifest/model.js'
import { tunnelIpOf } from '../../../src/reconcile/node.js'
import { addressWarnings, tunnelDuty, tunnellingOf } from '../../../src/reconcile/tunnelling.js'
import { NO_CLUSTER } from '../../../src/topology/cluster-view.js'
import { parseIpv4 } from '../../../src/values/ipv4.js'
import type { Uuid } from '../../../src/ovsdb/values.js'

const IP = parseIpv4('192.0.2.11')!
const node = (name: string): Node => ({
  ...{ kind: 'Node', name, at: { file: 'n.yaml', line: 1, column: 1, length: 1 }, labels: {} },
  ...{ tunnelIp: IP, encapsulation: 'vxlan' },
})
const at = (name: string) => ({ node: name, tunnelIp: IP })
const nowhere = (name: string) => ({ node: name, tunnelIp: undefined })
const withNodes = (...names: readonly string[]) => ({ ...NO_MANIFESTS, nodes: names.map(node) })

test('a Node among others has tunnels of their encapsulation', () => {
  expect(tunnellingOf(withNodes('a', 'b'), at('a'), NO_CLUSTER)).toEqual({ encapsulation: 'vxlan' })
})

test('a node that is alone, or has no tunnel address, has none', () => {
  expect(tunnellingOf(withNodes('a'), at('a'), NO_CLUSTER)).toBeUndefined()
  expect(tunnellingOf(withNodes('a', 'b'), nowhere('c'), NO_CLUSTER)).toBeUndefined()
})

test('nodes that the cluster alone knows count as well', () => {
  const cluster = {
    ...NO_CLUSTER,
    tunnelIps: new Map([
      ['a', IP],
      ['b', IP],
    ]),
  }
  expect(tunnellingOf(NO_MANIFESTS, at('a'), cluster)).toEqual({ encapsulation: 'geneve' })
  expect(tunnellingOf(NO_MANIFESTS, nowhere('a'), cluster)).toBeUndefined()
})

test('a br-tun with flows of ours is cared for when no other node is left, and one of somebody else never', () => {
  const notes = (externalIds: readonly (readonly [string, string])[]) => ({
    tunnelNotes: { uuid: '' as Uuid, name: 'br-tun', externalIds: new Map(externalIds) },
  })
  expect(tunnelDuty(notes([['reconcile-revision', 'abc']]), 'br-int', undefined)).toEqual({ spec: undefined })
  expect(tunnelDuty(notes([]), 'br-int', undefined)).toBeUndefined()
  expect(tunnelDuty({ tunnelNotes: undefined }, 'br-int', { encapsulation: 'gre' })).toEqual({
    spec: { encapsulation: 'gre', integrationBridge: 'br-int' },
  })
})

test('the tunnel address is that of the Node, else the one that the switch notes', () => {
  expect(tunnelIpOf(withNodes('a'), 'a', '192.0.2.99')).toBe(IP)
  expect(tunnelIpOf(NO_MANIFESTS, 'a', '192.0.2.99')).toBe(parseIpv4('192.0.2.99'))
  expect(tunnelIpOf(NO_MANIFESTS, 'a', undefined)).toBeUndefined()
})

test('a node without a tunnel address is told of where there are others', () => {
  expect(addressWarnings(withNodes('a', 'b'), at('c'), NO_CLUSTER)).toEqual([])
  expect(addressWarnings(NO_MANIFESTS, nowhere('c'), NO_CLUSTER)).toEqual([])
  expect(addressWarnings(withNodes('a'), nowhere('c'), NO_CLUSTER)).toEqual([
    expect.stringMatching(/^node c has no Node .*external_ids:reconcile-tunnel-ip=ADDRESS$/),
  ])
})
