// Faults drawn at random for a minute, on a real switch with real traffic. Set CHAOS_SEED to repeat a run.
import { expect, test } from '@jest/globals'
import { renderRows, rowsOf } from '../../scripts/chaos/report.js'
import { runChaos } from '../../scripts/chaos/run.js'

const seed = Number(process.env.CHAOS_SEED ?? Date.now() % 1_000_000)
const SECONDS = 60

test(`after every fault the switch is right again, no generations mix and no frame crosses, seed ${seed}`, async () => {
  const { rounds, snapshots, sniffed, findings } = await runChaos({ seed, seconds: SECONDS, deadline: 60 })
  expect(findings).toEqual([])
  const rows = rowsOf(rounds)
  expect(rows.filter(({ wrong, injected, converged }) => wrong > 0 || injected > converged)).toEqual([])
  expect(snapshots).toMatchObject({ mixed: 0 })
  expect(sniffed).toMatchObject({ strange: 0 })
  // It did look, and there was something to see.
  expect(rounds.length).toBeGreaterThan(3)
  expect(snapshots.looks).toBeGreaterThan(20)
  expect(sniffed.frames).toBeGreaterThan(1_000)
  expect(renderRows(rows)).toContain('flows wrong')
}, 600_000)
