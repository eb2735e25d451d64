// Paths in, the store of a good set of manifests or every problem out: reading and parsing in one call.
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { ReconcileError } from '../errors/error.js'
import type { Sighting } from './draft.js'
import type { ManifestFile } from './parse.js'
import { ManifestParser } from './parser.js'
import { readManifestFiles } from './read.js'
import type { ManifestStore } from './store.js'

export interface LoadedManifests {
  /** Undefined when there is any problem. */
  readonly store: ManifestStore | undefined
  readonly problems: readonly ReconcileError[]
  /** What was read, for code frames and revisions. */
  readonly files: readonly ManifestFile[]
  /** Where there are problems: every object that the files hold. */
  readonly seen: readonly Sighting[]
  /** What was on disk when the reading began, as `stampManifests` gives it. */
  readonly stamp: string
}

/**
 * Gives way to the event loop after each file that has to be parsed: packets do not wait for a large commit.
 * @param parser one that remembers, where the same paths are loaded again and again
 */
export async function loadManifests(
  paths: readonly string[],
  stdin?: AsyncIterable<Uint8Array | string>,
  parser = new ManifestParser(),
): Promise<LoadedManifests> {
  const { files, problems: unread, stamp } = await readManifestFiles(paths, stdin)
  const reading = parser.begin()
  for (const file of files) if (reading.take(file)) await nextTurn()
  const { store, problems, seen } = reading.join({ incomplete: unread.length > 0 })
  if (unread.length === 0) return { store, problems, files, seen, stamp }
  return { store: undefined, problems: [...unread, ...problems], files, seen, stamp }
}
