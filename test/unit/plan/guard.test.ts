import { fc, test as property } from '@fast-check/jest'
import { describe, expect, test } from '@jest/globals'
import {
  countBy,
  type Counts,
  describeHeld,
  type Held,
  heldRemedy,
  isUnsafe,
  parseCounts,
  parseDeleteLimit,
  renderCounts,
  total,
} from '../../../src/plan/guard.js'

const counts = (record: Readonly<Record<string, number>>): Counts => new Map(Object.entries(record))

/** A change that takes so many ports away from a set that has some of each kind. */
function fewerPorts(before: number, removed: number, others = 0) {
  return {
    before: counts({ Network: others, Port: before }),
    removed: counts(removed === 0 ? {} : { Port: removed }),
    after: counts({ Network: others, Port: before - removed }),
  }
}

describe('without a limit that was asked for', () => {
  test.each([
    { before: 11, removed: 10, unsafe: false },
    { before: 12, removed: 11, unsafe: true },
    { before: 50, removed: 10, unsafe: false },
    { before: 50, removed: 11, unsafe: true },
    { before: 55, removed: 11, unsafe: false },
    { before: 1000, removed: 200, unsafe: false },
    { before: 1000, removed: 201, unsafe: true },
  ])('$removed of $before objects: unsafe is $unsafe', ({ before, removed, unsafe }) => {
    expect(isUnsafe(fewerPorts(before, removed), undefined)).toBe(unsafe)
  })

  test('the last object of a kind needs a yes, be it the only one', () => {
    const deletion = {
      before: counts({ Network: 2, Router: 1 }),
      removed: counts({ Router: 1 }),
      after: counts({ Network: 2 }),
    }
    expect(isUnsafe(deletion, undefined)).toBe(true)
    // another one came in its place: it was renamed
    expect(isUnsafe({ ...deletion, after: counts({ Network: 2, Router: 1 }) }, undefined)).toBe(false)
  })

  test('a kind that had no object is not one that lost its last', () => {
    expect(isUnsafe({ before: new Map(), removed: new Map(), after: new Map() }, undefined)).toBe(false)
  })
})

const sizes = fc
  .record({ before: fc.integer({ min: 1, max: 5_000 }), others: fc.nat({ max: 5_000 }) })
  .chain(({ before, others }) => fc.nat({ max: before }).map((removed) => ({ before, others, removed })))

property.prop([sizes])('more than 10 and more than a fifth is unsafe, and nothing less', (size) => {
  const { before, removed, others } = size
  const many = removed > 10 && removed * 5 > before + others
  expect(isUnsafe(fewerPorts(before, removed, others), undefined)).toBe(many || removed === before)
})

property.prop([sizes, fc.nat({ max: 5_000 })])('a number that was asked for is exact', (size, objects) => {
  const { before, removed, others } = size
  expect(isUnsafe(fewerPorts(before, removed, others), { objects })).toBe(removed > objects)
})

property.prop([sizes, fc.nat({ max: 100 })])(
  'a share that was asked for is one of all objects',
  (size, percent) => {
    const { before, removed, others } = size
    const unsafe = removed * 100 > (before + others) * percent
    expect(isUnsafe(fewerPorts(before, removed, others), { percent })).toBe(unsafe)
  },
)

property.prop([sizes])('100 % lets everything through, and 0 nothing', ({ before, removed, others }) => {
  const deletion = fewerPorts(before, removed, others)
  expect(isUnsafe(deletion, { percent: 100 })).toBe(false)
  expect(isUnsafe(deletion, { objects: 0 })).toBe(removed > 0)
})

describe('a limit', () => {
  test.each([
    ['0', { objects: 0 }],
    ['12', { objects: 12 }],
    ['0%', { percent: 0 }],
    ['100%', { percent: 100 }],
  ])('%s is %j', (text, limit) => {
    expect(parseDeleteLimit(text)).toEqual(limit)
  })

  test.each(['', '-1', '1.5', '101%', '%', '12 %', 'all', '1e3', '9999999999'])('%j is none', (text) => {
    expect(parseDeleteLimit(text)).toBeUndefined()
  })
})

const KINDS = fc.constantFrom('Network', 'Subnet', 'Router', 'Port', 'Node')

property.prop([fc.array(KINDS)])('counts come back from the text that stands on the bridge', (kinds) => {
  const counted = countBy(kinds, String)
  expect(parseCounts(renderCounts(counted))).toEqual(counted)
  expect(total(counted)).toBe(kinds.length)
})

test.each(['Network', 'Network:', 'Network:x', 'Network:2,', ':2', 'a:1;b:2'])('%j is no counts', (text) => {
  expect(parseCounts(text)).toBeUndefined()
})

describe('what is held', () => {
  const held: Held = {
    objects: counts({ Router: 1, Port: 12 }),
    names: ['Router r1', ...Array.from({ length: 12 }, (_, i) => `Port vm${i}`)],
    blocks: 'nothing',
  }

  test('is told by kind, with the first names', () => {
    expect(describeHeld(held)).toMatch(/^1 Router, 12 Ports \(Router r1, Port vm0, .*Port vm8, \.\.\.\)$/)
    expect(describeHeld({ ...held, names: [] })).toBe('1 Router, 12 Ports')
  })

  test('says what else waits', () => {
    expect(describeHeld({ ...held, blocks: 'changes' })).toContain('changes of other objects wait too')
    expect(describeHeld({ ...held, blocks: 'everything' })).toContain('all other changes wait too')
  })

  test('comes with the number that lets it go', () => {
    expect(heldRemedy(held)).toContain('--max-deletes 13 ')
  })
})
