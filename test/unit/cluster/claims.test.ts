import { describe, expect, test } from '@jest/globals'
import { changesFor, conflictsOf, hasRival, sameWishes } from '../../../src/cluster/claims.js'
import type { KeyKind, KeyState } from '../../../src/cluster/keys.js'
import { parseIpv4 } from '../../../src/values/ipv4.js'

const ME = { node: 'a', lease: '100', inheritedUpTo: 10 }

const wish = (...ports: readonly string[]) => ({ tunnelIp: undefined, ports: new Set(ports) })

const held = (name: string, value: string | undefined, modRevision: number, lease: string): KeyState => ({
  kind: 'ports',
  name,
  value,
  present: true,
  modRevision,
  lease,
})

const holding =
  (...states: readonly KeyState[]) =>
  (kind: KeyKind): ReadonlyMap<string, KeyState> =>
    new Map(states.filter((state) => state.kind === kind).map((state) => [state.name, state]))

describe('a port that is wanted', () => {
  test('is claimed when nobody holds it', () => {
    expect(changesFor(wish('vm1'), ME, holding())).toEqual([
      { kind: 'ports', name: 'vm1', value: 'a', expected: 0 },
    ])
  })

  test('is left alone when we hold it under our lease', () => {
    expect(changesFor(wish('vm1'), ME, holding(held('vm1', 'a', 20, '100')))).toEqual([])
  })

  test('is taken over when an earlier run of ours holds it', () => {
    expect(changesFor(wish('vm1'), ME, holding(held('vm1', 'a', 9, '90')))).toEqual([
      { kind: 'ports', name: 'vm1', value: 'a', expected: 9 },
    ])
  })

  test('is left alone when another node holds it, and told as a conflict', () => {
    const keys = holding(held('vm1', 'b', 9, '200'))
    expect(changesFor(wish('vm1'), ME, keys)).toEqual([])
    expect([...conflictsOf(wish('vm1', 'vm2'), 'a', keys)]).toEqual([['vm1', 'b']])
  })

  test('is left alone when another agent of our name has claimed it since we came', () => {
    const keys = holding(held('vm1', 'a', 11, '300'))
    expect(changesFor(wish('vm1'), ME, keys)).toEqual([])
    expect(hasRival(ME, keys)).toBe(true)
  })

  test('is claimed when its key is unreadable', () => {
    expect(changesFor(wish('vm1'), ME, holding(held('vm1', undefined, 12, '0')))).toEqual([
      { kind: 'ports', name: 'vm1', value: 'a', expected: 12 },
    ])
  })

  test('is claimed anew when its key is gone and only its deletion is remembered', () => {
    const gone = { ...held('vm1', undefined, 12, '100'), present: false }
    expect(changesFor(wish('vm1'), ME, holding(gone))).toEqual([
      { kind: 'ports', name: 'vm1', value: 'a', expected: 0 },
    ])
  })
})

describe('a port that is not wanted', () => {
  test.each([
    ['we hold', held('vm1', 'a', 20, '100'), 20],
    ['an earlier run of ours holds', held('vm1', 'a', 9, '90'), 9],
  ])('is released when it is one that %s', (_, state, expected) => {
    expect(changesFor(wish(), ME, holding(state))).toEqual([
      { kind: 'ports', name: 'vm1', value: undefined, expected },
    ])
  })

  test.each([
    ['another node holds', held('vm1', 'b', 9, '200')],
    ['nobody holds in words we can read', held('vm1', undefined, 9, '0')],
    ['we have released', { ...held('vm1', undefined, 12, '100'), present: false }],
  ])('is left alone when it is one that %s', (_, state) => {
    expect(changesFor(wish(), ME, holding(state))).toEqual([])
  })
})

describe("the node's own key", () => {
  const own = (value: string, modRevision: number, lease: string): KeyState => ({
    ...held('a', value, modRevision, lease),
    kind: 'nodes',
  })
  const wishes = { tunnelIp: parseIpv4('192.0.2.1'), ports: new Set<string>() }
  const written = { kind: 'nodes', name: 'a', value: '192.0.2.1' }

  test.each([
    ['absent', [], [{ ...written, expected: 0 }]],
    ['right', [own('192.0.2.1', 20, '100')], []],
    ['another address', [own('192.0.2.9', 20, '100')], [{ ...written, expected: 20 }]],
    ['of an earlier run', [own('192.0.2.1', 9, '90')], [{ ...written, expected: 9 }]],
    ['of somebody else of our name', [own('192.0.2.1', 11, '300')], []],
  ])('when it is %s', (_, states, changes) => {
    expect(changesFor(wishes, ME, holding(...states))).toEqual(changes)
  })

  test('is deleted when the node has no tunnels any more', () => {
    expect(changesFor(wish(), ME, holding(own('192.0.2.1', 20, '100')))).toEqual([
      { ...written, value: undefined, expected: 20 },
    ])
  })
})

test('wishes are the same when they hold the same', () => {
  expect(sameWishes(undefined, wish())).toBe(false)
  expect(sameWishes(wish('x', 'y'), wish('y', 'x'))).toBe(true)
  expect(sameWishes(wish('x'), wish('y'))).toBe(false)
  expect(sameWishes(wish('x'), wish('x', 'y'))).toBe(false)
  expect(sameWishes(wish(), { ...wish(), tunnelIp: parseIpv4('192.0.2.1') })).toBe(false)
})
