// The demo's git repository of manifests: a copy of the example, changed and committed as an operator would do it.
import { cp, readFile, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { runOrThrow } from '../../test/support/processes.js'

const EXAMPLE = fileURLToPath(new URL('../../examples/two-networks', import.meta.url))

/** The operator's own git configuration (identity, signing, hooks) stays out of the demo. */
const GIT_SETTINGS = [
  'user.name=Demo',
  'user.email=demo@example.invalid',
  'commit.gpgSign=false',
  'core.hooksPath=/dev/null',
]

/** Copies the example's manifests to a new git repository in `folder`; gives the names of the files. */
export async function createRepository(folder: string): Promise<string[]> {
  const isManifest = (path: string): boolean => path === EXAMPLE || /\.ya?ml$/.test(path)
  await cp(EXAMPLE, folder, { recursive: true, filter: isManifest })
  await startRepository(folder, 'Two networks and a router')
  return (await manifestFiles(folder)).sort()
}

/** Replaces an address wherever the manifests have it and commits that; gives the changed lines, with sign. */
export async function replaceAddress(folder: string, from: string, to: string): Promise<string[]> {
  const exactly = new RegExp(`(?<![\\d.])${from.replaceAll('.', '\\.')}(?![\\d./])`, 'g')
  for (const name of await manifestFiles(folder)) {
    const path = join(folder, name)
    const text = await readFile(path, 'utf8')
    if (text.search(exactly) !== -1) await writeFile(path, text.replace(exactly, to))
  }
  const lines = await changedLines(folder)
  await commit(folder, `vm1 moves to ${to}`)
  return lines
}

/** Makes a git repository in `folder`, which may have files already, and commits them all. */
export async function startRepository(folder: string, message: string): Promise<void> {
  await git(folder, 'init', '--quiet', '--initial-branch=main')
  await commit(folder, message)
}

/** Replaces all of a file and commits that; gives the changed lines, with sign. */
export async function commitFile(
  folder: string,
  name: string,
  text: string,
  message: string,
): Promise<readonly string[]> {
  await writeFile(join(folder, name), text)
  const lines = await changedLines(folder)
  await commit(folder, message)
  return lines
}

async function changedLines(folder: string): Promise<string[]> {
  const diff = await git(folder, 'diff', '--no-color', '--no-ext-diff', '--unified=0')
  return diff.split('\n').filter((line) => /^[+-]/.test(line))
}

async function manifestFiles(folder: string): Promise<string[]> {
  return (await readdir(folder)).filter((name) => /\.ya?ml$/.test(name))
}

async function commit(folder: string, message: string): Promise<void> {
  await git(folder, 'add', '--all')
  await git(folder, 'commit', '--quiet', '--message', message)
}

async function git(folder: string, ...args: readonly string[]): Promise<string> {
  return runOrThrow('git', ['-C', folder, ...GIT_SETTINGS.flatMap((setting) => ['-c', setting]), ...args])
}
