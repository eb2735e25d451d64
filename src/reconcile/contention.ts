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
const MAX_FLOWS = 0x20000

interface Repairs {
  /** How many, and when the first of them was, within the window. */
  count: number
  since: number
  last: number
  /** 0: no fight */
  pauseMs: number
  until: number
}

export class Contention {
  /** In the order of the last repair. */
  readonly #flows = new Map<string, Repairs>()

  get isEmpty(): boolean {
    return this.#flows.size === 0
  }

  /** Must this flow wait? Until when, or undefined. */
  pausedUntil(key: string, now: number): number | undefined {
    const until = this.#flows.get(key)?.until ?? 0
    return until > now ? until : undefined
  }

  /** @returns the flows that this repair shows to be fought over, and were not before */
  repaired(keys: readonly string[], now: number): readonly string[] {
    this.#forgetQuiet(now)
    const found = keys.filter((key) => {
      const repairs = this.#flows.get(key) ?? { count: 0, since: now, last: now, pauseMs: 0, until: 0 }
      const wasFight = repairs.pauseMs > 0
      repairAgain(repairs, now)
      this.#flows.delete(key)
      this.#flows.set(key, repairs)
      return !wasFight && repairs.pauseMs > 0
    })
    for (const key of this.#flows.keys()) {
      if (this.#flows.size <= MAX_FLOWS) break
      this.#flows.delete(key)
    }
    return found
  }

  /** One that stayed as it was for as long as its pause, and the window besides, is at peace. */
  #forgetQuiet(now: number): void {
    for (const [key, { until, pauseMs, last }] of this.#flows) {
      if (Math.max(until + pauseMs, last) + WINDOW_MS <= now) this.#flows.delete(key)
    }
  }
}

function repairAgain(repairs: Repairs, now: number): void {
  repairs.last = now
  if (repairs.pauseMs > 0) repairs.pauseMs = Math.min(repairs.pauseMs * 2, LAST_PAUSE_MS)
  else {
    if (now - repairs.since > WINDOW_MS) Object.assign(repairs, { count: 0, since: now })
    repairs.count++
    if (repairs.count >= FIGHT) repairs.pauseMs = FIRST_PAUSE_MS
  }
  repairs.until = repairs.pauseMs > 0 ? now + repairs.pauseMs : 0
}
