import { afterEach, expect, test } from '@jest/globals'
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises'
import { type Drift, DriftWatch } from '../../../src/reconcile/drift-watch.js'
import { waitFor } from '../../support/wait.js'

const taken: Drift[] = []
const now = () => performance.now()
const MOST = 2_000
const watch: DriftWatch = new DriftWatch({ most: () => MOST, ask: () => taken.push(watch.take()), now })

afterEach(() => {
  watch.clear()
  taken.length = 0
})

test('a burst is one request, with all that was told', async () => {
  const begin = now()
  for (let i = 0; i < 100; i++) watch.add(`flow ${i % 10}`)
  await waitFor(() => taken.length > 0)
  await sleep(50)
  expect(taken).toMatchObject([{ isAll: false }])
  expect(taken[0]?.keys.size).toBe(10)
  expect(taken[0]?.since).toBeGreaterThanOrEqual(begin)
})

test('when all flows have been told of, nothing more is waited for', async () => {
  const add = (from: number, to: number) => {
    for (let i = from; i < to; i++) watch.add(`flow ${i}`)
  }
  add(0, MOST - 1)
  await sleep(0)
  expect(taken).toEqual([])
  add(MOST - 1, MOST)
  for (let turn = 0; turn < 3; turn++) await nextTurn()
  expect(taken.map(({ keys }) => keys.size)).toEqual([MOST])
})

test('where very many flows were changed, any may have been', async () => {
  for (let i = 0; i < 20_000; i++) watch.add(`flow ${i}`)
  await waitFor(() => taken.length > 0)
  expect(taken).toMatchObject([{ isAll: true }])
  watch.add('flow')
  await waitFor(() => taken.length > 1)
  expect(taken[1]).toMatchObject({ keys: new Set(['flow']), isAll: false })
})

test('changes that never stop are asked for again and again', async () => {
  const timer = setInterval(() => watch.add('flow'), 1)
  await waitFor(() => taken.length >= 3)
  clearInterval(timer)
})

test('that nobody knows what was changed is told too', async () => {
  watch.add(undefined)
  await waitFor(() => taken.length > 0)
  expect(taken).toMatchObject([{ isAll: true }])
})

test('what was postponed is asked for when its time has come, each at its own', async () => {
  const begin = now()
  watch.postpone('late', begin + 200)
  watch.postpone('soon', begin + 20)
  await waitFor(() => taken.length >= 2)
  expect(taken.map(({ keys }) => [...keys])).toEqual([['soon'], ['late']])
  expect(now() - begin).toBeGreaterThanOrEqual(199)
})

test('what was cleared is not asked for', async () => {
  watch.postpone('late', now() + 20)
  watch.clear()
  await sleep(60)
  expect(taken).toEqual([])
})
