// The program `reconcile`: arguments in, exit code out. What a command needs is loaded when it is asked for.
import { EXIT, type ExitCode } from '../errors/codes.js'
import { type ParsedArguments, parseArguments } from './arguments.js'

// A reader that has gone (`reconcile … | head`) is no failure of ours; a full disk is.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(EXIT.done)
  process.stderr.write(`Cannot write to standard output: ${error.message}.\n`)
  process.exit(EXIT.runtimeError)
})
process.stderr.on('error', () => undefined) // there is nobody left to tell

try {
  process.exitCode = await execute(parseArguments(process.argv.slice(2)))
} catch (error) {
  const { reportFailure } = await import('./failure.js')
  process.exitCode = reportFailure(error)
}

async function execute(parsed: ParsedArguments): Promise<ExitCode> {
  switch (parsed.kind) {
    case 'exit':
      return parsed.code
    case 'run':
      return (await import('./run.js')).run(parsed.settings)
    case 'dump':
      return (await import('./dump.js')).dump(parsed.settings)
    case 'diff':
      return (await import('./diff.js')).diff(parsed.settings)
    case 'status':
      return (await import('./status.js')).status(parsed.settings)
    case 'control':
      return (await import('./control.js')).control(parsed.settings)
    case 'connections':
      return (await import('./connections.js')).connections(parsed.settings)
    case 'flush':
      return (await import('./flush.js')).flush(parsed.settings)
    case 'counters':
      return (await import('./counters.js')).counters(parsed.settings)
  }
}
