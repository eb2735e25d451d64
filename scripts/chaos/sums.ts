// What several streams of pings, sniffers or rounds come to together.
import type { Round } from './rounds.js'
import type { PingWindow, Sniffed } from './traffic.js'

export const NO_PINGS: PingWindow = { sent: 0, lost: 0, gapS: 0 }

/** The gap is the longest of any. */
export function sumPings(windows: readonly PingWindow[]): PingWindow {
  return windows.reduce(
    (a, b) => ({ sent: a.sent + b.sent, lost: a.lost + b.lost, gapS: Math.max(a.gapS, b.gapS) }),
    NO_PINGS,
  )
}

export function sumSniffed(each: readonly Sniffed[]): Sniffed {
  return {
    frames: each.reduce((total, { frames }) => total + frames, 0),
    strange: each.reduce((total, { strange }) => total + strange, 0),
    samples: each.flatMap(({ samples }) => samples),
  }
}

/** What rounds with one fault have in common in every table. */
export interface Convergence {
  readonly injected: number
  readonly converged: number
  /** Seconds from the end of the fault until all was right. */
  readonly p50: number
  readonly p99: number
  readonly max: number
  readonly wrong: number
}

export function convergenceOf(rounds: readonly Pick<Round, 'overS' | 'rightS' | 'wrong'>[]): Convergence {
  const times = rounds.map(({ overS, rightS }) => rightS - overS).sort((a, b) => a - b)
  return {
    injected: rounds.length,
    converged: rounds.filter(({ wrong }) => wrong === 0).length,
    p50: quantile(times, 0.5),
    p99: quantile(times, 0.99),
    max: quantile(times, 1),
    wrong: rounds.reduce((total, { wrong }) => total + wrong, 0),
  }
}

/** Of ascending values; the nearest that is not below. */
export function quantile(sorted: readonly number[], q: number): number {
  return sorted[Math.max(0, Math.ceil(sorted.length * q) - 1)] ?? Number.NaN
}
