// What has happened since the start, for logs and, later, metrics.
import type { Verdict } from './packet-in.js'

export class Counters {
  passes = 0
  flowMods = 0
  packetIns = 0
  readonly #refused = new Map<Verdict, number>()

  refuse(verdict: Verdict): void {
    this.#refused.set(verdict, (this.#refused.get(verdict) ?? 0) + 1)
  }

  /** Packets not sent on, by reason. */
  get refused(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#refused)
  }

  toJSON(): Readonly<Record<string, unknown>> {
    const { passes, flowMods, packetIns, refused } = this
    return { passes, flowMods, packetIns, refused }
  }
}
