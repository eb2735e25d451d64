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
}

/** What `-` is called in messages. */
const STDIN = '<stdin>'

/** What one call has seen, so that a file named twice is read once and a ring of symbolic links ends. */
interface Reading {
  readonly seen: Set<string>
  readonly files: ManifestFile[]
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
  const reading: Reading = { seen: new Set(), files: [], problems: [] }
  for (const path of new Set(paths)) {
    if (path === '-') decodeInto(reading, STDIN, await readAll(stdin))
    else await orReport(reading, path, () => readPath(reading, path, false))
  }
  return { files: reading.files, problems: reading.problems }
}

/** @param found below a folder, where only regular files with the right ending count */
async function readPath(reading: Reading, path: string, found: boolean): Promise<void> {
  const real = await realpath(path)
  if (reading.seen.has(real)) return
  const status = await stat(real)
  if (status.isDirectory()) {
    reading.seen.add(real)
    await readFolder(reading, path)
  } else if (!found || (status.isFile() && /\.ya?ml$/.test(path))) {
    reading.seen.add(real)
    decodeInto(reading, path, await readFile(path))
  }
}

async function readFolder(reading: Reading, folder: string): Promise<void> {
  const names = (await readdir(folder)).filter((name) => !name.startsWith('.') && name !== 'node_modules')
  for (const name of names.toSorted(compareText)) {
    const path = join(folder, name)
    await orReport(reading, path, () => readPath(reading, path, true))
  }
}

async function orReport({ problems }: Reading, path: string, read: () => Promise<void>): Promise<void> {
  try {
    await read()
  } catch (cause) {
    problems.push(unreadable(path, cause))
  }
}

function decodeInto({ files, problems }: Reading, path: string, bytes: Uint8Array): void {
  const text = decodeUtf8(path, bytes)
  if (text instanceof ReconcileError) problems.push(text)
  else files.push({ path, text })
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
