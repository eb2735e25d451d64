// A Python program beside us: questions go in as lines of JSON, answers come out as lines of JSON, one for each.
import type { ChildProcess } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { collect, exited } from '../../test/support/processes.js'

/** The path of a program of this folder. */
export function script(name: string): string {
  return fileURLToPath(new URL(name, import.meta.url))
}

export class Helper {
  readonly #child: ChildProcess
  readonly #complaint: () => string
  readonly #waiting: { resolve: (line: string) => void; reject: (error: Error) => void }[] = []

  /** @param child a Python program of this folder, just started */
  constructor(child: ChildProcess) {
    this.#child = child
    this.#complaint = collect(child.stderr)
    child.stdin?.on('error', () => undefined) // its end says why
    createInterface(child.stdout as NodeJS.ReadableStream).on('line', (line) =>
      this.#waiting.shift()?.resolve(line),
    )
    child.once('close', () => {
      for (const { reject } of this.#waiting.splice(0))
        reject(new Error(`a helper ended: ${this.#complaint()}`))
    })
  }

  /** @throws when the helper has ended */
  async ask(question: unknown): Promise<unknown> {
    const line = this.#line()
    this.#child.stdin?.write(`${JSON.stringify(question)}\n`)
    return JSON.parse(await line)
  }

  /** Ends it; gives what it says at its end. */
  async finish(): Promise<unknown> {
    const line = this.#line()
    this.#child.stdin?.end()
    return JSON.parse(await line)
  }

  /** Ends one that has nothing to say. */
  async end(): Promise<void> {
    this.#child.stdin?.end()
    await exited(this.#child)
  }

  #line(): Promise<string> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null)
      return Promise.reject(new Error(`a helper has ended: ${this.#complaint()}`))
    return new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }))
  }
}
