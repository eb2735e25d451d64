// The conditions of objects: what a daemon knows in, one record an object out. In time proportional to the objects that are
// needed here; of the flows only those are looked at that are not as they should be.
import { renderPosition } from '../errors/render.js'
import type { ReconcileError } from '../errors/error.js'
import { total } from '../plan/guard.js'
import { boundFinding, indexBindings } from './binding.js'
import {
  type Condition,
  type Counts,
  type Finding,
  isWell,
  type ObjectStatus,
  type StatusTable,
  type Truth,
} from './condition.js'
import { absentFinding } from './connection.js'
import type { Knowledge } from './knowledge.js'
import { type KnownObject, knownObjects, otherObjects } from './known-objects.js'
import type { ProblemIndex } from './problems.js'
import { programmedBy } from './programmed.js'
import { resolvedFinding, validFinding } from './validity.js'

const NO_PROBLEMS: readonly ReconcileError[] = []

/**
 * @param problems of the last reading
 * @param previous the last table: the time of a condition's last transition is taken from it, and nothing else
 * @param now ISO 8601
 */
export function conditionsOf(
  knowledge: Knowledge,
  problems: ProblemIndex,
  previous: StatusTable | undefined,
  now: string,
): StatusTable {
  const find = finder(knowledge, problems)
  const fresh: Fresh = new Map()
  const rows = new Map<string, ObjectStatus>()
  const others = new Map<string, number>(knowledge.good?.store.counts)
  for (const object of knownObjects(knowledge, problems)) {
    const { key, kind, origin } = object
    if (rows.has(key)) continue
    rows.set(key, withTimes(object, find(object), { before: previous?.rows.get(key), fresh, now }))
    if (origin === 'good') others.set(kind, (others.get(kind) ?? 0) - 1)
  }
  const since = previous?.others.since ?? now
  const isQuiet = knowledge.needed !== undefined && !absentFinding(knowledge)
  const othersRows = function* () {
    for (const object of otherObjects(knowledge, (key) => rows.has(key)))
      yield withTimes(object, find(object), { before: undefined, fresh: new Map(), now: since })
  }
  return { rows, others: { counts: countOthers(others, isQuiet), isQuiet, since, rows: othersRows } }
}

/** By their kinds: a Node is ready as it is, of all else it has to be known that it is not needed. */
function countOthers(kinds: ReadonlyMap<string, number>, isQuiet: boolean): Counts {
  const objects = total(kinds)
  const ready = isQuiet ? objects : (kinds.get('Node') ?? 0)
  return { objects, ready, notReady: 0, unknown: objects - ready }
}

type Find = (object: KnownObject) => readonly Finding[]

/** What there is to say of an object, in the order of its conditions. */
function finder(knowledge: Knowledge, problems: ProblemIndex): Find {
  const bindings = indexBindings(knowledge.topology)
  const programmed = programmedBy(knowledge)
  const isBad = (knowledge.reading?.problems.length ?? 0) > 0
  return (object) => {
    const own = problems.ofObject.get(object.key) ?? NO_PROBLEMS
    const isSeen = !isBad || problems.seen.has(object.key)
    const findings = [validFinding(object, own, isSeen), resolvedFinding(object, own)]
    if (object.kind === 'Node') {
      const isThisOne = object.name === knowledge.topology?.node
      return isThisOne && knowledge.pass?.node ? [...findings, knowledge.pass.node] : findings
    }
    const bound = object.kind === 'Port' ? boundFinding(object, knowledge, bindings) : undefined
    if (bound) findings.push(bound)
    findings.push(programmed(object, bound))
    return findings
  }
}

/** Conditions made by this call, by finding: of a hundred thousand objects most have the very same ones. */
type Fresh = Map<Finding, Condition>

interface Times {
  readonly before: ObjectStatus | undefined
  readonly fresh: Fresh
  readonly now: string
}

/** The very record of before where nothing of it has changed. */
function withTimes(object: KnownObject, findings: readonly Finding[], times: Times): ObjectStatus {
  const { before } = times
  const conditions = findings.map((finding, i) => withTime(finding, i, times))
  const { kind, name, revision } = object
  const at = renderPosition(object.at)
  const isSame =
    before?.revision === revision &&
    before.at === at &&
    before.conditions.length === conditions.length &&
    conditions.every((condition, i) => condition === before.conditions[i])
  return isSame ? before : { kind, name, at, revision, ready: readiness(findings), conditions }
}

/** @param place among the conditions of the object: the kind of an object says which stands where */
function withTime(finding: Finding, place: number, { before, fresh, now }: Times): Condition {
  const old = before?.conditions[place]
  if (old?.type === finding.type && old.status === finding.status) {
    const isSame =
      old.reason === finding.reason && old.message === finding.message && old.remedy === finding.remedy
    return isSame ? old : { ...finding, lastTransitionTime: old.lastTransitionTime }
  }
  const made = fresh.get(finding) ?? { ...finding, lastTransitionTime: now }
  fresh.set(finding, made)
  return made
}

function readiness(findings: readonly Finding[]): Truth {
  if (findings.some(({ status }) => status === 'False')) return 'False'
  return findings.every(isWell) ? 'True' : 'Unknown'
}
