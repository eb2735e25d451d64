// `reconcile status`: a running daemon asked, once or until all is in sync, and its answer printed.
import { setTimeout as sleep } from 'node:timers/promises'
import { EXIT, type ExitCode } from '../errors/codes.js'
import { ReconcileError } from '../errors/error.js'
import type { ObjectStatus, Summary } from '../status/condition.js'
import { renderStatus } from '../status/render-status.js'
import { askDaemon } from './control-client.js'
import { askPaths } from './control-path.js'
import { painter } from './painter.js'
import type { StatusSettings } from './status-arguments.js'
import { writeStdout } from './stdout.js'

type Answer = Summary & { readonly objects: readonly ObjectStatus[] }

/** Between two questions. Milliseconds. */
const ASK_EVERY_MS = 200

/** @throws ReconcileError NO_DAEMON, USAGE */
export async function status(settings: StatusSettings): Promise<ExitCode> {
  const paths = askPaths(settings)
  if (settings.wait > 0) await untilDone(paths, settings)
  const objects = settings.all || settings.output === 'json' ? 'all' : 'unwell'
  const answer = (await askDaemon(paths, { method: 'GET', url: `/v1/status?objects=${objects}` })) as Answer
  await print(answer, settings)
  return isDone(answer, settings.revision) ? EXIT.done : EXIT.differences
}

/** Until it is so, or the time is over. A daemon that starts, or starts again, is waited for like anything else. */
async function untilDone(paths: readonly string[], { wait, revision }: StatusSettings): Promise<void> {
  const deadline = performance.now() + wait * 1000
  let isAsked = false
  while (performance.now() < deadline) {
    try {
      const url = '/v1/status?objects=none'
      const answer = (await askDaemon(paths, { method: 'GET', url })) as Answer
      if (isDone(answer, revision)) return
      // A commit that changes no file is not seen by itself before the next sweep.
      if (revision !== undefined && !isAsked && !isRevision(answer.revision.wanted, revision)) {
        await askDaemon(paths, { method: 'POST', url: '/v1/reconcile' })
        isAsked = true
        continue
      }
    } catch (error) {
      if (!(error instanceof ReconcileError) || error.code !== 'NO_DAEMON') throw error
    }
    await sleep(Math.min(ASK_EVERY_MS, Math.max(0, deadline - performance.now())))
  }
}

function isDone({ phase, revision: { wanted, applied } }: Summary, revision: string | undefined): boolean {
  if (phase !== 'Synced' || applied !== wanted) return false
  return revision === undefined || isRevision(applied, revision)
}

/** A commit may be cut short as git cuts it; one whose files were edited is no commit. */
function isRevision(known: string | null, asked: string): boolean {
  if (known === null || known === asked) return known === asked
  return /^[0-9a-f]{7,}$/.test(asked) && /^[0-9a-f]+$/.test(known) && known.startsWith(asked)
}

async function print(answer: Answer, { output, color }: StatusSettings): Promise<void> {
  const text =
    output === 'json'
      ? JSON.stringify(answer, null, 2)
      : renderStatus(answer, answer.objects, new Date(), painter(color, process.stdout))
  await writeStdout([`${text}\n`])
}
