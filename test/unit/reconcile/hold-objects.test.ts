import { fc, test as property } from '@fast-check/jest'
import { describe, expect, test } from '@jest/globals'
import { type ManifestStore, plainStore } from '../../../src/manifest/store.js'
import { objectsOf } from '../../../src/manifest/union.js'
import { holdObjects } from '../../../src/reconcile/hold-objects.js'
import { exampleManifests, storeOf, network, port, router, subnet } from '../../support/networks.js'

const NONE = storeOf()

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

const FULL = storeOf(...NET, ROUTER, ...ports(0, 30))

const names = (store: ManifestStore) => objectsOf(store.all()).map(({ kind, name }) => `${kind} ${name}`)

describe('a change that is let through', () => {
  test('is the new set itself, with a few objects fewer', () => {
    const next = storeOf(...NET, ROUTER, ...ports(10, 30))
    expect(holdObjects(FULL, next, undefined)).toEqual({ store: next, held: undefined, gone: [] })
  })

  test('is one that a limit allows', () => {
    expect(holdObjects(FULL, NONE, { percent: 100 })).toEqual({ store: NONE, held: undefined, gone: [] })
    expect(holdObjects(FULL, NONE, { objects: 35 }).held).toBeUndefined()
    expect(holdObjects(FULL, NONE, { objects: 34 }).held).toBeDefined()
  })

  test.each(['one-network', 'two-networks', 'two-tenants'])(
    'may empty examples/%s only with a yes',
    (name) => {
      const store = plainStore(exampleManifests(name))
      expect(holdObjects(store, NONE, undefined).held?.objects).toEqual(store.counts)
    },
  )
})

describe('a change that is held', () => {
  test('keeps what is gone and takes what is new and what is changed', () => {
    const changed = portOn('vm0', 200)
    const next = storeOf(...NET, ROUTER, changed, ...ports(1, 5), portOn('new', 201))
    const { store, held } = holdObjects(FULL, next, undefined)
    expect(names(store)).toEqual([...new Set([...names(FULL), 'Port new'])].toSorted(byKindAndName))
    expect(store.all().ports.find(({ name }) => name === 'vm0')?.fixedIps).toEqual(
      next.all().ports.find(({ name }) => name === 'vm0')?.fixedIps,
    )
    expect(held).toEqual({
      objects: new Map([['Port', 25]]),
      names: FULL.all()
        .ports.filter(({ name }) => !['vm0', 'vm1', 'vm2', 'vm3', 'vm4'].includes(name))
        .map(({ name }) => `Port ${name}`),
      blocks: 'nothing',
    })
  })

  test('of the only router is held for the router alone', () => {
    const { store, held } = holdObjects(FULL, storeOf(...NET, ...ports(0, 30)), undefined)
    expect(names(store)).toEqual(names(FULL))
    expect(held?.names).toEqual(['Router r1'])
  })

  test('keeps other objects as they were where their change and the held ones do not go together', () => {
    // net1 gets another prefix, and the ports that are gone have addresses of the old one
    const moved = NET.with(1, subnet('net1-v4', 'net1', '10.9.0.0/24'))
    const next = storeOf(...moved, ROUTER, network('net3', 8004))
    const { store, held } = holdObjects(FULL, next, undefined)
    expect(held).toMatchObject({ blocks: 'changes', objects: new Map([['Port', 30]]) })
    expect(store.all().subnets).toEqual(FULL.all().subnets)
    expect(store.all().networks.map(({ name }) => name)).toEqual(['net1', 'net2', 'net3'])
  })

  test('keeps all as it was where what is new stands in the place of what is gone', () => {
    const next = storeOf(network('other', 8002)) // the number of net1
    expect(holdObjects(FULL, next, undefined)).toMatchObject({
      store: FULL,
      held: { blocks: 'everything' },
    })
  })

  test('stays held when it is asked for again, and is let go by the objects coming back', () => {
    const next = storeOf(...NET, ROUTER, ...ports(0, 5))
    const first = holdObjects(FULL, next, undefined)
    const second = holdObjects(first.store, next, undefined)
    expect(second.held).toEqual(first.held)
    expect(second.gone).toEqual(first.gone)
    expect(names(second.store)).toEqual(names(first.store))
    expect(holdObjects(first.store, FULL, undefined)).toEqual({ store: FULL, held: undefined, gone: [] })
  })
})

property.prop([fc.subarray(ports(0, 30), { minLength: 1 }), fc.subarray(ports(30, 60))])(
  'with a limit of 0 nothing that was there ever goes, and all that is new comes',
  (left, added) => {
    const next = storeOf(...NET, ROUTER, ...left, ...added)
    const { store, held } = holdObjects(FULL, next, { objects: 0 })
    expect(new Set(names(store))).toEqual(new Set([...names(FULL), ...names(next)]))
    expect(held === undefined).toBe(left.length === 30)
  },
)

/** Kinds in the order of a set, names in code-unit order. */
function byKindAndName(a: string, b: string): number {
  const order = ['Network', 'Subnet', 'Router', 'Port']
  const [kindA = '', kindB = ''] = [a.split(' ')[0], b.split(' ')[0]]
  return order.indexOf(kindA) - order.indexOf(kindB) || (a < b ? -1 : Number(a > b))
}
