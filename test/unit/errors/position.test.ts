import { expect, test } from '@jest/globals'
import { comparePositions, compareText } from '../../../src/errors/position.js'

test('text is ordered by code units, not by locale', () => {
  expect(['b', 'a', 'B', 'a10', 'a2', 'ä'].toSorted(compareText)).toEqual(['B', 'a', 'a10', 'a2', 'b', 'ä'])
})

test('positions are ordered by file, then line, then column, as numbers', () => {
  const at = (file: string, line: number, column: number) => ({ file, line, column, length: 1 })
  const sorted = [at('a', 2, 10), at('a', 10, 1), at('b', 1, 1)]
  expect(sorted.toReversed().toSorted(comparePositions)).toEqual(sorted)
  expect([at('a', 1, 10), at('a', 1, 9)].toSorted(comparePositions)[0]!.column).toBe(9)
})
