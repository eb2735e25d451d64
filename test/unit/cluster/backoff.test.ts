import { expect, test } from '@jest/globals'
import { pauseMs } from '../../../src/cluster/backoff.js'

test('the span that a pause is drawn from doubles up to its limit', () => {
  const last = (failures: number) => pauseMs(failures, () => 1)
  expect([1, 2, 3, 4, 5, 50].map(last)).toEqual([200, 400, 800, 1000, 1000, 1000])
})

test('a pause is anything from none to the whole span', () => {
  expect([0, 0.25, 0.5].map((drawn) => pauseMs(3, () => drawn))).toEqual([0, 200, 400])
})
