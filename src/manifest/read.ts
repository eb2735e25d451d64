// Paths in, manifest files and their texts out: the one part of manifests/ that touches the file system.
import { readdir, readFile, realpath, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { ReconcileError } from '../errors/error.js'
import { systemReason } from '../errors/system-reason.js'
import { compareText } from '../errors/position.js'
import { stableHash } from '../values/hash.js'
import { decodeUtf8 } from './decode.js'

export interface FoundFile {
  /** `-`: standard input. */
  readonly path: string
  /** Changes whenever the file is written or another one is put in its place; undefined: standard input. */
  readonly stamp: string | undefined
  /** When it was changed last, by its file system's clock. Milliseconds since 1970. */
  readonly changedAt: number
}

export interface FoundManifests {
  readonly files: readonly FoundFile[]
  /** Paths that cannot be read. */
  readonly problems: readonly ReconcileError[]
  /** What is on disk, without its content: the same text means that no file came, went or was written. */
  readonly stamp: string
}

/** What `-` is called in messages. */
const STDIN = '<stdin>'

/** What one call has seen, so that a file named twice is read once and a ring of symbolic links ends. */
interface Search {
  readonly seen: Set<string>
  readonly found: FoundFile[]
  readonly problems: ReconcileError[]
}

/**
 * Finds manifest files.
 * @param paths each a file, a folder (with all its *.yaml and *.yml below, in order of name; nothing that begins with a
 *   dot, no node_modules), or `-`
 */
export async function findManifests(paths: readonly string[]): Promise<FoundManifests> {
  const search: Search = { seen: new Set(), found: [], problems: [] }
  for (const path of new Set(paths)) {
    if (path === '-') search.found.push({ path, stamp: undefined, changedAt: 0 })
    else await orReport(search, path, () => findAt(search, path, false))
  }
  const { found, problems } = search
  return { files: found, problems, stamp: stampOf(search) }
}

/** A path as messages show it. */
export function shownPath(path: string): string {
  return path === '-' ? STDIN : path
}

/**
 * The text of a file, or why there is none.
 * @param stdin read for `-`
 */
export async function readManifest(
  path: string,
  stdin: AsyncIterable<Uint8Array | string> = process.stdin,
): Promise<string | ReconcileError> {
  try {
    return decodeUtf8(shownPath(path), path === '-' ? await readAll(stdin) : await readFile(path))
  } catch (cause) {
    return unreadable(path, cause)
  }
}

/** What is on disk, as `findManifests` gives it. */
export async function stampManifests(paths: readonly string[]): Promise<string> {
  return (await findManifests(paths)).stamp
}

function stampOf({ found, problems }: Search): string {
  const files = found.filter(({ path }) => path !== '-').map(({ path, stamp = '' }) => `${path} ${stamp}`)
  return stableHash([...files, ...problems.map(({ message }) => message)].join('\n'), 16)
}

/** @param below in a folder, where only regular files with the right ending count */
async function findAt(search: Search, path: string, below: boolean): Promise<void> {
  const real = await realpath(path)
  if (search.seen.has(real)) return
  const status = await stat(real, { bigint: true })
  if (status.isDirectory()) {
    search.seen.add(real)
    await findIn(search, path)
  } else if (!below || (status.isFile() && /\.ya?ml$/.test(path))) {
    search.seen.add(real)
    const { dev, ino, size, mtimeNs, ctimeNs, ctimeMs } = status
    const stamp = [dev, ino, size, mtimeNs, ctimeNs].join(':')
    search.found.push({ path, stamp, changedAt: Number(ctimeMs) })
  }
}

async function findIn(search: Search, folder: string): Promise<void> {
  const names = (await readdir(folder)).filter((name) => !name.startsWith('.') && name !== 'node_modules')
  for (const name of names.toSorted(compareText)) {
    const path = join(folder, name)
    await orReport(search, path, () => findAt(search, path, true))
  }
}

async function orReport({ problems }: Search, path: string, read: () => Promise<void>): Promise<void> {
  try {
    await read()
  } catch (cause) {
    problems.push(unreadable(path, cause))
  }
}

async function readAll(stream: AsyncIterable<Uint8Array | string>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  for await (const chunk of stream) chunks.push(typeof chunk === 'string' ? Buffer.from(chunk) : chunk)
  return Buffer.concat(chunks)
}

const REASONS: Readonly<Record<string, readonly [reason: string, remedy: string]>> = {
  ENOENT: [
    'there is no such file or folder',
    'Check the path; it counts from the folder the command runs in.',
  ],
  EACCES: ['access is denied', 'Let the user that runs this read it.'],
  ELOOP: ['its symbolic links lead in a ring', 'Correct or remove the symbolic link.'],
}

function unreadable(path: string, cause: unknown): ReconcileError {
  const code = typeof cause === 'object' && cause !== null && 'code' in cause ? String(cause.code) : ''
  const [reason, remedy] = REASONS[code] ?? [systemReason(cause), 'Check that the path can be read.']
  return new ReconcileError('PATH_UNREADABLE', `Cannot read "${path}": ${reason}.`, { remedy, cause })
}
