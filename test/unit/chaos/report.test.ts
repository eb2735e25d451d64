import { describe, expect, test } from '@jest/globals'
import type { Fault } from '../../../scripts/chaos/fault.js'
import { FAULTS } from '../../../scripts/chaos/faults.js'
import { randomFrom } from '../../../scripts/chaos/random.js'
import { type MeasuredRound, renderRows, rowsOf } from '../../../scripts/chaos/report.js'
import { drawFaults } from '../../../scripts/chaos/rounds.js'
import { quantile } from '../../../scripts/chaos/sums.js'

const fault = (name: string): Fault => ({ name, uses: [], costs: 'none', strike: () => Promise.resolve() })

function roundOf(names: readonly string[], seconds: number, lost: number, wrong = 0): MeasuredRound {
  return {
    ...{
      faults: names.map(fault),
      beganS: 0,
      overS: 10,
      rightS: 10 + seconds,
      endS: 99,
      wrong,
      findings: [],
    },
    pings: { sent: 100, lost, gapS: lost / 100 },
    stream: { bytes: 0, gapS: 0, connections: 1 },
  }
}

describe('the table of a run', () => {
  const rows = rowsOf([
    roundOf(['a'], 1, 5),
    roundOf(['a'], 3, 0),
    roundOf(['a', 'b'], 2, 50),
    roundOf(['b'], 9, 0, 4),
  ])

  test('has all rounds of a fault in its times, and its rounds alone in its losses', () => {
    expect(rows[0]).toMatchObject({
      name: 'a',
      injected: 3,
      converged: 3,
      p50: 2,
      max: 3,
      alone: 2,
      lost: 5,
      sent: 200,
    })
  })

  test('has a row for two faults at a time', () => {
    expect(rows.at(-1)).toMatchObject({ name: 'two at a time', injected: 1, lost: 50 })
  })

  test('shows what did not converge', () => {
    expect(rows[1]).toMatchObject({ name: 'b', injected: 2, converged: 1, wrong: 4 })
    expect(renderRows(rows)).toMatch(/^\| b +\| +2 \| +1 \|.* 4 \|$/m)
  })

  test('takes the nearest sample that is not below the quantile', () => {
    const hundred = Array.from({ length: 100 }, (_, i) => i + 1)
    expect([0.5, 0.99, 1].map((q) => quantile(hundred, q))).toEqual([50, 99, 100])
    expect(quantile([7], 0.99)).toBe(7)
  })
})

describe('faults that are drawn', () => {
  const draws = (seed: number) => {
    const random = randomFrom(seed)
    return Array.from({ length: 500 }, () => drawFaults(FAULTS, random))
  }
  const names = (seed: number) => draws(seed).map((faults) => faults.map(({ name }) => name))

  test('are the same for the same seed, and others for another', () => {
    expect(names(1)).toEqual(names(1))
    expect(names(1)).not.toEqual(names(2))
  })

  test('are one or two, all in time, and never two that use the same thing', () => {
    const drawn = draws(1)
    expect(new Set(drawn.map((faults) => faults.length))).toEqual(new Set([1, 2]))
    expect(new Set(drawn.flat())).toEqual(new Set(FAULTS))
    const shared = drawn.filter(([a, b]) => b && a?.uses.some((each) => b.uses.includes(each)))
    expect(shared).toEqual([])
  })
})
