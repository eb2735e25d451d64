// The program `reconcile`: arguments in, exit code out. What a run needs is loaded when there is something to run.
import { parseArguments } from './arguments.js'

// A reader that has gone (`reconcile … | head`) is no failure of ours.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0)
  throw error
})

const parsed = parseArguments(process.argv.slice(2))
if (parsed.kind === 'exit') {
  process.exitCode = parsed.code
} else {
  const { run } = await import('./run.js')
  process.exitCode = await run(parsed.settings)
}
