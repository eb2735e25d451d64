// What a daemon says: results of readings and passes in, log lines out. What has not changed is not said again.
import type { Logger } from 'pino'
import { ReconcileError } from '../errors/error.js'
import { renderError } from '../errors/render.js'
import type { PacketIn } from '../openflow/messages/packet.js'
import { NO_NAMES } from '../openflow/text/port-names.js'
import { renderFlow } from '../openflow/text/print.js'
import { describeHeld, type Held, heldRemedy } from '../plan/guard.js'
import type { Plan } from '../plan/plan.js'
import { countPlan } from '../plan/report.js'
import type { Suspension } from '../status/condition.js'
import { describeStaleLock } from './git.js'
import type { Reloaded } from './manifest-source.js'
import type { Judgement } from './packet-in.js'
import type { RefusedObject } from './refusal.js'

/** What is said of a reading. */
type Said = Omit<Reloaded, 'revision' | 'seen'>

export class WatchLog {
  readonly #log: Logger
  #warnings = ''
  #foreign = ''
  /** Of the last pass: a new one is worth a line even where it changes no flow. */
  #revision: string | undefined
  #problems = ''
  #failure = ''
  #held = ''
  #refused = ''
  #staleLocks = ''
  #connectionSaid = false
  #suspension = ''

  constructor(log: Logger) {
    this.#log = log
  }

  /** @param kept there is a good set from before */
  read({ problems, files, staleLocks }: Said, kept: boolean): void {
    this.#locks(staleLocks)
    const text = new Map(files.map((file) => [file.path, file.text]))
    const rendered = problems.map((problem) => renderError(problem, (file) => text.get(file)))
    const before = this.#problems
    this.#problems = rendered.join('\n')
    if (this.#problems === before) return
    if (problems.length === 0) {
      this.#log.info('the manifests are valid again')
      return
    }
    for (const problem of rendered) this.#log.error(problem)
    const state = kept ? 'the last good revision stays programmed' : 'waiting for a good edit'
    this.#log.error(
      `${problems.length} ${problems.length === 1 ? 'problem' : 'problems'} in the manifests; ${state}`,
    )
  }

  /** @param isWhole nothing of the manifests is held back or refused */
  passed(
    plan: Plan,
    revision: string,
    durationMs: number,
    warnings: readonly string[],
    isWhole = true,
  ): void {
    const { add, change, delete: deleted, unchanged, conflicts } = countPlan(plan)
    const meters = plan.meters?.changes.length ?? 0
    const flows = { add, change, delete: deleted, unchanged, ...(meters > 0 && { meters }) }
    const fields = { revision, ...flows, ms: Math.round(durationMs * 10) / 10 }
    if (conflicts > 0) this.#conflicts(plan, fields)
    else {
      const state = isWhole ? 'in sync' : 'out of sync: something is held back or refused'
      if (add + change + deleted + meters > 0) this.#log.info(fields, `applied; ${state}`)
      else this.#log[revision === this.#revision ? 'debug' : 'info'](fields, state)
    }
    this.#revision = revision
    this.#failure = ''
    this.#connectionSaid = false
    if (conflicts === 0) this.#foreign = ''
    if (warnings.join('\n') === this.#warnings) return
    this.#warnings = warnings.join('\n')
    for (const warning of warnings) this.#log.warn(warning)
  }

  #locks(stale: readonly string[]): void {
    const text = stale.join('\n')
    if (text !== this.#staleLocks) for (const lock of stale) this.#log.warn(describeStaleLock(lock))
    this.#staleLocks = text
  }

  /** Said once for each change of what is held; nothing when it is let go. */
  held(held: Held | undefined): void {
    const text = held ? JSON.stringify([...held.objects, held.names, held.blocks]) : ''
    if (held && text !== this.#held) {
      const fields = {
        objects: Object.fromEntries(held.objects),
        blocks: held.blocks,
        remedy: heldRemedy(held),
      }
      this.#log.warn(fields, `held: gone from the manifests, left on the switch: ${describeHeld(held)}`)
    }
    this.#held = text
  }

  /** Once for each change; undefined: work as always. */
  suspended(suspension: Suspension | undefined): void {
    const text = suspension ? JSON.stringify(suspension) : ''
    if (text === this.#suspension) return
    if (suspension) this.#log.warn(suspension, 'suspended: no flow is written until reconcile resume')
    else this.#log.info('resumed')
    this.#suspension = text
    this.#revision = undefined
  }

  /** Packets that are not sent on; a guest may send as many as it likes, so only whoever debugs hears of them. */
  judged(judgement: Judgement, { tableId, data }: PacketIn): void {
    if ('route' in judgement) return
    const { verdict, ...rest } = judgement
    if (verdict === 'refused') {
      const { reason, answer, ofport } = judgement
      this.#log.debug(
        { verdict: reason, answer: answer?.kind, ofport, tableId, bytes: data.length },
        'packet refused',
      )
    } else this.#log.debug({ verdict, ...rest, tableId, bytes: data.length }, 'packet refused')
  }

  /** It is not once for each packet: the flow stays for a while. */
  muted(port: string): void {
    this.#log.warn(
      { port },
      'a port asks for too many hosts that it cannot reach; it is not heard for a while',
    )
  }

  /** Objects that the switch does not take, once for each change of them. */
  refused(objects: readonly RefusedObject[]): void {
    const text = objects.map(({ error }) => renderError(error))
    if (text.join('\n') === this.#refused) return
    this.#refused = text.join('\n')
    for (const line of text) this.#log.error(line)
    if (objects.length === 0) this.#log.info('the switch takes all objects again')
  }

  /** Once between two passes: there may be one for each packet. */
  refusedConnection(error: ReconcileError): void {
    if (!this.#connectionSaid) this.#log.warn(renderError(error))
    this.#connectionSaid = true
  }

  /** Which flows are in the way, once; then only that they still are. */
  #conflicts({ conflicts }: Plan, fields: object): void {
    const foreign = conflicts.map(({ desired, installed }) => ({
      object: desired.reasons[0]?.owner?.name,
      ours: renderFlow(desired.flow, NO_NAMES),
      foreign: renderFlow(installed, NO_NAMES),
    }))
    const text = JSON.stringify(foreign)
    const level = text === this.#foreign ? 'debug' : 'warn'
    this.#foreign = text
    this.#log[level]({ ...fields, conflicts: foreign }, 'foreign flows stand where ours should be')
  }

  /** What follows is worth a line, also where it changes nothing: all is well again. */
  lost(): void {
    this.#revision = undefined
    this.#log.warn('connection to the switch lost')
  }

  failed(error: unknown, retryInMs: number | undefined): void {
    if (!(error instanceof ReconcileError)) {
      this.#log.fatal({ err: error }, 'a bug in a pass; the flows stay as they are')
      return
    }
    const text = renderError(error)
    this.#revision = undefined
    this.#log[text === this.#failure ? 'debug' : 'error']({ retryInMs }, text)
    this.#failure = text
  }

  unwatched(error: unknown): void {
    this.#log.warn({ err: error }, 'not all files can be watched; the others are read again at each sweep')
  }
}
