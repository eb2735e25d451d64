// What git says about the manifests: the commit they are of, and whether it is just writing them.
import { existsSync, statSync } from 'node:fs'
import { basename, dirname, resolve } from 'node:path'
import { simpleGit } from 'simple-git'

/** The commit that is checked out around these paths, and whether they differ from it; undefined outside git. */
export async function checkedOut(
  paths: readonly string[],
): Promise<{ readonly commit: string; readonly edited: boolean } | undefined> {
  const [first] = paths
  if (first === undefined) return undefined
  try {
    const git = simpleGit(folderOf(first))
    // Without the option `status` takes the lock that it is watched by, and refreshes the index behind it.
    const status = [
      '--no-optional-locks',
      'status',
      '--porcelain',
      '-z',
      '--untracked-files=all',
      '--',
      ...paths.map((path) => resolve(path)),
    ]
    const [commit, changes] = await Promise.all([git.revparse(['HEAD']), git.raw(status)])
    return { commit, edited: changes.split('\0').some((change) => isManifest(change, paths)) }
  } catch {
    return undefined // no git, no repository, no commit yet
  }
}

/** A README beside the manifests is no manifest: an edit of it leaves the revision as it is. */
function isManifest(change: string, paths: readonly string[]): boolean {
  return /\.ya?ml$/.test(change) || paths.some((path) => change !== '' && path.endsWith(basename(change)))
}

/** The locks that git holds while it writes the files at these paths; none outside git. */
export async function indexLocks(paths: readonly string[]): Promise<readonly string[]> {
  const locks = await Promise.all(paths.map(indexLock))
  return [...new Set(locks.flat())]
}

async function indexLock(path: string): Promise<readonly string[]> {
  try {
    const folder = folderOf(path)
    const lock = await simpleGit(folder).raw(['rev-parse', '--git-path', 'index.lock'])
    return [resolve(folder, lock.trim())]
  } catch {
    return []
  }
}

export function isHeld(lock: string): boolean {
  return existsSync(lock)
}

function folderOf(path: string): string {
  return statSync(path).isDirectory() ? path : dirname(path)
}
