// The manifests that a daemon follows: read again when files change, the last good set kept while an edit is invalid.
import type { ReconcileError } from '../errors/error.js'
import { loadManifests } from '../manifest/load.js'
import type { ManifestSet } from '../manifest/model.js'
import { createManifestParser, type ManifestFile } from '../manifest/parse.js'
import { contentOf, revisionOf } from './revision.js'

export interface GoodManifests {
  readonly manifests: ManifestSet
  readonly revision: string
}

export interface Reloaded {
  /** Did anything change for the better: is there a new good set? */
  readonly changed: boolean
  readonly problems: readonly ReconcileError[]
  /** What was read, for code frames. */
  readonly files: readonly ManifestFile[]
}

export class ManifestSource {
  readonly #paths: readonly string[]
  readonly #parse = createManifestParser()
  #good: GoodManifests | undefined
  #content: string | undefined

  constructor(paths: readonly string[]) {
    this.#paths = paths
  }

  /** The newest set without a problem; undefined until there was one. */
  get good(): GoodManifests | undefined {
    return this.#good
  }

  /** Reads everything again. With problems, the last good set stays. */
  async reload(): Promise<Reloaded> {
    const { manifests, problems, files } = await loadManifests(this.#paths, undefined, this.#parse)
    if (!manifests) return { changed: false, problems, files }
    // A checkout that ended between the reading and git's answer gives the new commit to old content, so both count.
    const content = contentOf(files)
    const revision = await revisionOf(this.#paths, files)
    const changed = content !== this.#content || revision !== this.#good?.revision
    this.#good = { manifests, revision }
    this.#content = content
    return { changed, problems, files }
  }
}
