// Sees the sockets of a switch appear: a new ovs-vswitchd forwards nothing until it has its flows, so that nobody should sleep
// through its coming. Endpoints in, a call when one may answer again out. A help only: whoever misses it tries again anyway.
import { type FSWatcher, watch } from 'node:fs'
import { basename, dirname } from 'node:path'
import type { Endpoint } from '../values/endpoint.js'

/** Between its making and its first answer a socket refuses; and an attempt may be under way that was too early. Milliseconds. */
const LOOKS_MS = [5, 30, 120]

export class SocketWatch {
  readonly #paths: readonly string[]
  readonly #onAppear: () => void
  #watchers: readonly FSWatcher[] = []
  #looks: readonly NodeJS.Timeout[] = []

  constructor(endpoints: readonly Endpoint[], onAppear: () => void) {
    this.#paths = endpoints.flatMap((endpoint) => (endpoint.kind === 'unix' ? [endpoint.path] : []))
    this.#onAppear = onAppear
  }

  /** Watches the folders as they are now; to be called before each attempt, as a folder may be made anew. */
  arm(): void {
    const before = this.#watchers
    this.#watchers = [...new Set(this.#paths.map((path) => dirname(path)))].flatMap((folder) =>
      this.#watchFolder(folder),
    )
    for (const watcher of before) watcher.close()
  }

  disarm(): void {
    for (const watcher of this.#watchers) watcher.close()
    for (const look of this.#looks) clearTimeout(look)
    this.#watchers = []
    this.#looks = []
  }

  #watchFolder(folder: string): readonly FSWatcher[] {
    const names = new Set(
      this.#paths.filter((path) => dirname(path) === folder).map((path) => basename(path)),
    )
    try {
      const watcher = watch(folder, { persistent: false }, (_, name) => {
        if (name !== null && names.has(name)) this.#look()
      })
      watcher.on('error', () => watcher.close())
      return [watcher]
    } catch {
      return [] // no such folder yet, or no more watches to be had
    }
  }

  #look(): void {
    for (const look of this.#looks) clearTimeout(look)
    this.#looks = LOOKS_MS.map((ms) => setTimeout(this.#onAppear, ms))
  }
}
