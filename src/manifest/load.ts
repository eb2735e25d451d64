// Paths in, the checked set of manifests or every problem out: reading and parsing in one call.
import type { ReconcileError } from '../errors/error.js'
import type { Sighting } from './draft.js'
import { type ManifestFile, type ManifestParser, parseManifests } from './parse.js'
import type { ManifestSet } from './model.js'
import { readManifestFiles } from './read.js'

export interface LoadedManifests {
  /** Undefined when there is any problem. */
  readonly manifests: ManifestSet | undefined
  readonly problems: readonly ReconcileError[]
  /** What was read, for code frames and revisions. */
  readonly files: readonly ManifestFile[]
  /** Every object that the files hold, also those with problems. */
  readonly seen: readonly Sighting[]
  /** What was on disk when the reading began, as `stampManifests` gives it. */
  readonly stamp: string
}

/** @param parse a parser that remembers, where the same paths are loaded again and again */
export async function loadManifests(
  paths: readonly string[],
  stdin?: AsyncIterable<Uint8Array | string>,
  parse: ManifestParser = parseManifests,
): Promise<LoadedManifests> {
  const { files, problems: unread, stamp } = await readManifestFiles(paths, stdin)
  const { manifests, problems, seen } = parse(files, { incomplete: unread.length > 0 })
  if (unread.length === 0) return { manifests, problems, files, seen, stamp }
  return { manifests: undefined, problems: [...unread, ...problems], files, seen, stamp }
}
