// What the daemon says of drift: once for each repair, for each kind of drift that it leaves alone, for each fight.
import type { Logger } from 'pino'
import { NO_NAMES } from '../openflow/text/port-names.js'
import { renderFlow } from '../openflow/text/print.js'
import { type Change, flowOf } from '../plan/plan.js'
import { countPlan } from '../plan/report.js'
import type { DriftListener, OnDrift } from './drift-policy.js'

export class DriftLog implements DriftListener {
  readonly #log: Logger
  readonly #onDrift: OnDrift
  #left = ''

  constructor(log: Logger, onDrift: OnDrift) {
    this.#log = log
    this.#onDrift = onDrift
  }

  repaired = (changes: readonly Change[], ms: number): void => {
    this.#left = ''
    this.#log.info({ ...countsOf(changes), ms: Math.round(ms * 10) / 10 }, 'drift repaired')
  }

  left = (changes: readonly Change[]): void => {
    const [first] = changes
    const fields = { ...countsOf(changes), first: first && describe(first) }
    const text = first ? JSON.stringify(fields) : ''
    if (first && this.#onDrift === 'warn')
      this.#log[text === this.#left ? 'debug' : 'warn'](fields, 'drift left alone, as sync.onDrift is warn')
    this.#left = text
  }

  contended = (changes: readonly Change[], pauseMs: number): void => {
    for (const change of changes.slice(0, MAX_LINES)) {
      this.#log.warn(
        { ...describe(change), retryInMs: pauseMs },
        'contended: another program changes this flow again and again; it is put right at growing intervals',
      )
    }
    const more = changes.length - MAX_LINES
    if (more > 0) this.#log.warn({ flows: more, retryInMs: pauseMs }, 'contended: more flows')
  }
}

/** Flows of one repair that are named. */
const MAX_LINES = 10

function countsOf(changes: readonly Change[]): object {
  const { add, change, delete: deleted } = countPlan({ changes, conflicts: [], unchanged: 0 })
  return { add, change, delete: deleted }
}

function describe(change: Change): { readonly flow: string; readonly object: string | null } {
  const owner = change.kind === 'delete' ? undefined : change.desired.reasons[0]?.owner
  return { flow: renderFlow(flowOf(change), NO_NAMES), object: owner ? `${owner.kind} ${owner.name}` : null }
}
