// The program killed -9 in the middle of its work, again and again. Set CHAOS_SEED to repeat a run.
import { expect, test } from '@jest/globals'
import { runKills } from '../../scripts/chaos/kill.js'
import { runCli } from '../support/cli.js'

const seed = Number(process.env.CHAOS_SEED ?? Date.now() % 1_000_000)
const KILLS = 20
const FLOWS = 2_000

test(`killed in the middle, the program leaves the old flows or the new ones and never a mix, seed ${seed}`, async () => {
  const { kills, flows } = await runKills({ kills: KILLS, flows: FLOWS, seed })
  expect(flows).toBeGreaterThan(FLOWS * 0.9)
  expect(kills.flatMap(({ finding }) => finding ?? [])).toEqual([])
  expect(kills.filter(({ state }) => state === 'mixed')).toEqual([])
  const states = (late: boolean) =>
    new Set(kills.filter((kill) => kill.late === late).map(({ state }) => state))
  expect(states(false)).toEqual(new Set(['old', 'new']))
  expect(kills.find(({ at }) => at === 'before-commit')).toMatchObject({ state: 'old', late: false })
  expect(kills.find(({ at }) => at === 'commit-answered')).toMatchObject({ state: 'new', late: false })
}, 600_000)

test('a failpoint that does not exist is a usage error that names those that do', async () => {
  const { code, stderr } = await runCli(['--dry-run', '--against', 'empty', 'examples/two-networks'], {
    env: { RECONCILE_FAILPOINT: 'nowhere' },
  })
  expect({ code, stderr }).toMatchObject({ code: 64, stderr: expect.stringContaining('before-commit') })
})
