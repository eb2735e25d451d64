import { describe, expect, test } from '@jest/globals'
import {
  conflictsOf,
  contenderOf,
  hasRival,
  holdsName,
  type Identity,
  type Keys,
  nameChangesFor,
  portChangesFor,
  sameWishes,
  takenBy,
  type Wishes,
} from '../../../src/cluster/claims.js'
import { type KeyKind, type KeyState, renderNodeEntry } from '../../../src/cluster/keys.js'
import { parseIpv4 } from '../../../src/values/ipv4.js'

const ME: Identity = { node: 'a', switchId: 'sw-a', lease: '100', inheritedUpTo: 10 }

const wish = (...ports: readonly string[]) => ({ tunnelIp: undefined, ports: new Set(ports) })

const held = (name: string, value: string | undefined, modRevision: number, lease: string): KeyState => ({
  kind: 'ports',
  name,
  value,
  present: true,
  modRevision,
  lease,
})

const entry = (switchId: string, tunnelIp?: string): string =>
  renderNodeEntry({ switchId, tunnelIp: tunnelIp === undefined ? undefined : parseIpv4(tunnelIp) })

/** The key that has the name of node a. */
const named = (value: string | undefined, modRevision: number, lease: string): KeyState => ({
  ...held('a', value, modRevision, lease),
  kind: 'nodes',
})
const asked = (value: string, modRevision: number, lease: string): KeyState => ({
  ...held('a', value, modRevision, lease),
  kind: 'contenders',
})

const keysOf =
  (...states: readonly KeyState[]): Keys =>
  (kind: KeyKind) =>
    new Map(states.filter((state) => state.kind === kind).map((state) => [state.name, state]))

/** We have our name. */
const holding = (...states: readonly KeyState[]): Keys => keysOf(named(entry('sw-a'), 5, '100'), ...states)

describe('a port that is wanted', () => {
  test('is claimed when nobody holds it', () => {
    expect(portChangesFor(wish('vm1'), ME, holding())).toEqual([
      { kind: 'ports', name: 'vm1', value: 'a', expected: 0 },
    ])
  })

  test('is left alone when we hold it under our lease', () => {
    expect(portChangesFor(wish('vm1'), ME, holding(held('vm1', 'a', 20, '100')))).toEqual([])
  })

  test('is taken over when an earlier run of ours holds it', () => {
    expect(portChangesFor(wish('vm1'), ME, holding(held('vm1', 'a', 9, '90')))).toEqual([
      { kind: 'ports', name: 'vm1', value: 'a', expected: 9 },
    ])
  })

  test('is left alone when another node holds it, and told as a conflict', () => {
    const keys = holding(held('vm1', 'b', 9, '200'))
    expect(portChangesFor(wish('vm1'), ME, keys)).toEqual([])
    expect([...conflictsOf(wish('vm1', 'vm2'), 'a', keys)]).toEqual([['vm1', 'b']])
  })

  test('is left alone when another agent of our name has claimed it since we came', () => {
    const keys = holding(held('vm1', 'a', 11, '300'))
    expect(portChangesFor(wish('vm1'), ME, keys)).toEqual([])
    expect(hasRival(ME, keys)).toBe(true)
  })

  test('is claimed when its key is unreadable', () => {
    expect(portChangesFor(wish('vm1'), ME, holding(held('vm1', undefined, 12, '0')))).toEqual([
      { kind: 'ports', name: 'vm1', value: 'a', expected: 12 },
    ])
  })

  test('is claimed anew when its key is gone and only its deletion is remembered', () => {
    const gone = { ...held('vm1', undefined, 12, '100'), present: false }
    expect(portChangesFor(wish('vm1'), ME, holding(gone))).toEqual([
      { kind: 'ports', name: 'vm1', value: 'a', expected: 0 },
    ])
  })
})

describe('a port that is not wanted', () => {
  test.each([
    ['we hold', held('vm1', 'a', 20, '100'), 20],
    ['an earlier run of ours holds', held('vm1', 'a', 9, '90'), 9],
  ])('is released when it is one that %s', (_, state, expected) => {
    expect(portChangesFor(wish(), ME, holding(state))).toEqual([
      { kind: 'ports', name: 'vm1', value: undefined, expected },
    ])
  })

  test.each([
    ['another node holds', held('vm1', 'b', 9, '200')],
    ['nobody holds in words we can read', held('vm1', undefined, 9, '0')],
    ['we have released', { ...held('vm1', undefined, 12, '100'), present: false }],
  ])('is left alone when it is one that %s', (_, state) => {
    expect(portChangesFor(wish(), ME, holding(state))).toEqual([])
  })
})

