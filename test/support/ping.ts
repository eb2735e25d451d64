// What iputils' ping prints, as numbers.

export interface PingResult {
  readonly transmitted: number
  readonly received: number
  readonly lossPercent: number
  /** Round trip of each reply in milliseconds, in the order they came. */
  readonly rttsMs: readonly number[]
  /** Ping's own words. */
  readonly output: string
}

const SUMMARY = /(\d+) packets transmitted, (\d+) received,.* ([\d.]+)% packet loss/
const REPLY = /^\d+ bytes from .* time=([\d.]+) ms/gm

/** Reads the output of `ping`. Throws when there is no summary in it. */
export function parsePing(output: string): PingResult {
  const summary = SUMMARY.exec(output)
  if (!summary) throw new Error(`ping gave no summary: ${output.trim()}`)
  const [transmitted = 0, received = 0, lossPercent = 0] = summary.slice(1).map(Number)
  const rttsMs = [...output.matchAll(REPLY)].map(([, ms]) => Number(ms))
  return { transmitted, received, lossPercent, rttsMs, output }
}
