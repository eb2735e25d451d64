import { describe, expect, test } from '@jest/globals'
import { Contention } from '../../../src/reconcile/contention.js'

const S = 1_000

/** Repairs a flow whenever that is allowed again, and gives the times. */
function fight(contention: Contention, until: number): readonly number[] {
  const times: number[] = []
  for (let now = 0; now < until; now += 100) {
    if (contention.pausedUntil('a', now) !== undefined) continue
    contention.repaired(['a'], now)
    times.push(now)
  }
  return times
}

describe('a flow that is repaired', () => {
  test('twice in a while is not fought over', () => {
    const contention = new Contention()
    for (let now = 0; now < 100 * S; now += 5.1 * S) {
      expect(contention.repaired(['a'], now)).toEqual([])
      expect(contention.pausedUntil('a', now)).toBeUndefined()
    }
  })

  test('three times in ten seconds waits 1 s, 2 s, 4 s... up to ten seconds', () => {
    const times = fight(new Contention(), 60 * S)
    const pauses = times.slice(1).map((time, i) => time - times[i]!)
    expect(pauses).toEqual([100, 100, 1_000, 2_000, 4_000, 8_000, 10_000, 10_000, 10_000, 10_000])
  })

  test('is named once for each fight, and no other is', () => {
    const contention = new Contention()
    const found = [0, 1, 2, 3_000, 9_000].map((now) => contention.repaired(['a', `other-${now}`], now))
    expect(found).toEqual([[], [], ['a'], [], []])
    expect(contention.pausedUntil('other-2', 3)).toBeUndefined()
    expect(contention.pausedUntil('a', 9_001)).toBe(13_000)
  })

  test('is forgotten when it has been quiet', () => {
    const contention = new Contention()
    fight(contention, 5 * S)
    expect(contention.repaired(['a'], 60 * S)).toEqual([])
    expect(contention.pausedUntil('a', 60 * S)).toBeUndefined()
    contention.repaired([], 600 * S)
    expect(contention.isPeace).toBe(true)
  })
})

test('of very many flows those repaired last are remembered', () => {
  const contention = new Contention()
  const keys = (from: number) => Array.from({ length: 70_000 }, (_, i) => `flow ${from + i}`)
  contention.repaired(['early'], 0)
  contention.repaired(['early'], 1)
  for (const now of [2, 3, 4, 5]) contention.repaired(keys(70_000 * now), now)
  expect(contention.repaired(['early'], 6)).toEqual([])
  const found = [7, 8, 9].flatMap((now) => contention.repaired(keys(0), now))
  expect(found).toHaveLength(70_000)
  expect(contention.pausedUntil('flow 69999', 10)).toBeDefined()
  expect(contention.pausedUntil('flow 0', 10)).toBeUndefined()
})
