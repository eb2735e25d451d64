// Parts of one reply between the socket, which brings them when it will, and the one who asked, who takes them one by one.

/** What has come is taken first, also when the connection ended or failed behind it. */
export class PartQueue<T> {
  readonly #parts: T[] = []
  #error: Error | undefined
  #wake: (() => void) | undefined

  push(part: T): void {
    this.#parts.push(part)
    this.#wake?.()
  }

  /** No further part will come, for this reason. */
  fail(error: Error): void {
    this.#error ??= error
    this.#wake?.()
  }

  /** The next part that is there already. */
  take(): T | undefined {
    return this.#parts.shift()
  }

  /** Waits for the next part; one call at a time. Throws what `fail` was given when all that came has been taken. */
  async next(): Promise<T> {
    for (;;) {
      const part = this.take()
      if (part !== undefined) return part
      if (this.#error) throw this.#error
      await new Promise<void>((resolve) => (this.#wake = resolve))
    }
  }
}
