// The name of the state that the manifests describe: the git commit where they lie unchanged in one, else their content.
import { dirname, resolve } from 'node:path'
import { statSync } from 'node:fs'
import { simpleGit } from 'simple-git'
import type { ManifestFile } from '../manifest/parse.js'
import { stableHash } from '../values/hash.js'

/** A commit id; with local edits, `COMMIT+CONTENT`; outside git, `CONTENT`. CONTENT is `sha256:` and 12 digits. */
export async function revisionOf(paths: readonly string[], files: readonly ManifestFile[]): Promise<string> {
  const content = `sha256:${stableHash(files.map(({ path, text }) => `${path}\n${text}`).join('\n'), 6)}`
  const folder = paths.find((path) => path !== '-')
  if (folder === undefined) return content
  try {
    const git = simpleGit(folderOf(folder))
    const [commit, status] = await Promise.all([
      git.revparse(['HEAD']),
      git.raw([
        'status',
        '--porcelain',
        '--',
        ...paths.filter((path) => path !== '-').map((path) => resolve(path)),
      ]),
    ])
    return status.trim() === '' ? commit : `${commit}+${content}`
  } catch {
    // No git, no repository, no commit yet: the content alone names the state.
    return content
  }
}

function folderOf(path: string): string {
  return statSync(path).isDirectory() ? path : dirname(path)
}
