// What git says about the manifests: the commit they are of, and whether it is just writing them.
import { stat } from 'node:fs/promises'
import { basename, dirname, resolve } from 'node:path'
import { simpleGit } from 'simple-git'

export interface CheckedOut {
  readonly commit: string
  /** Do the manifests differ from it? */
  readonly edited: boolean
}

/**
 * The commit that is checked out around these paths, and whether they differ from it; undefined outside git. One question
 * gets both, so that they belong together while git moves on.
 */
export async function checkedOut(paths: readonly string[]): Promise<CheckedOut | undefined> {
  const [first] = paths
  if (first === undefined) return undefined
  try {
    const git = simpleGit(await folderOf(first))
    // Without the option `status` takes the lock that it is watched by, and refreshes the index behind it.
    const status = [
      ...['--no-optional-locks', 'status', '--porcelain=v2', '--branch', '--no-ahead-behind', '-z'],
      ...['--untracked-files=all', '--', ...paths.map((path) => resolve(path))],
    ]
    const lines = (await git.raw(status)).split('\0')
    const commit = lines.find((line) => line.startsWith(COMMIT))?.slice(COMMIT.length)
    if (!commit || !/^[0-9a-f]+$/.test(commit)) return undefined // no commit yet
    return { commit, edited: lines.some((line) => !line.startsWith('# ') && isManifest(pathIn(line), paths)) }
  } catch {
    return undefined // no git, no repository
  }
}

const COMMIT = '# branch.oid '

/** The path behind the fields of git-status(1), "Porcelain Format Version 2"; of a renamed file the old one stands alone. */
function pathIn(line: string): string {
  return line.replace(/^(1( \S+){7}|2( \S+){8}|u( \S+){9}|\?) /, '')
}

/** A README beside the manifests is no manifest: an edit of it leaves the revision as it is. */
function isManifest(change: string, paths: readonly string[]): boolean {
  return /\.ya?ml$/.test(change) || paths.some((path) => change !== '' && path.endsWith(basename(change)))
}

/** A repository as it is at one moment. */
export interface Repository {
  /** The file that git has there while it writes files. */
  readonly lock: string
  /** The commit that is checked out; undefined where there is none yet. */
  readonly head: string | undefined
}

/** The repositories around these paths; none outside git. */
export async function repositories(paths: readonly string[]): Promise<readonly Repository[]> {
  const folders = new Set(await Promise.all(paths.map((path) => folderOf(path).catch(() => undefined))))
  const found = await Promise.all([...folders].map((folder) => folder ?? '').map(repositoryAround))
  return found.flat()
}

async function repositoryAround(folder: string): Promise<readonly Repository[]> {
  if (folder === '') return []
  try {
    // Quiet, so that a repository without a commit is no failure.
    const args = ['rev-parse', '--git-path', 'index.lock', '--verify', '--quiet', 'HEAD']
    const [lock = '', head = ''] = (await simpleGit(folder).raw(args)).split('\n')
    return lock === '' ? [] : [{ lock: resolve(folder, lock), head: head || undefined }]
  } catch {
    return []
  }
}

/** A lock this old was left behind by a git that crashed. Milliseconds. */
const STALE_MS = 60_000

/** Does git hold the lock? A stale one does not count. */
export async function lockState(lock: string): Promise<'free' | 'held' | 'stale'> {
  try {
    const { mtimeMs } = await stat(lock)
    return Math.abs(Date.now() - mtimeMs) < STALE_MS ? 'held' : 'stale'
  } catch {
    return 'free'
  }
}

export function describeStaleLock(lock: string): string {
  return `${lock} is older than ${STALE_MS / 1000} s and was not waited for; remove it if no git is at work`
}

async function folderOf(path: string): Promise<string> {
  return (await stat(path)).isDirectory() ? path : dirname(path)
}
