// Figures of a run: rounds and what the traffic lost in each go in, a table comes out (Markdown, as docs/reliability.md
// shows it).
import type { Round } from './rounds.js'
import { type Convergence, convergenceOf, sumPings } from './sums.js'
import type { PingWindow, StreamWindow } from './traffic.js'

export interface MeasuredRound extends Round {
  readonly pings: PingWindow
  readonly stream: StreamWindow
}

export interface Row extends Convergence {
  readonly name: string
  /** In rounds in which nothing else struck. */
  readonly alone: number
  readonly sent: number
  readonly lost: number
  readonly gapS: number
  readonly stallS: number
}

const PAIRS = 'two at a time'

/** One row for each fault, with all its rounds; and one for the rounds with two. */
export function rowsOf(rounds: readonly MeasuredRound[]): readonly Row[] {
  const names = [...new Set(rounds.flatMap(({ faults }) => faults.map(({ name }) => name)))].sort()
  const pairs = rounds.filter(({ faults }) => faults.length > 1)
  const rows = names.map((name) => {
    const own = rounds.filter(({ faults }) => faults.some((fault) => fault.name === name))
    return rowOf(
      name,
      own,
      own.filter(({ faults }) => faults.length === 1),
    )
  })
  return pairs.length === 0 ? rows : [...rows, rowOf(PAIRS, pairs, pairs)]
}

function rowOf(name: string, rounds: readonly MeasuredRound[], alone: readonly MeasuredRound[]): Row {
  return { name, ...convergenceOf(rounds), alone: alone.length, ...lossOf(alone) }
}

export function lossOf(windows: readonly { readonly pings: PingWindow; readonly stream: StreamWindow }[]) {
  return {
    ...sumPings(windows.map(({ pings }) => pings)),
    stallS: Math.max(0, ...windows.map(({ stream }) => stream.gapS)),
  }
}

const HEADINGS = [
  ...[
    'fault',
    'injected',
    'converged',
    'p50',
    'p99',
    'max',
    'alone',
    'pings lost',
    'longest gap',
    'TCP stall',
    'flows wrong',
  ],
]

/** As Markdown. */
export function renderRows(rows: readonly Row[]): string {
  const cells = rows.map((row) => [
    ...[row.name, String(row.injected), String(row.converged)],
    ...[row.p50, row.p99, row.max].map(seconds),
    ...[
      String(row.alone),
      `${row.lost} of ${row.sent}`,
      seconds(row.gapS),
      seconds(row.stallS),
      String(row.wrong),
    ],
  ])
  return renderTable(HEADINGS, cells)
}

/** The first column to the left, all others to the right. */
export function renderTable(headings: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = headings.map((heading, i) =>
    Math.max(heading.length, 3, ...rows.map((row) => row[i]?.length ?? 0)),
  )
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0))).join(' | ')} |`
  const rule = widths.map((width, i) => (i === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`))
  return [line(headings), line(rule), ...rows.map(line)].join('\n')
}

/** With the unit that fits. */
export function seconds(value: number): string {
  if (!Number.isFinite(value)) return '-'
  return value < 1 ? `${Math.round(value * 1000)} ms` : `${value.toFixed(1)} s`
}
