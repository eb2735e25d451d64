// The last status of a running daemon: knowledge in when it is asked for, the table of objects with its summary out.
// It is remembered for the times of transitions alone, which begin anew with each start.
import type { Phase, StatusTable, Summary } from '../status/condition.js'
import { conditionsOf } from '../status/conditions.js'
import type { Failure, Knowledge } from '../status/knowledge.js'
import { indexProblems } from '../status/problems.js'
import { phaseOf, summaryOf } from '../status/summary.js'
import { camelCase } from '../status/validity.js'
import { ReconcileError } from '../errors/error.js'

export interface Status {
  readonly summary: Summary
  readonly table: StatusTable
}

/**
 * A time of transition is right to this; meanwhile many changes are one look. Where a look takes long, as there are a
 * hundred thousand objects, it is this many times as long until the next: packets and passes come first. Milliseconds.
 */
const LOOK_AFTER_MS = 1_000
const LOOK_SHARE = 20

export class StatusBoard {
  readonly #gather: () => Knowledge
  #known: Knowledge | undefined
  #status: Status | undefined
  #timer: NodeJS.Timeout | undefined
  #tookMs = 0

  /** @param gather what is known now: cheap, as it is called for each question */
  constructor(gather: () => Knowledge) {
    this.#gather = gather
  }

  /** Something may be another way than before: is looked at soon, so that its time is known. */
  changed(): void {
    this.#timer ??= setTimeout(
      () => {
        this.#timer = undefined
        this.look()
      },
      Math.max(LOOK_AFTER_MS, this.#tookMs * LOOK_SHARE),
    )
    this.#timer.unref()
  }

  /** As it is now. */
  look(): Status {
    const known = this.#gather()
    if (this.#status && this.#known && isSame(this.#known, known)) return this.#status
    const started = performance.now()
    const now = new Date().toISOString()
    const problems = indexProblems(known.reading)
    const table = conditionsOf(known, problems, this.#status?.table, now)
    const summary = summaryOf(known, table, problems.all, this.#since(phaseOf(known).phase, now))
    this.#known = known
    this.#status = { summary, table }
    this.#tookMs = performance.now() - started
    return this.#status
  }

  #since(phase: Phase, now: string): string {
    const before = this.#status?.summary
    return before?.phase === phase ? before.since : now
  }
}

/** All of it is made of records that are replaced and never changed. */
function isSame(a: Knowledge, b: Knowledge): boolean {
  const keys = Object.keys(a) as (keyof Knowledge)[]
  return keys.every((key) => a[key] === b[key] || isSameList(a[key], b[key]))
}

function isSameList(a: unknown, b: unknown): boolean {
  if (!Array.isArray(a) || !Array.isArray(b)) return false
  return a.length === b.length && a.every((item, i) => item === b[i])
}

/** Why a pass failed, for people who ask later. */
export function failureOf(error: unknown): Failure {
  if (!(error instanceof ReconcileError))
    return { reason: 'Bug', message: 'A bug in a pass; the flows stay as they are.', remedy: 'See the log.' }
  const { code, message, remedy, at } = error
  return { reason: camelCase(code), message, remedy, at }
}
