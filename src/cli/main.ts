// The program `reconcile`: arguments in, exit code out. What a run needs is loaded when there is something to run.
import { EXIT } from '../errors/codes.js'
import { parseArguments } from './arguments.js'

// A reader that has gone (`reconcile … | head`) is no failure of ours; a full disk is.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(EXIT.done)
  process.stderr.write(`Cannot write to standard output: ${error.message}.\n`)
  process.exit(EXIT.runtimeError)
})
process.stderr.on('error', () => undefined) // there is nobody left to tell

const parsed = parseArguments(process.argv.slice(2))
if (parsed.kind === 'exit') {
  process.exitCode = parsed.code
} else {
  const { run } = await import('./run.js')
  process.exitCode = await run(parsed.settings)
}
