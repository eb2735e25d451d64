// The lab's undertaker: a process of its own that removes the lab on request, or when this process is gone.
// One mechanism for the orderly end, Ctrl-C and `kill -9`; exit handlers would miss the last, and all of them in Jest.
import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { exited } from './processes.js'

const SCRIPT = fileURLToPath(new URL('reaper.sh', import.meta.url))

export interface Reaper {
  /** Removes the namespaces, everything that runs in them, and the run directory. Resolves when all are gone. */
  readonly reap: () => Promise<void>
}

/** Starts to watch over the namespaces called `PREFIX-*` and the run directory. */
export function startReaper(prefix: string, runDir: string): Reaper {
  const child = spawn('bash', [SCRIPT, prefix, runDir], {
    detached: true,
    stdio: ['pipe', 'ignore', 'inherit'],
  })
  child.unref() // it must not keep this process alive: our end is what it waits for
  const reap = async (): Promise<void> => {
    child.stdin.end('\n')
    child.ref()
    await exited(child)
  }
  let reaped: Promise<void> | undefined
  return { reap: () => (reaped ??= reap()) }
}
