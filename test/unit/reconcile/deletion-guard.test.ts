import { describe, expect, test } from '@jest/globals'
import { objectsOf } from '../../../src/manifest/union.js'
import { DeletionGuard } from '../../../src/reconcile/deletion-guard.js'
import { manifestsOf, network, port } from '../../support/networks.js'
import { packedStore } from '../../support/stores.js'

const MEMORY = { recorded: undefined, ofports: new Set<number>() }
const NO_FLOWS = new Map()

const siteOf = (from: number, to: number) =>
  manifestsOf(
    network('net1', 1),
    ...Array.from({ length: to - from }, (_, i) => port(`vm${from + i}`, 'net1')),
  )

/** One that has applied all. */
function guardOf(from: number, to: number) {
  const guard = new DeletionGuard(undefined)
  const before = packedStore(siteOf(from, to))
  guard.applied(guard.admit(before.store, MEMORY).store, undefined)
  return { guard, before }
}

describe('a guard that remembers what was applied', () => {
  test('lets a small change through without having all objects made', () => {
    const { guard, before } = guardOf(0, 40)
    const next = packedStore(siteOf(3, 45))
    const admitted = guard.admit(next.store, MEMORY)
    expect(admitted.store).toBe(next.store)
    expect([admitted.gone, admitted.hold(NO_FLOWS, []).held]).toEqual([[], undefined])
    expect([before.unpacked, next.unpacked]).toEqual([0, 0])
  })

  test('holds what is gone beside what is new, and names it', () => {
    const { guard } = guardOf(0, 40)
    const next = packedStore(siteOf(20, 41))
    const { store, gone, hold } = guard.admit(next.store, MEMORY)
    expect(new Set(objectsOf(store.all()).map(({ name }) => name))).toEqual(
      new Set(objectsOf(siteOf(0, 41)).map(({ name }) => name)),
    )
    expect(gone.map(({ name }) => name).sort()).toEqual(Array.from({ length: 20 }, (_, i) => `vm${i}`).sort())
    expect(hold(NO_FLOWS, []).held).toMatchObject({ objects: new Map([['Port', 20]]), blocks: 'nothing' })
  })

  test('answers the same question with the same store, made once', () => {
    const { guard } = guardOf(0, 40)
    const next = packedStore(siteOf(20, 40))
    const first = guard.admit(next.store, MEMORY)
    guard.applied(first.store, first.hold(NO_FLOWS, []).held)
    const second = guard.admit(next.store, MEMORY)
    expect(second.store).toBe(first.store)
    expect(second.gone).toBe(first.gone)
    expect(next.unpacked).toBe(1)
  })
})

test('a guard that remembers nothing lets the objects through, and asks for no more than hashes and counts', () => {
  const next = packedStore(siteOf(0, 5))
  const { store, gone, hold } = new DeletionGuard(undefined).admit(next.store, MEMORY)
  expect([store, gone]).toEqual([next.store, []])
  expect(hold(NO_FLOWS, []).held).toBeUndefined()
  expect(next.unpacked).toBe(0)
})
