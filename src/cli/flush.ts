// `reconcile flush`: one request to the running daemon, and how many flows went.
import { EXIT, type ExitCode } from '../errors/codes.js'
import type { Flushed } from '../reconcile/flush.js'
import { askDaemon } from './control-client.js'
import { askPaths } from './control-path.js'
import type { FlushSettings } from './flush-arguments.js'

/** @throws ReconcileError NO_DAEMON, USAGE, UNKNOWN_OBJECT, and what keeps the daemon from it */
export async function flush(settings: FlushSettings): Promise<ExitCode> {
  const { target } = settings
  const body = target === 'all' ? { all: true } : { object: `${target.kind}/${target.name}` }
  const answer = await askDaemon(askPaths(settings), { method: 'POST', url: '/v1/flush', body })
  process.stdout.write(`${renderFlushed(answer as Flushed)}\n`)
  return EXIT.done
}

function renderFlushed({ flows, connections, refused, fallbacks }: Flushed): string {
  const kinds = [
    count(connections, 'connection'),
    count(refused, 'refused pair'),
    count(fallbacks, 'fallback'),
  ]
  return `flushed ${kinds.join(', ')}: ${count(flows, 'flow')}`
}

function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? '' : 's'}`
}
