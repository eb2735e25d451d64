// Turns requests for passes into passes: one at a time, requests that come meanwhile folded into the next one, and a
// pause that grows after failures that may mend themselves.
import { ReconcileError } from '../errors/error.js'

export interface PassLoopOptions {
  /** One pass. `full`: the whole table is wanted; else only waiting packets. */
  readonly run: (full: boolean) => Promise<void>
  readonly onError: (error: unknown, retryInMs: number | undefined) => void
  /** 0 to 1; Math.random unless given. */
  readonly random?: () => number
}

/**
 * Pause after a failed pass, doubled each time up to the limit, in milliseconds; and as a share of it what is added at random,
 * so that those who lost one server do not come back to it together. Whoever knows more asks for a pass meanwhile.
 */
const FIRST_RETRY_MS = 200
const LAST_RETRY_MS = 2_000
const JITTER = 0.25

export class PassLoop {
  readonly #options: PassLoopOptions
  #wanted: 'nothing' | 'packets' | 'full' = 'nothing'
  #running: Promise<void> | undefined
  #retry: NodeJS.Timeout | undefined
  #failures = 0
  #stopped = false

  constructor(options: PassLoopOptions) {
    this.#options = options
  }

  /** Asks for a full pass. */
  requestFull(): void {
    this.#wanted = 'full'
    this.#start()
  }

  /** Asks for a pass for the packets that wait; a full one does that too. */
  requestPackets(): void {
    if (this.#wanted === 'nothing') this.#wanted = 'packets'
    this.#start()
  }

  /** Asks for a full pass after a pause, as if one had failed: for when something was lost that a pass brings back. */
  requestRetry(): void {
    this.#pause(this.#nextDelay())
  }

  /** Resolves when no pass runs and none is owed, but for one that a pause puts off. */
  async idle(): Promise<void> {
    while (this.#running) await this.#running
  }

  /** Lets the pass that runs come to its end; none follows. */
  async stop(): Promise<void> {
    this.#stopped = true
    clearTimeout(this.#retry)
    await this.#running
  }

  #start(): void {
    if (this.#running ?? this.#stopped) return
    // A pass for packets does not do what a failed full pass still owes.
    if (this.#wanted === 'full') clearTimeout(this.#retry)
    this.#running = this.#drain().finally(() => {
      this.#running = undefined
      // Asked for during a pass that failed, or after the last look.
      if (this.#wanted !== 'nothing') this.#start()
    })
  }

  async #drain(): Promise<void> {
    while (this.#wanted !== 'nothing' && !this.#stopped) {
      const full = this.#wanted === 'full'
      this.#wanted = 'nothing'
      try {
        await this.#options.run(full)
        if (full) this.#failures = 0
      } catch (error) {
        this.#fail(error)
        return
      }
    }
  }

  /** What failed for a reason that time can mend is tried again; what the switch refused waits for another input. */
  #fail(error: unknown): void {
    const delay = error instanceof ReconcileError && error.retriable ? this.#nextDelay() : undefined
    this.#options.onError(error, delay)
    if (delay !== undefined) this.#pause(delay)
  }

  #nextDelay(): number {
    const { random = Math.random } = this.#options
    const pause = Math.min(FIRST_RETRY_MS * 2 ** this.#failures++, LAST_RETRY_MS)
    return Math.round(pause * (1 + JITTER * random()))
  }

  #pause(delay: number): void {
    if (this.#stopped) return
    // The full pass after the pause answers what was asked for meanwhile, too.
    this.#wanted = 'nothing'
    clearTimeout(this.#retry)
    this.#retry = setTimeout(() => this.requestFull(), delay)
  }
}
