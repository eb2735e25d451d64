// What people ask to be flushed, until a pass does it: passes alone write flows.
import { setTimeout as sleep } from 'node:timers/promises'
import { ReconcileError } from '../errors/error.js'
import type { Flushed, FlushTarget } from './flush.js'

interface Waiting {
  readonly target: FlushTarget
  readonly resolve: (flushed: Flushed) => void
  readonly reject: (error: unknown) => void
}

/** A pass that has hung must not keep whoever asked: what has not begun by then is not done. Milliseconds. */
const PATIENCE_MS = 8_000

export class FlushRequests {
  #waiting: readonly Waiting[] = []
  readonly #askForPass: () => void
  readonly #patienceMs: number

  constructor(askForPass: () => void, patienceMs = PATIENCE_MS) {
    this.#askForPass = askForPass
    this.#patienceMs = patienceMs
  }

  /**
   * Resolves when the flows have gone.
   * @throws ReconcileError OPENFLOW_TIMEOUT when no pass came to it in time, and whatever keeps the pass from it. Nothing
   * was flushed then.
   */
  async ask(target: FlushTarget): Promise<Flushed> {
    const withdrawn = new AbortController()
    const flushed = new Promise<Flushed>((resolve, reject) => {
      const request = { target, resolve, reject }
      this.#waiting = [...this.#waiting, request]
      sleep(this.#patienceMs, undefined, { ref: false, signal: withdrawn.signal }).then(
        () => this.#withdraw(request),
        () => undefined, // it was answered before
      )
    })
    this.#askForPass()
    return flushed.finally(() => withdrawn.abort())
  }

  /** Called by each pass. What goes wrong is told to whoever asked; the pass goes on. */
  async serve(flush: (target: FlushTarget) => Promise<Flushed>): Promise<void> {
    const taken = this.#waiting
    this.#waiting = []
    for (const { target, resolve, reject } of taken) await flush(target).then(resolve, reject)
  }

  #withdraw(request: Waiting): void {
    if (!this.#waiting.includes(request)) return // under way
    this.#waiting = this.#waiting.filter((other) => other !== request)
    const message = `No pass came to the flush within ${this.#patienceMs / 1000} s; nothing was flushed.`
    request.reject(
      new ReconcileError('OPENFLOW_TIMEOUT', message, { remedy: 'Use reconcile status to see why.' }),
    )
  }
}
