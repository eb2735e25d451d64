import { describe, expect, test } from '@jest/globals'
import type { ManifestSet } from '../../../src/manifest/model.js'
import { type ManifestStore, plainStore } from '../../../src/manifest/store.js'
import { objectHash } from '../../../src/values/hash.js'
import { manifestsOf, network, node, port, router, subnet } from '../../support/networks.js'

const NODES = [node('node-a', '192.0.2.1'), node('node-b', '192.0.2.2')]

/** net1 - r12 - net2 - r23 - net3, and net9 apart; vm1 on node-a, vm2 on node-b, the others wherever they are. */
const CHAIN = [
  ...[1, 2, 3, 9].flatMap((n) => [network(`net${n}`, n), subnet(`sub${n}`, `net${n}`, `10.0.${n}.0/24`)]),
  router('r12', { sub1: '02:00:00:00:12:01', sub2: '02:00:00:00:12:02' }),
  router('r23', { sub2: ['02:00:00:00:23:02', '10.0.2.254'], sub3: '02:00:00:00:23:03' }),
  port('vm1', 'net1', { host: 'node-a' }),
  port('vm2', 'net2', { host: 'node-b' }),
  port('vm3', 'net3', { interface: 'tap3' }),
  port('vm9', 'net9', { ifaceId: 'id9' }),
]

const STORE = plainStore(manifestsOf(...NODES, ...CHAIN))

function names({ networks, subnets, routers, ports, nodes }: ManifestSet) {
  return [networks, subnets, routers, ports, nodes].map((objects) =>
    objects.map(({ name }) => name).join(' '),
  )
}

function reachFrom(name: string, claims: readonly string[] = [], store: ManifestStore = STORE) {
  return store.reach({ node: name, claims: new Set(claims) })
}

describe('a store', () => {
  test('counts its objects, and has no count of a kind that it has none of', () => {
    expect([...STORE.counts]).toEqual([
      ['Network', 4],
      ['Subnet', 4],
      ['Router', 2],
      ['Port', 4],
      ['Node', 2],
    ])
    expect([...plainStore(manifestsOf(network('net1', 1))).counts]).toEqual([['Network', 1]])
  })

  test('knows its objects by kind and name, and by the hash of both', () => {
    expect([STORE.has('Port', 'vm1'), STORE.has('Network', 'vm1')]).toEqual([true, false])
    expect(STORE.hasHash(objectHash('Port', 'vm1'))).toBe(true)
    expect(STORE.hasHash(objectHash('Network', 'vm1'))).toBe(false)
    expect(STORE.nodes.map(({ name }) => name)).toEqual(['node-a', 'node-b'])
  })

  test('says what another one lacks, kind by kind, whatever became of objects that both have', () => {
    const less = CHAIN.filter(({ metadata }) => !/^(vm9|net9|sub9|vm2)$/.test(String(metadata['name'])))
    const other = plainStore(manifestsOf(NODES[0]!, ...less, network('new', 77), port('vm2', 'new')))
    const missing = STORE.without(other).map(({ kind, name }) => `${kind} ${name}`)
    expect(missing).toEqual(['Network net9', 'Subnet sub9', 'Port vm9', 'Node node-b'])
    expect(other.without(STORE).map(({ name }) => name)).toEqual(['new'])
    expect(STORE.without(STORE)).toEqual([])
  })
})

describe('a node may reach', () => {
  test('the networks of its ports, plugged in or not, their routers and what is behind one of these', () => {
    expect(names(reachFrom('node-a'))).toEqual(['net1 net2', 'sub1 sub2', 'r12', 'vm1 vm2', 'node-a node-b'])
  })

  test.each([
    ['name', 'tap3', ['net2 net3', 'sub2 sub3', 'r23', 'vm2 vm3', 'node-a node-b']],
    ['iface-id', 'id9', ['net9', 'sub9', '', 'vm9', 'node-a node-b']],
  ])('what a port without host can, whose interface is plugged in here by its %s', (_, claim, reached) => {
    expect(names(reachFrom('node-x', [claim]))).toEqual(reached)
  })

  test('nothing but the nodes by the interface of a port whose host is another one', () => {
    expect(names(reachFrom('node-x', ['vm1']))).toEqual(['', '', '', '', 'node-a node-b'])
  })

  test('the same record, also when more is plugged in that changes nothing', () => {
    const reached = reachFrom('node-a')
    expect(reachFrom('node-a', ['vm1', 'eth0'])).toBe(reached)
    expect(reachFrom('node-b')).not.toBe(reached)
    expect(reachFrom('node-a')).toBe(reached)
    expect(reachFrom('node-a', ['id9'])).not.toBe(reached)
  })
})
