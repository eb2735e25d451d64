// The conditions of every object: what a daemon knows in, one record an object out. In time proportional to the objects;
// of the flows only those are looked at that are not as they should be.
import { renderPosition } from '../errors/render.js'
import type { ReconcileError, SourcePosition } from '../errors/error.js'
import { type ManifestObject, objectsOf } from '../manifest/union.js'
import { boundFinding, indexBindings } from './binding.js'
import {
  type Condition,
  type Finding,
  isWell,
  objectKey,
  type ObjectStatus,
  type StatusTable,
  type Truth,
} from './condition.js'
import type { Knowledge } from './knowledge.js'
import type { ProblemIndex } from './problems.js'
import { programmedBy } from './programmed.js'
import { resolvedFinding, validFinding } from './validity.js'

/** An object of the manifests, of those that were read last, or one whose deletion is held. */
export interface KnownObject {
  /** As `objectKey` makes it. */
  readonly key: string
  readonly kind: string
  readonly name: string
  readonly at: SourcePosition
  readonly revision: string
  /** Where it is from: the newest good set, a newer one that is not good, or an older one. */
  readonly origin: 'good' | 'seen' | 'held'
  /** Of a Port: the node that it is bound to. */
  readonly host?: string | undefined
}

const NO_PROBLEMS: readonly ReconcileError[] = []

/**
 * @param problems of the last reading
 * @param previous the last table: the time of a condition's last transition is taken from it, and nothing else
 * @param now ISO 8601
 */
export function conditionsOf(
  knowledge: Knowledge,
  problems: ProblemIndex,
  previous: StatusTable,
  now: string,
): StatusTable {
  const find = finder(knowledge, problems)
  const fresh: Fresh = new Map()
  const table = new Map<string, ObjectStatus>()
  for (const object of knownObjects(knowledge, problems)) {
    const { key } = object
    if (!table.has(key))
      table.set(key, withTimes(object, find(object), { before: previous.get(key), fresh, now }))
  }
  return table
}

/** One object may come twice: the first counts. */
function* knownObjects({ good, pass, reading }: Knowledge, { seen }: ProblemIndex): Iterable<KnownObject> {
  const revision = good?.revision ?? ''
  for (const object of good ? objectsOf(good.manifests) : []) yield known(object, revision, 'good')
  for (const { kind, name, at } of seen.values()) {
    if (kind === undefined || name === undefined || !at) continue
    yield {
      ...{ key: objectKey({ kind, name }), kind, name, at },
      revision: reading?.revision ?? '',
      origin: 'seen',
    }
  }
  if (pass?.held && pass.good === good)
    for (const object of objectsOf(pass.manifests)) yield known(object, revision, 'held')
}

function known(object: ManifestObject, revision: string, origin: KnownObject['origin']): KnownObject {
  const { kind, name, at } = object
  const host = object.kind === 'Port' ? object.host : undefined
  return { key: objectKey(object), kind, name, at, revision, origin, host }
}

/** What there is to say of an object, in the order of its conditions. */
function finder(knowledge: Knowledge, problems: ProblemIndex): (object: KnownObject) => readonly Finding[] {
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
