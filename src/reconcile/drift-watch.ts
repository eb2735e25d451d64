// Changes that others make, gathered until it is time to look at them: keys of flows in, one request for a pass out. A
// burst is one request, so that a mass deletion is not repaired flow by flow.
import { setImmediate as nextTurn } from 'node:timers/promises'

export interface Drift {
  readonly keys: ReadonlySet<string>
  /** Any flow may have been changed, whether its key is there or not. */
  readonly isAll: boolean
  /** When the first change was heard of, on the caller's clock; undefined: a pause is over. */
  readonly since: number | undefined
}

export interface DriftWatchOptions {
  /** How many flows there are that may be marked: when all are, nothing more can come. */
  readonly most: () => number
  /** Asks for a pass that calls `take`. */
  readonly ask: () => void
  /** Milliseconds, from any start. */
  readonly now: () => number
}

/**
 * A burst has ended when nothing came for the quiet time, and is not waited for any longer than the greatest wait. Of many
 * changes more are on their way: a switch that deletes a hundred thousand flows stops for breath. Milliseconds.
 */
const FEW = 1_000
/** The whole table is sooner compared than so many flows one by one. */
const MANY = 20_000
const WAIT_FOR_FEW = { quietMs: 3, greatestMs: 15 }
const WAIT_FOR_MANY = { quietMs: 100, greatestMs: 5_000 }

export class DriftWatch {
  readonly #options: DriftWatchOptions
  #keys = new Set<string>()
  #isLost = false
  #since: number | undefined
  #heard = 0
  /** As of the last call of `take`. */
  #heardBefore = 0
  #isWaiting = false
  /** Ends the pause of a burst. */
  #endPause: () => void = () => undefined
  readonly #postponed = new Map<string, number>()
  #wakeUp: NodeJS.Timeout | undefined
  #wakesAt = Infinity

  constructor(options: DriftWatchOptions) {
    this.#options = options
  }

  /** @param key undefined: any flow may have been changed */
  add(key: string | undefined): void {
    this.#since ??= this.#options.now()
    this.#heard++
    if (key === undefined) this.#isLost = true
    else if (this.#keys.size < MANY) this.#keys.add(key)
    if (this.#isOver()) this.#endPause()
    if (this.#isWaiting) return
    this.#isWaiting = true
    void this.#waitForQuiet(this.#since)
  }

  /** What has come since the last call. */
  take(): Drift {
    const drift = { keys: this.#keys, isAll: this.#isLost || this.#keys.size >= MANY, since: this.#since }
    this.#keys = new Set()
    this.#isLost = false
    this.#heardBefore = this.#heard
    this.#since = undefined
    return drift
  }

  /** Nothing of what was told so far counts any more. */
  clear(): void {
    this.take()
    this.#postponed.clear()
    clearTimeout(this.#wakeUp)
    this.#wakesAt = Infinity
  }

  /** Has this flow looked at again at that time. */
  postpone(key: string, until: number): void {
    this.#postponed.set(key, until)
    if (until < this.#wakesAt) this.#wakeAt(until)
  }

  #wakeAt(time: number): void {
    clearTimeout(this.#wakeUp)
    this.#wakesAt = time
    this.#wakeUp = setTimeout(() => this.#wake(), time - this.#options.now())
    this.#wakeUp.unref()
  }

  #wake(): void {
    const now = this.#options.now()
    let next = Infinity
    for (const [key, until] of this.#postponed) {
      if (until > now) next = Math.min(next, until)
      else if (this.#postponed.delete(key)) this.#keys.add(key)
    }
    this.#wakesAt = Infinity
    if (next < Infinity) this.#wakeAt(next)
    this.#ask()
  }

  /** Somebody else may have taken it, or a timer was early. */
  #ask(): void {
    if (this.#isLost || this.#keys.size > 0) this.#options.ask()
  }

  async #waitForQuiet(since: number): Promise<void> {
    let heard: number
    do {
      heard = this.#heard
      await this.#pause(this.#patience().quietMs)
      await nextTurn() // what waits in the socket is heard first
    } while (
      !this.#isOver() &&
      this.#heard > heard &&
      this.#options.now() - since < this.#patience().greatestMs
    )
    this.#isWaiting = false
    this.#ask()
  }

  /** A pause of the monitor ends when all has been told. */
  #isOver(): boolean {
    return this.#isLost || this.#heard - this.#heardBefore >= this.#options.most()
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms)
      this.#endPause = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  }

  #patience(): typeof WAIT_FOR_FEW {
    return this.#keys.size < FEW ? WAIT_FOR_FEW : WAIT_FOR_MANY
  }
}
