import { expect, test } from '@jest/globals'
import { PairMap } from '../../../src/values/pair-map.js'

test('a value is found under both of its keys and under no other pair', () => {
  const map = new PairMap([
    ['a', 1, 'a1'],
    ['a', 2, 'a2'],
    ['b', 1, 'b1'],
  ])
  expect([map.get('a', 1), map.get('a', 2), map.get('b', 1), map.get('b', 2)]).toEqual([
    ...['a1', 'a2', 'b1'],
    undefined,
  ])
  expect([map.has('a', 2), map.has('b', 2), map.has('c', 1)]).toEqual([true, false, false])
})

test('a pair that is set again counts once', () => {
  const map = new PairMap<string, number, string>()
  map.set('a', 1, 'old')
  map.set('a', 1, 'new')
  expect([map.size, map.get('a', 1)]).toEqual([1, 'new'])
  map.clear()
  expect([map.size, map.has('a', 1)]).toEqual([0, false])
})
