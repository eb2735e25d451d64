// Figures of a run of many nodes: rounds go in, a table comes out (Markdown, as docs/reliability.md shows it).
import { quantile, renderTable, seconds } from '../report.js'
import type { Loss, MeasuredClusterRound } from './losses.js'

export interface ClusterRow {
  readonly name: string
  readonly injected: number
  readonly converged: number
  /** Seconds from the end of the fault until all switches were right. */
  readonly p50: number
  readonly max: number
  readonly local: Loss
  readonly localStruck: Loss
  readonly remote: Loss
  readonly wrong: number
}

/** One row for each fault, and one for all. */
export function clusterRowsOf(rounds: readonly MeasuredClusterRound[]): readonly ClusterRow[] {
  const names = [...new Set(rounds.map(({ fault }) => fault.name))].sort()
  const rows = names.map((name) =>
    rowOf(
      name,
      rounds.filter(({ fault }) => fault.name === name),
    ),
  )
  return [...rows, rowOf('all', rounds)]
}

function rowOf(name: string, rounds: readonly MeasuredClusterRound[]): ClusterRow {
  const times = rounds.map(({ overS, rightS }) => rightS - overS).sort((a, b) => a - b)
  return {
    name,
    injected: rounds.length,
    converged: rounds.filter(({ wrong }) => wrong === 0).length,
    p50: quantile(times, 0.5),
    max: quantile(times, 1),
    local: sum(rounds.map(({ local }) => local)),
    localStruck: sum(rounds.map(({ localStruck }) => localStruck)),
    remote: sum(rounds.map(({ remote }) => remote)),
    wrong: rounds.reduce((total, round) => total + round.wrong, 0),
  }
}

function sum(losses: readonly Loss[]): Loss {
  return losses.reduce(
    (a, b) => ({ sent: a.sent + b.sent, lost: a.lost + b.lost, gapS: Math.max(a.gapS, b.gapS) }),
    { sent: 0, lost: 0, gapS: 0 },
  )
}

const HEADINGS = [
  'fault',
  'injected',
  'converged',
  'p50',
  'max',
  'lost: local',
  'on nodes struck',
  'remote',
  'gap',
  'flows wrong',
]

/** As Markdown. */
export function renderClusterRows(rows: readonly ClusterRow[]): string {
  const cells = rows.map((row) => [
    ...[row.name, String(row.injected), String(row.converged), seconds(row.p50), seconds(row.max)],
    ...[lossText(row.local), lossText(row.localStruck), lossText(row.remote)],
    ...[seconds(Math.max(row.localStruck.gapS, row.remote.gapS)), String(row.wrong)],
  ])
  return renderTable(HEADINGS, cells)
}

function lossText({ lost, sent }: Loss): string {
  return sent === 0 ? '-' : `${lost} of ${sent}`
}
