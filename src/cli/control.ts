// `reconcile suspend`, `resume`, `reconcile-now`: one request to the running daemon, and the state that it leads to.
import { EXIT, type ExitCode } from '../errors/codes.js'
import type { Summary } from '../status/condition.js'
import { renderSummary } from '../status/render-status.js'
import type { ControlSettings } from './control-arguments.js'
import { askDaemon } from './control-client.js'
import { askPaths } from './control-path.js'
import { painter } from './painter.js'

/** @throws ReconcileError NO_DAEMON, USAGE, and what keeps the daemon from it */
export async function control(settings: ControlSettings): Promise<ExitCode> {
  const { verb, reason } = settings
  const body = reason === undefined ? {} : { reason }
  const answer = await askDaemon(askPaths(settings), { method: 'POST', url: `/v1/${verb}`, body })
  const lines = renderSummary(answer as Summary, new Date(), painter('auto', process.stdout))
  process.stdout.write(`${lines.join('\n')}\n`)
  return EXIT.done
}
