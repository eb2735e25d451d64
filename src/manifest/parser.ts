// The manifests of a daemon, which change a little at a time: texts of files in, the store of a good set or every problem out.
// It remembers the objects of files packed, and after a good reading checks what changed and whatever that may be at odds
// with. Pure but for its memory.
import type { ReconcileError } from '../errors/error.js'
import { compareText } from '../errors/position.js'
import { stableHash } from '../values/hash.js'
import { isGoodAround, isGoodThroughout } from './check-packed.js'
import type { Draft, Sighting } from './draft.js'
import { PackedFile } from './packed-file.js'
import { PackedStore } from './packed-store.js'
import { joinFiles, type ManifestFile, type ParseOptions } from './parse.js'
import { readFileObjects } from './read-file.js'
import type { ManifestStore } from './store.js'

/** Which text a file had. */
export type FileDigest = Pick<PackedFile, 'path' | 'digest'>

export interface CheckedManifests {
  /** Undefined when there is any problem. The same as before when nothing has changed. */
  readonly store: ManifestStore | undefined
  /** Sorted by file, line and column. */
  readonly problems: readonly ReconcileError[]
  /** Where there are problems: every object of the files, in source order. */
  readonly seen: readonly Sighting[]
  /** Of all files, by path. */
  readonly digests: readonly FileDigest[]
}

interface GoodFiles {
  readonly files: readonly PackedFile[]
  readonly store: PackedStore
}

/** One look at all files. */
export interface ManifestReading {
  /**
   * Takes a file as it is known.
   * @returns false where its stamp was another one: its text is needed
   */
  keep(path: string, stamp: string): boolean
  /**
   * Takes the text of one file.
   * @param stamp with this one it need not be read again; undefined: it must
   * @returns true where it had to be parsed, which takes about a third of a millisecond an object
   */
  take(file: ManifestFile, stamp?: string): boolean
  /** All files have been taken: are they good together? Where that takes long, it pauses for packets. */
  join(options?: ParseOptions): Promise<CheckedManifests>
}

interface KnownFile {
  readonly file: PackedFile
  readonly stamp: string | undefined
}

export class ManifestParser {
  /** Of the last reading, by path. */
  #known: ReadonlyMap<string, KnownFile> = new Map()
  #good: GoodFiles | undefined

  begin(): ManifestReading {
    const taken = new Map<string, KnownFile>()
    return {
      keep: (path, stamp) => {
        const known = this.#known.get(path)
        if (known?.stamp !== stamp) return false
        taken.set(path, known)
        return true
      },
      take: ({ path, text }, stamp) => {
        const digest = stableHash(text, 16)
        const known = this.#known.get(path)?.file
        const isKnown = known?.digest === digest
        const file = isKnown ? known : new PackedFile(path, digest, readFileObjects(path, text))
        taken.set(path, { file, stamp })
        return !isKnown
      },
      join: ({ incomplete = false } = {}) => {
        this.#known = taken
        const files = [...taken.values()].map(({ file }) => file)
        return this.#join(
          files.sort((a, b) => compareText(a.path, b.path)),
          incomplete,
        )
      },
    }
  }

  async #join(files: readonly PackedFile[], incomplete: boolean): Promise<CheckedManifests> {
    if (!incomplete && (await this.#areGood(files))) return this.#accept(files)
    const objects = files.map((file) => {
      return { drafts: file.drafts(), sightings: file.sightings(), problems: file.problems }
    })
    const { problems, seen } = joinFiles(objects, incomplete)
    return problems.length === 0 ? this.#accept(files) : { store: undefined, problems, seen, digests: files }
  }

  #accept(files: readonly PackedFile[]): CheckedManifests {
    const isSame = this.#good && isSameList(this.#good.files, files)
    const good = this.#good && isSame ? this.#good : { files, store: new PackedStore(files) }
    this.#good = good
    return { store: good.store, problems: [], seen: [], digests: files }
  }

  /** False: surely not, or all of it has to be looked at. */
  async #areGood(files: readonly PackedFile[]): Promise<boolean> {
    if (files.some(({ problems }) => problems.length > 0)) return false
    const changed = this.#good && changeOf(this.#good, files)
    if (!changed) return isGoodThroughout(files)
    return changed.length === 0 || isGoodAround(files, changed)
  }
}

/** Objects as they were and as they are; undefined: very much has changed. */
function changeOf(good: GoodFiles, files: readonly PackedFile[]): readonly Draft[] | undefined {
  const [before, now] = [new Set(good.files), new Set(files)]
  const gone = good.files.filter((file) => !now.has(file))
  const come = files.filter((file) => !before.has(file))
  if (gone.length + come.length > MAX_PART * (before.size + now.size)) return undefined
  return difference(draftsOf(gone), draftsOf(come))
}

/** With more of the files changed, all is looked at. */
const MAX_PART = 0.5

function draftsOf(files: readonly PackedFile[]): readonly Draft[] {
  return files.flatMap((file) => file.drafts())
}

/** Drafts of one list that are not in the other one; where they stand does not matter. */
function difference(before: readonly Draft[], now: readonly Draft[]): readonly Draft[] {
  const left = new Map<string, Draft[]>()
  for (const draft of before) {
    const meaning = meaningOf(draft)
    left.set(meaning, [...(left.get(meaning) ?? []), draft])
  }
  const come = now.filter((draft) => left.get(meaningOf(draft))?.pop() === undefined)
  return [...[...left.values()].flat(), ...come]
}

function meaningOf(draft: Draft): string {
  return JSON.stringify(draft, (key, value: unknown) => (key === 'at' ? undefined : value))
}

function isSameList(a: readonly PackedFile[], b: readonly PackedFile[]): boolean {
  return a.length === b.length && a.every((file, i) => file === b[i])
}
