// The manifests that a daemon follows: read again when files change, the last good set kept while an edit is invalid.
import type { ReconcileError } from '../errors/error.js'
import type { Sighting } from '../manifest/draft.js'
import { stampManifests } from '../manifest/read.js'
import type { ManifestFile } from '../manifest/parse.js'
import { ManifestParser } from '../manifest/parser.js'
import type { ManifestStore } from '../manifest/store.js'
import { contentOf } from './revision.js'
import { loadSettled } from './settled.js'

export interface GoodManifests {
  readonly store: ManifestStore
  readonly revision: string
}

export interface Reloaded {
  /** Did anything change for the better: is there a new good set? */
  readonly changed: boolean
  readonly problems: readonly ReconcileError[]
  /** The files that problems speak of, for code frames. */
  readonly files: readonly ManifestFile[]
  readonly staleLocks: readonly string[]
  /** Of what was read, good or not. */
  readonly revision: string
  /** Where there are problems: the objects that were seen all the same. */
  readonly seen: readonly Sighting[]
}

export class ManifestSource {
  readonly #paths: readonly string[]
  readonly #parser = new ManifestParser()
  #good: GoodManifests | undefined
  #content: string | undefined
  #known: readonly string[] = []
  #stamp = ''

  constructor(paths: readonly string[]) {
    this.#paths = paths
  }

  /** The newest set without a problem; undefined until there was one. */
  get good(): GoodManifests | undefined {
    return this.#good
  }

  /** Are the files those of the last reading, as far as size and time tell? */
  async isCurrent(): Promise<boolean> {
    return (await stampManifests(this.#paths)) === this.#stamp
  }

  /** Reads what is not as it was. With problems, the last good set stays; without changes, it is the same record still. */
  async reload(): Promise<Reloaded> {
    const settled = await loadSettled(this.#paths, { parser: this.#parser, known: this.#known })
    const { store, revision, problems, digests, files, staleLocks, seen, stamp } = settled
    this.#stamp = stamp
    this.#known = digests.map(({ path }) => path)
    if (!store) return { changed: false, problems, files, staleLocks, revision, seen }
    const content = contentOf(digests)
    const changed = content !== this.#content || revision !== this.#good?.revision
    if (changed) this.#good = { store, revision }
    this.#content = content
    return { changed, problems, files, staleLocks, revision, seen: [] }
  }
}
