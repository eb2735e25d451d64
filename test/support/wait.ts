// Waiting for something that another process does: a condition goes in, its first true value comes out.
import { setTimeout as sleep } from 'node:timers/promises'

export interface WaitOptions {
  /** Milliseconds until giving up; 10,000 unless given. */
  readonly timeoutMs?: number
  /** Milliseconds between two looks; 50 unless given. */
  readonly everyMs?: number
  /** What is waited for, for the error's message. */
  readonly what?: string
  /** Aborting it ends the waiting, with the signal's reason as the error. */
  readonly signal?: AbortSignal
}

type Falsy = false | 0 | 0n | '' | null | undefined

/**
 * Calls `look` until it gives a truthy value, and returns that. A look that throws counts as "not yet", so it may
 * hold assertions; the last thing thrown is the cause of the error when time is up.
 */
export async function waitFor<T>(
  look: () => T | Promise<T>,
  options: WaitOptions = {},
): Promise<Exclude<T, Falsy>> {
  const { timeoutMs = 10_000, everyMs = 50, what = 'the condition' } = options
  const deadline = Date.now() + timeoutMs
  for (;;) {
    const { value, error } = await attempt(look)
    options.signal?.throwIfAborted()
    if (value) return value as Exclude<T, Falsy>
    if (Date.now() >= deadline) {
      const detail = error instanceof Error ? `: ${error.message}` : ''
      throw new Error(`Waited ${timeoutMs} ms in vain for ${what}${detail}`, { cause: error })
    }
    await sleep(everyMs)
  }
}

async function attempt<T>(look: () => T | Promise<T>): Promise<{ value?: T; error?: unknown }> {
  try {
    return { value: await look() }
  } catch (error) {
    return { error }
  }
}