describe("the node's own key", () => {
  const wishes: Wishes = { tunnelIp: parseIpv4('192.0.2.1'), ports: undefined }
  const right = entry('sw-a', '192.0.2.1')
  const written = { kind: 'nodes', name: 'a', value: right }

  test.each([
    ['absent', [], [{ ...written, expected: 0 }]],
    ['right', [named(right, 20, '100')], []],
    ['another address', [named(entry('sw-a', '192.0.2.9'), 20, '100')], [{ ...written, expected: 20 }]],
    ['of an earlier run', [named(right, 9, '90')], [{ ...written, expected: 9 }]],
    ['of another agent of our switch that came later', [named(right, 11, '300')], []],
    ['unreadable', [named(undefined, 11, '0')], [{ ...written, expected: 11 }]],
  ])('when it is %s', (_, states, changes) => {
    expect(nameChangesFor(wishes, ME, keysOf(...states))).toEqual(changes)
  })

  test('stays without an address: the name is ours all the same', () => {
    const keys = keysOf(named(right, 20, '100'))
    expect(nameChangesFor({ ...wishes, tunnelIp: undefined }, ME, keys)).toEqual([
      { ...written, value: entry('sw-a'), expected: 20 },
    ])
  })

  test('is left as an earlier run has left it until somebody wants the name', () => {
    expect(nameChangesFor(undefined, ME, keysOf())).toEqual([])
    expect(nameChangesFor(undefined, ME, keysOf(named(right, 9, '90')))).toEqual([])
  })
})

describe('a name that another switch has', () => {
  const theirs = named(entry('sw-b', '192.0.2.1'), 9, '90')

  test('is not taken, nor anything said under it, however old its key is', () => {
    const keys = keysOf(theirs)
    expect(takenBy(ME, keys)).toBe('sw-b')
    expect(holdsName(ME, keys)).toBe(false)
    expect(portChangesFor(wish('vm1'), ME, keys)).toEqual([])
    expect(nameChangesFor(wish(), ME, keys)).toEqual([
      { kind: 'contenders', name: 'a', value: 'sw-a', expected: 0 },
    ])
  })

  test('is asked for by one of all who come', () => {
    expect(nameChangesFor(wish(), ME, keysOf(theirs, asked('sw-a', 20, '100')))).toEqual([])
    expect(nameChangesFor(wish(), ME, keysOf(theirs, asked('sw-c', 20, '300')))).toEqual([])
  })

  test('is taken when it is free, and not asked for any more', () => {
    const gone = { ...theirs, value: undefined, present: false }
    expect(nameChangesFor(wish(), ME, keysOf(gone, asked('sw-a', 20, '100')))).toEqual([
      { kind: 'nodes', name: 'a', value: entry('sw-a'), expected: 0 },
      { kind: 'contenders', name: 'a', value: undefined, expected: 20 },
    ])
  })
})

test('who has a name hears of another switch that asks for it, and not of what its own has left', () => {
  expect(contenderOf(ME, holding(asked('sw-b', 20, '300')))).toBe('sw-b')
  expect(contenderOf(ME, holding(asked('sw-a', 20, '90')))).toBeUndefined()
  expect(contenderOf(ME, holding({ ...asked('sw-b', 21, '300'), present: false }))).toBeUndefined()
})

test('ports of an earlier run stay until it is known which are plugged in', () => {
  expect(portChangesFor({ tunnelIp: undefined, ports: undefined }, ME, holding(held('vm1', 'a', 9, '90')))).toEqual([]) // prettier-ignore
})

test('wishes are the same when they hold the same', () => {
  expect(sameWishes(undefined, wish())).toBe(false)
  expect(sameWishes(wish('x', 'y'), wish('y', 'x'))).toBe(true)
  expect(sameWishes(wish('x'), wish('y'))).toBe(false)
  expect(sameWishes(wish('x'), wish('x', 'y'))).toBe(false)
  expect(sameWishes(wish(), { ...wish(), tunnelIp: parseIpv4('192.0.2.1') })).toBe(false)
})
