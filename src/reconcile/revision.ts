// The name of the state that the manifests describe: the git commit where they lie unchanged in one, else their content.
import type { FileDigest } from '../manifest/parser.js'
import { stableHash } from '../values/hash.js'
import type { CheckedOut } from './git.js'

/** A commit id; with local edits, `COMMIT+CONTENT`; outside git, `CONTENT`, as `contentOf` gives it. */
export function revisionOf(git: CheckedOut | undefined, files: readonly FileDigest[]): string {
  if (!git) return contentOf(files)
  return git.edited ? `${git.commit}+${contentOf(files)}` : git.commit
}

/** `sha256:` and 12 digits. */
export function contentOf(files: readonly FileDigest[]): string {
  return `sha256:${stableHash(files.map(({ path, digest }) => `${path}\n${digest}`).join('\n'), 6)}`
}
