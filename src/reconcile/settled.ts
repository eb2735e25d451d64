// Manifests as they all were at one moment: paths in, the set with its revision out. While git writes files we wait, and
// what changed while it was read is read again, so that half of a checkout is never taken for the whole.
import { Readable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { ReconcileError } from '../errors/error.js'
import { type LoadedManifests, loadManifests } from '../manifest/load.js'
import type { ManifestParser } from '../manifest/parser.js'
import { stampManifests } from '../manifest/read.js'
import { type CheckedOut, checkedOut, lockState, type Repository, repositories } from './git.js'
import { revisionOf } from './revision.js'

/** Between two looks at what is changing. Milliseconds. */
const QUIET_MS = 40
/** Where it never stays the same for as long as it takes to read it, we give up after this time. Milliseconds. */
const PATIENCE_MS = 60_000

export interface SettledManifests extends LoadedManifests {
  readonly revision: string
  /** Locks of git that were found and are too old to be waited for. */
  readonly staleLocks: readonly string[]
}

export interface SettledOptions {
  /** A parser that remembers, where the same paths are loaded again and again. */
  readonly parser?: ManifestParser
  /** For `-`. */
  readonly stdin?: AsyncIterable<Uint8Array | string>
  /** Files of the last reading: one that is missing now is looked for once more. */
  readonly known?: readonly string[]
  /** Told once when git holds a lock. */
  readonly onWait?: (lock: string) => void
  readonly patienceMs?: number
}

/** Never throws for what the paths hold; what never settles is the problem MANIFESTS_CHANGING. */
export async function loadSettled(
  paths: readonly string[],
  options: SettledOptions = {},
): Promise<SettledManifests> {
  const { parser, known = [], patienceMs = PATIENCE_MS } = options
  const onDisk = paths.filter((path) => path !== '-')
  const stdin = paths.includes('-') ? await remembered(options.stdin ?? process.stdin) : undefined
  const deadline = performance.now() + patienceMs
  let locks: readonly string[] = []
  for (;;) {
    await released(locks, deadline, options.onWait)
    const [loaded, around] = await Promise.all([
      loadManifests(paths, stdin?.(), parser),
      repositories(onDisk),
    ])
    if (lacksAny(loaded, known)) await sleep(QUIET_MS)
    const [git, stamp] = await Promise.all([checkedOut(onDisk), stampManifests(onDisk)])
    const states = await Promise.all(around.map(async ({ lock }) => [lock, await lockState(lock)] as const))
    locks = states.flatMap(([lock, state]) => (state === 'held' ? [lock] : []))
    if (locks.length === 0 && stamp === loaded.stamp && isSameCommit(git, around)) {
      const staleLocks = states.flatMap(([lock, state]) => (state === 'stale' ? [lock] : []))
      return { ...loaded, revision: revisionOf(git, loaded.digests), staleLocks }
    }
    if (performance.now() > deadline) return neverSettled(loaded)
    await sleep(QUIET_MS)
  }
}

/** What is missing may only be on its way from one name to another, or be written anew. */
function lacksAny({ digests }: LoadedManifests, known: readonly string[]): boolean {
  const there = new Set(digests.map(({ path }) => path))
  return known.some((path) => !there.has(path))
}

async function released(
  locks: readonly string[],
  deadline: number,
  onWait: SettledOptions['onWait'],
): Promise<void> {
  for (const lock of locks) {
    onWait?.(lock)
    while ((await lockState(lock)) === 'held' && performance.now() < deadline) await sleep(QUIET_MS)
  }
}

/** Git moves to another commit after it has written its files, and is then without a lock for a moment. */
function isSameCommit(git: CheckedOut | undefined, around: readonly Repository[]): boolean {
  return git === undefined || around.some(({ head }) => head === git.commit)
}

/** Standard input ends once, and may be asked for again. */
async function remembered(
  stream: AsyncIterable<Uint8Array | string>,
): Promise<() => AsyncIterable<Uint8Array | string>> {
  const chunks: (Uint8Array | string)[] = []
  for await (const chunk of stream) chunks.push(chunk)
  return () => Readable.from(chunks)
}

function neverSettled({ digests }: LoadedManifests): SettledManifests {
  const message = 'The files of the manifests changed again and again while they were read.'
  const remedy = 'Check which program writes them. They are read again when they change next.'
  const problem = new ReconcileError('MANIFESTS_CHANGING', message, { remedy })
  return {
    store: undefined,
    problems: [problem],
    digests,
    files: [],
    seen: [],
    stamp: '',
    revision: '',
    staleLocks: [],
  }
}
