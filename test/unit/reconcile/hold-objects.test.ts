import { fc, test as property } from '@fast-check/jest'
import { describe, expect, test } from '@jest/globals'
import type { ManifestSet } from '../../../src/manifest/model.js'
import { objectsOf } from '../../../src/manifest/union.js'
import { countObjects, holdObjects } from '../../../src/reconcile/hold-objects.js'
import { exampleManifests, manifestsOf, network, port, router, subnet } from '../../support/networks.js'

const NONE = manifestsOf()

const NET = [
  network('net1', 8002),
  subnet('net1-v4', 'net1', '10.1.0.0/24'),
  network('net2', 8003),
  subnet('net2-v4', 'net2', '10.2.0.0/24'),
]
const ROUTER = router('r1', { 'net1-v4': 'fa:16:3e:c0:8d:8b', 'net2-v4': 'fa:16:3e:c5:02:4d' })
const portOn = (name: string, last: number) => port(name, 'net1', { ips: { 'net1-v4': `10.1.0.${last}` } })
const ports = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, i) => portOn(`vm${from + i}`, 10 + from + i))

const FULL = manifestsOf(...NET, ROUTER, ...ports(0, 30))

const names = (manifests: ManifestSet) => objectsOf(manifests).map(({ kind, name }) => `${kind} ${name}`)

describe('a change that is let through', () => {
  test('is the new set itself, with a few objects fewer', () => {
    const next = manifestsOf(...NET, ROUTER, ...ports(10, 30))
    expect(holdObjects(FULL, next, undefined)).toEqual({ manifests: next, held: undefined })
  })

  test('is one that a limit allows', () => {
    expect(holdObjects(FULL, NONE, { percent: 100 })).toEqual({ manifests: NONE, held: undefined })
    expect(holdObjects(FULL, NONE, { objects: 35 }).held).toBeUndefined()
    expect(holdObjects(FULL, NONE, { objects: 34 }).held).toBeDefined()
  })

  test.each(['one-network', 'two-networks', 'two-tenants'])(
    'may empty examples/%s only with a yes',
    (name) => {
      const manifests = exampleManifests(name)
      expect(holdObjects(manifests, NONE, undefined).held?.objects).toEqual(countObjects(manifests))
    },
  )
})

describe('a change that is held', () => {
  test('keeps what is gone and takes what is new and what is changed', () => {
    const changed = portOn('vm0', 200)
    const next = manifestsOf(...NET, ROUTER, changed, ...ports(1, 5), portOn('new', 201))
    const { manifests, held } = holdObjects(FULL, next, undefined)
    expect(names(manifests)).toEqual([...new Set([...names(FULL), 'Port new'])].toSorted(byKindAndName))
    expect(manifests.ports.find(({ name }) => name === 'vm0')?.fixedIps).toEqual(
      next.ports.find(({ name }) => name === 'vm0')?.fixedIps,
    )
    expect(held).toEqual({
      objects: new Map([['Port', 25]]),
      names: FULL.ports
        .filter(({ name }) => !['vm0', 'vm1', 'vm2', 'vm3', 'vm4'].includes(name))
        .map(({ name }) => `Port ${name}`),
      blocks: 'nothing',
    })
  })

  test('of the only router is held for the router alone', () => {
    const { manifests, held } = holdObjects(FULL, manifestsOf(...NET, ...ports(0, 30)), undefined)
    expect(names(manifests)).toEqual(names(FULL))
    expect(held?.names).toEqual(['Router r1'])
  })

  test('keeps other objects as they were where their change and the held ones do not go together', () => {
    // net1 gets another prefix, and the ports that are gone have addresses of the old one
    const moved = NET.with(1, subnet('net1-v4', 'net1', '10.9.0.0/24'))
    const next = manifestsOf(...moved, ROUTER, network('net3', 8004))
    const { manifests, held } = holdObjects(FULL, next, undefined)
    expect(held).toMatchObject({ blocks: 'changes', objects: new Map([['Port', 30]]) })
    expect(manifests.subnets).toEqual(FULL.subnets)
    expect(manifests.networks.map(({ name }) => name)).toEqual(['net1', 'net2', 'net3'])
  })

  test('keeps all as it was where what is new stands in the place of what is gone', () => {
    const next = manifestsOf(network('other', 8002)) // the number of net1
    expect(holdObjects(FULL, next, undefined)).toMatchObject({
      manifests: FULL,
      held: { blocks: 'everything' },
    })
  })

  test('stays held when it is asked for again, and is let go by the objects coming back', () => {
    const next = manifestsOf(...NET, ROUTER, ...ports(0, 5))
    const first = holdObjects(FULL, next, undefined)
    expect(holdObjects(first.manifests, next, undefined)).toEqual(first)
    expect(holdObjects(first.manifests, FULL, undefined)).toEqual({ manifests: FULL, held: undefined })
  })
})

property.prop([fc.subarray(ports(0, 30), { minLength: 1 }), fc.subarray(ports(30, 60))])(
  'with a limit of 0 nothing that was there ever goes, and all that is new comes',
  (left, added) => {
    const next = manifestsOf(...NET, ROUTER, ...left, ...added)
    const { manifests, held } = holdObjects(FULL, next, { objects: 0 })
    expect(new Set(names(manifests))).toEqual(new Set([...names(FULL), ...names(next)]))
    expect(held === undefined).toBe(left.length === 30)
  },
)

/** Kinds in the order of a set, names in code-unit order. */
function byKindAndName(a: string, b: string): number {
  const order = ['Network', 'Subnet', 'Router', 'Port']
  const [kindA = '', kindB = ''] = [a.split(' ')[0], b.split(' ')[0]]
  return order.indexOf(kindA) - order.indexOf(kindB) || (a < b ? -1 : Number(a > b))
}
