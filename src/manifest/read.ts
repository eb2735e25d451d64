// Paths in, texts of manifest files out: the one part of manifests/ that touches the file system.
import { readdir, readFile, realpath, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { ReconcileError } from '../errors/error.js'
import { compareText } from '../errors/position.js'
import { decodeUtf8 } from './decode.js'
import type { ManifestFile } from './parse.js'

export interface ReadManifests {
  readonly files: readonly ManifestFile[]
  /** Paths that cannot be read, and files that are not text. */
  readonly problems: readonly ReconcileError[]
  /** What was on disk before the first file was read, as `stampManifests` gives it. */
  readonly stamp: string
}

/** What `-` is called in messages. */
const STDIN = '<stdin>'

interface Found {
  readonly path: string
  /** Changes whenever the file is written or another one is put in its place. */
  readonly stamp: string
}

/** What one call has seen, so that a file named twice is read once and a ring of symbolic links ends. */
interface Search {
  readonly seen: Set<string>
  readonly found: Found[]
  readonly problems: ReconcileError[]
}

/**
 * Reads manifest files.
 * @param paths each a file, a folder (with all its *.yaml and *.yml below, in order of name; nothing that begins with a
 *   dot, no node_modules), or `-`
 * @param stdin read for `-`
 */
export async function readManifestFiles(
  paths: readonly string[],
  stdin: AsyncIterable<Uint8Array | string> = process.stdin,
): Promise<ReadManifests> {
  const search = await findManifests(paths)
  const stamp = stampOf(search)
  const files: ManifestFile[] = []
  const { problems } = search
  const take = (path: string, bytes: Uint8Array): void => {
    const text = decodeUtf8(path, bytes)
    if (text instanceof ReconcileError) problems.push(text)
    else files.push({ path, text })
  }
  for (const { path } of search.found) {
    if (path === '-') take(STDIN, await readAll(stdin))
    else await orReport(search, path, async () => take(path, await readFile(path)))
  }
  return { files, problems, stamp }
}

/** What is on disk, without its content: the same text means that no file came, went or was written. */
export async function stampManifests(paths: readonly string[]): Promise<string> {
  return stampOf(await findManifests(paths))
}

function stampOf({ found, problems }: Search): string {
  const files = found.filter(({ path }) => path !== '-').map(({ path, stamp }) => `${path} ${stamp}`)
  return [...files, ...problems.map(({ message }) => message)].join('\n')
}

async function findManifests(paths: readonly string[]): Promise<Search> {
  const search: Search = { seen: new Set(), found: [], problems: [] }
  for (const path of new Set(paths)) {
    if (path === '-') search.found.push({ path, stamp: '' })
    else await orReport(search, path, () => findAt(search, path, false))
  }
  return search
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
    const { dev, ino, size, mtimeNs, ctimeNs } = status
    search.found.push({ path, stamp: [dev, ino, size, mtimeNs, ctimeNs].join(':') })
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
  const [reason, remedy] = REASONS[code] ?? [String(cause), 'Check that the path can be read.']
  return new ReconcileError('PATH_UNREADABLE', `Cannot read "${path}": ${reason}.`, { remedy, cause })
}
