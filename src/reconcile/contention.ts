// Fights with another program over a flow: repairs in, when each flow may be repaired again out. Pure but for its memory;
// the caller has the clock. Times are milliseconds.

/** Repairs of one flow within this time count together, ... */
const WINDOW_MS = 10_000

/** ... and this many of them are a fight. */
const FIGHT = 3

/** Pause after the repair that shows a fight, doubled each time up to the limit. */
export const FIRST_PAUSE_MS = 1_000
const LAST_PAUSE_MS = 60_000

/** Flows that are remembered, those with the oldest repair forgotten first. */
const MAX_FLOWS = 0x10000

interface Repairs {
  /** Times of those within the window, until there is a fight. */
  readonly times: readonly number[]
  /** 0: no fight */
  readonly pauseMs: number
  readonly until: number
}

export class Contention {
  /** In the order of the last repair. */
  readonly #flows = new Map<string, Repairs>()

  /** Must this flow wait? Until when, or undefined. */
  pausedUntil(key: string, now: number): number | undefined {
    const until = this.#flows.get(key)?.until ?? 0
    return until > now ? until : undefined
  }

  /** @returns the flows that this repair shows to be fought over, and were not before */
  repaired(keys: Iterable<string>, now: number): readonly string[] {
    this.#forgetQuiet(now)
    const found: string[] = []
    for (const key of keys) {
      const before = this.#flows.get(key)
      const after = repairedAgain(before, now)
      this.#flows.delete(key)
      this.#flows.set(key, after)
      if (after.pauseMs > 0 && !before?.pauseMs) found.push(key)
    }
    for (const key of this.#flows.keys()) {
      if (this.#flows.size <= MAX_FLOWS) break
      this.#flows.delete(key)
    }
    return found
  }

  /** One that stayed as it was for as long as its pause, and the window besides, is at peace. */
  #forgetQuiet(now: number): void {
    for (const [key, { until, pauseMs, times }] of this.#flows) {
      const quietSince = Math.max(until + pauseMs, times.at(-1) ?? 0)
      if (quietSince + WINDOW_MS <= now) this.#flows.delete(key)
    }
  }
}

function repairedAgain(before: Repairs | undefined, now: number): Repairs {
  const times = [...(before?.times ?? []).filter((time) => time > now - WINDOW_MS), now].slice(-FIGHT)
  const wasFight = before !== undefined && before.pauseMs > 0
  if (!wasFight && times.length < FIGHT) return { times, pauseMs: 0, until: 0 }
  const pauseMs = wasFight ? Math.min(before.pauseMs * 2, LAST_PAUSE_MS) : FIRST_PAUSE_MS
  return { times, pauseMs, until: now + pauseMs }
}
