// The last word of a command that failed: a located message on standard error, and the exit code.
import { readFileSync } from 'node:fs'
import { EXIT, type ExitCode } from '../errors/codes.js'
import { ReconcileError } from '../errors/error.js'
import { renderError } from '../errors/render.js'

export function reportFailure(error: unknown): ExitCode {
  if (error instanceof ReconcileError) {
    process.stderr.write(`${renderError(error, readForFrame)}\n`)
    return error.exitCode
  }
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error)
  process.stderr.write(`This is a bug in reconcile; please report it.\n${text}\n`)
  return EXIT.runtimeError
}

/** The text of a dump or configuration file, for the code frame of an error in it. */
function readForFrame(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return undefined
  }
}
