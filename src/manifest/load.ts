// Paths in, the store of a good set of manifests or every problem out: finding, reading and parsing in one call.
import { setImmediate as nextTurn } from 'node:timers/promises'
import { ReconcileError } from '../errors/error.js'
import type { Sighting } from './draft.js'
import type { ManifestFile } from './parse.js'
import { type FileDigest, ManifestParser, type ManifestReading } from './parser.js'
import { findManifests, type FoundFile, readManifest, shownPath } from './read.js'
import type { ManifestStore } from './store.js'

export interface LoadedManifests {
  /** Undefined when there is any problem. */
  readonly store: ManifestStore | undefined
  readonly problems: readonly ReconcileError[]
  /** What was read, for revisions. */
  readonly digests: readonly FileDigest[]
  /** The files that problems speak of, for code frames. */
  readonly files: readonly ManifestFile[]
  /** Where there are problems: every object that the files hold. */
  readonly seen: readonly Sighting[]
  /** What was on disk when the reading began, as `stampManifests` gives it. */
  readonly stamp: string
}

/**
 * Reads the files that are not as they were, and gives way to the event loop after each that has to be parsed: packets do
 * not wait for a large commit.
 * @param parser one that remembers, where the same paths are loaded again and again
 */
export async function loadManifests(
  paths: readonly string[],
  stdin: AsyncIterable<Uint8Array | string> = process.stdin,
  parser = new ManifestParser(),
): Promise<LoadedManifests> {
  const { files: found, problems: lost, stamp } = await findManifests(paths)
  const reading = parser.begin()
  const taken: Taken = { given: undefined, problems: [...lost] }
  for (const file of found) await take(file, reading, stdin, taken)
  const unread = taken.problems
  const { store, problems: wrong, digests, seen } = await reading.join({ incomplete: unread.length > 0 })
  const problems = [...unread, ...wrong]
  const files = await filesOf(problems, taken.given)
  return { store: unread.length === 0 ? store : undefined, problems, digests, files, seen, stamp }
}

/** What files gave besides their objects. */
interface Taken {
  /** Standard input, which can be read once. */
  given: ManifestFile | undefined
  /** Files that cannot be read. */
  readonly problems: ReconcileError[]
}

async function take(
  found: FoundFile,
  reading: ManifestReading,
  stdin: AsyncIterable<Uint8Array | string>,
  taken: Taken,
): Promise<void> {
  const path = shownPath(found.path)
  if (found.stamp !== undefined && reading.keep(path, found.stamp)) return
  const stamp = isSettled(found) ? found.stamp : undefined
  const text = await readManifest(found.path, stdin)
  if (text instanceof ReconcileError) taken.problems.push(text)
  else {
    const file = { path, text }
    if (found.path === '-') taken.given = file
    if (reading.take(file, stamp)) await nextTurn()
  }
}

/**
 * Clocks of file systems stand still for up to 2 s (FAT): a file that was written just now may be written again without
 * another stamp. As git does with its index, it is then read again the next time. Milliseconds.
 */
const STILL_MS = 2_000

function isSettled({ changedAt }: FoundFile): boolean {
  return Date.now() - changedAt > STILL_MS
}

/** Read again, as texts are not kept. Of a file that has changed since, the frame need not be right: it is loaded anew. */
async function filesOf(
  problems: readonly ReconcileError[],
  given: ManifestFile | undefined,
): Promise<readonly ManifestFile[]> {
  const places = problems.flatMap(({ at, related }) => [at, ...related.map((other) => other.at)])
  const files: ManifestFile[] = []
  for (const path of new Set(places.flatMap((at) => at?.file ?? []))) {
    const text = path === given?.path ? given.text : await readManifest(path)
    if (typeof text === 'string') files.push({ path, text })
  }
  return files
}
