// Figures of a run of many nodes: rounds go in, a table comes out (Markdown, as docs/reliability.md shows it).
import { renderTable, seconds } from '../report.js'
import { type Convergence, convergenceOf, sumPings } from '../sums.js'
import type { PingWindow } from '../traffic.js'
import type { MeasuredClusterRound } from './losses.js'

export interface ClusterRow extends Convergence {
  readonly name: string
  readonly local: PingWindow
  readonly localStruck: PingWindow
  readonly remote: PingWindow
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
  return {
    name,
    ...convergenceOf(rounds),
    local: sumPings(rounds.map(({ local }) => local)),
    localStruck: sumPings(rounds.map(({ localStruck }) => localStruck)),
    remote: sumPings(rounds.map(({ remote }) => remote)),
  }
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

function lossText({ lost, sent }: PingWindow): string {
  return sent === 0 ? '-' : `${lost} of ${sent}`
}
