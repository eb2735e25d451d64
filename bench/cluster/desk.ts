// Where somebody edits manifests that are in git: a clone beside the folder that the daemons follow. Files and a commit
// there, and a pull into the folder: what takes a change to a node.
import { mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runOrThrow } from '../../test/support/processes.js'
import { waitFor } from '../../test/support/wait.js'
import type { FlowEvents } from '../../test/support/flow-events.js'

export interface Desk {
  /** The clone. */
  readonly path: string
  /**
   * Writes a file of the clone, then commits it and pulls the commit into the folder.
   * @returns when the commit was begun, and when the pull had ended, in milliseconds since 1970
   */
  readonly publish: (file: string, text: string) => Promise<Published>
}

export interface Published {
  readonly begun: number
  readonly pulled: number
}

const BRANCH = 'main'

/** Makes the folder, which has its manifests, a repository, and clones it. */
export async function openDesk(folder: string): Promise<Desk> {
  await git(folder, 'init', '-q', '-b', BRANCH)
  await git(folder, 'add', '--', '*.yaml')
  await git(folder, 'commit', '-qm', 'The site')
  const path = await mkdtemp(join(tmpdir(), 'desk-'))
  await git(path, 'clone', '-q', folder, '.')
  return {
    path,
    publish: async (file, text) => {
      await writeFile(join(path, file), text)
      await git(path, 'add', '--', file)
      const begun = Date.now()
      await git(path, 'commit', '-qm', 'An edit')
      await git(folder, 'pull', '-q', '--ff-only', path, BRANCH)
      return { begun, pulled: Date.now() }
    },
  }
}

async function git(folder: string, ...args: readonly string[]): Promise<void> {
  const who = ['-c', 'user.name=bench', '-c', 'user.email=bench@example.org']
  await runOrThrow('git', ['-C', folder, ...who, ...args])
}

/** Milliseconds without a change of flows, after which none is expected any more. */
const QUIET_MS = 700

/** @returns when the last change came of any bridge, in milliseconds since 1970; each has to have one after `begun` */
export async function lastChange(
  bridges: readonly Pick<FlowEvents, 'last'>[],
  begun: number,
): Promise<number> {
  const look = (): number | undefined => {
    const last = bridges.map((bridge) => bridge.last() ?? 0)
    const isQuiet = last.every((time) => time >= begun && Date.now() - time > QUIET_MS)
    return isQuiet ? Math.max(...last) : undefined
  }
  return waitFor(look, { what: 'quiet', timeoutMs: 30_000 })
}
