// Which lost pings count as findings, and as whose.
import { expect, test } from '@jest/globals'
import type { ClusterFault } from '../../../scripts/chaos/cluster/fault.js'
import { measureRound } from '../../../scripts/chaos/cluster/losses.js'
import type { NodeName } from '../../../scripts/chaos/cluster/manifests.js'
import { clusterRowsOf } from '../../../scripts/chaos/cluster/report.js'
import { STREAMS } from '../../../scripts/chaos/cluster/traffic.js'

const LOST = 5

/** A round of a fault on some nodes in which these streams, as `from > to`, lost some of 100 pings. */
function roundWith(
  costs: ClusterFault['costs'],
  struck: readonly NodeName[],
  lossy: readonly string[],
  lost = LOST,
) {
  const fault = { name: costs, costs, strike: () => Promise.resolve(struck) }
  const times = { beganS: 0, overS: 1, rightS: 3, endS: 4 }
  const round = { fault, struck, wandererAt: 'node-b', ...times, wrong: 0, findings: [] } as const
  const windows = STREAMS.map(({ from, to }) => ({
    ...{ sent: 100, lost: lossy.includes(`${from} > ${to}`) ? lost : 0, gapS: 0.01 },
  }))
  return measureRound(round, windows)
}

test('a fault that costs nothing excuses no ping', () => {
  const { findings, local } = roundWith('none', ['node-a'], ['a1 > a2', 'a2 > b1'])
  expect(findings).toEqual(['a1 > a2 lost 5 of 100 pings', 'a2 > b1 lost 5 of 100 pings'])
  expect(local).toMatchObject({ sent: 300, lost: 5 })
})

test('a fault that costs what is between nodes excuses streams of the nodes struck, and none inside a node', () => {
  const { findings } = roundWith('remote', ['node-b'], ['a2 > b1', 'b2 > c2', 'a3 > c1', 'b1 > b2'])
  expect(findings).toEqual(['b1 > b2 lost 5 of 100 pings', 'a3 > c1 lost 5 of 100 pings'])
})

test('a fault that takes a switch away excuses its guests, whose local pings are counted apart', () => {
  const { findings, local, localStruck } = roundWith('node', ['node-b'], ['b1 > b2', 'c1 > c2'])
  expect(findings).toEqual(['c1 > c2 lost 5 of 100 pings'])
  expect([local, localStruck]).toMatchObject([
    { sent: 200, lost: 5 },
    { sent: 100, lost: 5 },
  ])
})

test('while a guest moves its own pings are excused, and two others that came from a tunnel, but no local one', () => {
  expect(roundWith('wanderer', [], ['a1 > wanderer']).findings).toEqual([])
  expect(roundWith('wanderer', [], ['a2 > b1'], 2).findings).toEqual([])
  expect(roundWith('wanderer', [], ['a2 > b1'], 3).findings).toHaveLength(1)
  expect(roundWith('wanderer', [], ['a1 > a2'], 1).findings).toHaveLength(1)
})

test('the table has a row for each fault and one for all, with what was lost', () => {
  const rows = clusterRowsOf([
    roundWith('remote', ['node-b'], ['a2 > b1']),
    roundWith('remote', [], []),
    roundWith('none', [], []),
  ])
  expect(rows.map(({ name, injected, p50, remote }) => [name, injected, p50, remote.lost])).toEqual([
    ['none', 1, 2, 0],
    ['remote', 2, 2, 5],
    ['all', 3, 2, 5],
  ])
})
