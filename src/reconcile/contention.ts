// Fights with another program over a flow: repairs in, when each flow may be repaired again out. Pure but for its memory;
// the caller has the clock. Times are milliseconds.

/** Repairs of one flow within this time count together, ... */
const WINDOW_MS = 10_000

/** ... and this many of them are a fight. */
const FIGHT = 3

/** Pause after the repair that shows a fight, doubled each time up to the limit: a flow that is gone costs its packets, too. */
export const FIRST_PAUSE_MS = 1_000
const LAST_PAUSE_MS = 10_000

/** Flows that are remembered of repairs, and flows that are fought over; the oldest are forgotten first. */
const MAX_FLOWS = 0x40000
const MAX_FIGHTS = 0x10000

/** Kept as it came: of most repairs nobody asks for a single flow, be they of one or of a hundred thousand. */
interface Repair {
  readonly time: number
  readonly keys: readonly string[]
  /** The same, from when somebody asked. */
  set: ReadonlySet<string> | undefined
}

interface Fight {
  readonly pauseMs: number
  readonly until: number
}

export class Contention {
  #repairs: readonly Repair[] = []
  /** In the order of the last repair. */
  readonly #fights = new Map<string, Fight>()

  /** Is nothing fought over? */
  get isPeace(): boolean {
    return this.#fights.size === 0
  }

  /** What is fought over and has not been at peace long enough. */
  fights(now: number): readonly string[] {
    this.#forgetQuiet(now)
    return [...this.#fights.keys()]
  }

  /** Must this flow wait? Until when, or undefined. */
  pausedUntil(key: string, now: number): number | undefined {
    const until = this.#fights.get(key)?.until ?? 0
    return until > now ? until : undefined
  }

  /** @returns the flows that this repair shows to be fought over, and were not before */
  repaired(keys: readonly string[], now: number): readonly string[] {
    this.#forgetQuiet(now)
    for (const key of this.isPeace ? [] : keys) {
      const fight = this.#fights.get(key)
      if (fight) this.#fight(key, Math.min(fight.pauseMs * 2, LAST_PAUSE_MS), now)
    }
    const found = this.#repairs.length < FIGHT - 1 ? [] : keys.filter((key) => this.#isFight(key))
    for (const key of found) this.#fight(key, FIRST_PAUSE_MS, now)
    this.#remember({ time: now, keys, set: undefined })
    return found
  }

  /** Enough repairs within the window besides the one that is being told of? */
  #isFight(key: string): boolean {
    if (this.#fights.has(key)) return false
    let count = 1
    for (const repair of this.#repairs) {
      repair.set ??= new Set(repair.keys)
      if (repair.set.has(key)) count++
    }
    return count >= FIGHT
  }

  #fight(key: string, pauseMs: number, now: number): void {
    this.#fights.delete(key)
    this.#fights.set(key, { pauseMs, until: now + pauseMs })
    const [oldest] = this.#fights.keys()
    if (this.#fights.size > MAX_FIGHTS && oldest !== undefined) this.#fights.delete(oldest)
  }

  #remember(repair: Repair): void {
    const repairs = [...this.#repairs, repair]
    let flows = repairs.reduce((sum, { keys }) => sum + keys.length, 0)
    while (flows > MAX_FLOWS) flows -= repairs.shift()?.keys.length ?? flows
    this.#repairs = repairs
  }

  /** A flow that stayed as it was for as long as its pause, and the window besides, is at peace. */
  #forgetQuiet(now: number): void {
    this.#repairs = this.#repairs.filter(({ time }) => time > now - WINDOW_MS)
    for (const [key, { until, pauseMs }] of this.#fights) {
      if (until + pauseMs + WINDOW_MS <= now) this.#fights.delete(key)
    }
  }
}
