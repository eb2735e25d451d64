// The objects of one file, small: most objects of a large site are looked at only when something changes near them. Drafts
// in; bytes, and the same drafts again for whoever needs some of them, out.
import { deflateRawSync, inflateRawSync } from 'node:zlib'
import type { ReconcileError } from '../errors/error.js'
import type { Draft, Sighting } from './draft.js'
import { keysOf } from './draft-keys.js'
import type { Kind } from './model.js'
import type { FileObjects } from './read-file.js'

/** Enough: with more, it takes longer and becomes hardly smaller. */
const DEFLATE = { level: 1 }

/** By the number of a draft in its file. */
export type NumberedDrafts = ReadonlyMap<number, Draft>

export class PackedFile {
  readonly path: string
  /** Of the text that it was read from. */
  readonly digest: string
  readonly problems: readonly ReconcileError[]
  readonly counts: ReadonlyMap<Kind, number>
  /** For each draft: how many keys it has, and these (draft-keys.ts). */
  readonly #keys: Uint32Array
  /** One line of JSON for each draft. */
  readonly #drafts: Buffer
  readonly #sightings: Buffer
  /** Until the memory is needed. */
  #lines: WeakRef<readonly string[]> | undefined

  constructor(path: string, digest: string, { drafts, sightings, problems }: FileObjects) {
    this.path = path
    this.digest = digest
    this.problems = problems
    this.counts = countKinds(drafts)
    this.#keys = packKeys(drafts)
    this.#drafts = pack(drafts.map((draft) => JSON.stringify(draft)).join('\n'))
    this.#sightings = pack(JSON.stringify(sightings))
  }

  /** In their order. */
  drafts(): readonly Draft[] {
    return this.#unpacked().map(readDraft)
  }

  sightings(): readonly Sighting[] {
    return JSON.parse(unpack(this.#sightings)) as readonly Sighting[]
  }

  /** Those that have one of these keys. @param but not the drafts of these numbers */
  draftsWith(wanted: ReadonlySet<number>, but: NumberedDrafts): NumberedDrafts {
    const found = new Map<number, Draft>()
    const keys = this.#keys
    for (let at = 0, number = 0; at < keys.length; number++) {
      const end = at + 1 + (keys[at] ?? 0)
      let isMeant = false
      while (++at < end) isMeant ||= wanted.has(keys[at] ?? 0)
      if (!isMeant || but.has(number)) continue
      const line = this.#unpacked()[number]
      if (line !== undefined) found.set(number, readDraft(line))
    }
    return found
  }

  #unpacked(): readonly string[] {
    const known = this.#lines?.deref()
    if (known) return known
    const text = unpack(this.#drafts)
    const lines = text === '' ? [] : text.split('\n')
    this.#lines = new WeakRef(lines)
    return lines
  }
}

function packKeys(drafts: readonly Draft[]): Uint32Array {
  return Uint32Array.from(
    drafts.flatMap((draft) => {
      const keys = keysOf(draft)
      return [keys.length, ...keys]
    }),
  )
}

/** A copy: what zlib gives has room for more. */
function pack(text: string): Buffer {
  return Buffer.from(deflateRawSync(text, DEFLATE))
}

function unpack(bytes: Buffer): string {
  return inflateRawSync(bytes).toString()
}

/** What is undefined in a draft is not in its JSON. */
function readDraft(line: string): Draft {
  return JSON.parse(line) as Draft
}

function countKinds(drafts: readonly Draft[]): ReadonlyMap<Kind, number> {
  const counts = new Map<Kind, number>()
  for (const { kind } of drafts) counts.set(kind, (counts.get(kind) ?? 0) + 1)
  return counts
}
