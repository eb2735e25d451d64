// The built program as a user runs it: arguments go in, exit code and output come out.
import type { ChildProcess } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { Lab } from './lab.js'
import { collect, run, start, stop, type Finished, type RunOptions, type StartOptions } from './processes.js'
import { waitFor } from './wait.js'

/** The entry file that `npm run build` makes. */
export const CLI = fileURLToPath(new URL('../../dist/reconcile.js', import.meta.url))

/** Jest sets FORCE_COLOR for its workers; the program under test shall decide by itself. */
const UNSET = { FORCE_COLOR: undefined }

/** Runs `reconcile ARGS` to its end; `env: lab.env` points it at a lab's switch. */
export async function runCli(args: readonly string[], options: RunOptions = {}): Promise<Finished> {
  return run(process.execPath, [CLI, ...args], { ...options, env: { ...UNSET, ...options.env } })
}

export interface StartCliOptions extends StartOptions {
  /** The lab whose switch it shall work on; it then ends with the lab at the latest. */
  readonly lab?: Lab
}

export interface RunningCli {
  readonly child: ChildProcess
  readonly stdout: () => string
  readonly stderr: () => string
  /** Waits for a line on either stream and gives it. Throws when time (10 s unless given) or the program is out. */
  readonly waitForLine: (pattern: RegExp, timeoutMs?: number) => Promise<string>
  /** Ends it (SIGTERM unless said); gives the exit code, null when the signal itself ended it. */
  readonly stop: (signal?: NodeJS.Signals) => Promise<number | null>
}

/** Starts `reconcile ARGS` and lets it run, for `--watch`. */
export function startCli(args: readonly string[], options: StartCliOptions = {}): RunningCli {
  const { lab, ...rest } = options
  const startOptions = { ...rest, env: { ...UNSET, ...rest.env } }
  const command = [process.execPath, [CLI, ...args], startOptions] as const
  const child = lab ? lab.spawn(...command) : start(...command)
  const stdout = collect(child.stdout)
  const stderr = collect(child.stderr)
  return {
    child,
    stdout,
    stderr,
    waitForLine: async (pattern, timeoutMs = 10_000) => {
      const find = (): string | undefined =>
        `${stdout()}\n${stderr()}`.split('\n').find((line) => pattern.test(line))
      const over = (): boolean => child.exitCode !== null || child.signalCode !== null
      await waitFor(() => find() !== undefined || over(), {
        timeoutMs,
        what: `a line like ${String(pattern)}`,
      })
      const line = find()
      if (line === undefined)
        throw new Error(`reconcile ended before a line like ${String(pattern)}:\n${stderr()}`)
      return line
    },
    stop: (signal) => stop(child, signal),
  }
}
