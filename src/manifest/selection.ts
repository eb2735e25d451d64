// Some drafts of many packed files: keys in, the drafts that have them out, each once, in source order.
import type { Draft } from './draft.js'
import type { NumberedDrafts, PackedFile } from './packed-file.js'

const NONE: NumberedDrafts = new Map()

export class Selection {
  readonly #files: readonly PackedFile[]
  readonly #chosen = new Map<PackedFile, Map<number, Draft>>()

  constructor(files: readonly PackedFile[]) {
    this.#files = files
  }

  /**
   * Takes all drafts that have one of these keys, and some whose keys only look like these.
   * @returns those that were not taken before
   */
  take(keys: Iterable<number>): readonly Draft[] {
    const wanted = new Set(keys)
    if (wanted.size === 0) return []
    return this.#files.flatMap((file) => {
      const chosen = this.#chosen.get(file)
      const found = file.draftsWith(wanted, chosen ?? NONE)
      if (found.size > 0) this.#chosen.set(file, new Map([...(chosen ?? NONE), ...found]))
      return [...found.values()]
    })
  }

  /** All that were taken. */
  get drafts(): readonly Draft[] {
    return this.#files.flatMap((file) => {
      const chosen = [...(this.#chosen.get(file) ?? NONE)].sort(([a], [b]) => a - b)
      return chosen.map(([, draft]) => draft)
    })
  }
}
