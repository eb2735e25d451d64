// Whether an object's flows are on the switch as they are wanted: the condition Programmed.
import { objectsOf } from '../manifest/union.js'
import { describeHeld, heldRemedy } from '../plan/guard.js'
import { UNNEEDED } from './binding.js'
import { type Finding, objectKey } from './condition.js'
import { absentFinding } from './connection.js'
import { troubledObjects } from './flows-of-objects.js'
import type { Failure, Knowledge } from './knowledge.js'
import type { KnownObject } from './known-objects.js'

type Programmed = Omit<Finding, 'type'>

const PROGRAMMED: Finding = {
  type: 'Programmed',
  status: 'True',
  reason: 'Programmed',
  message: 'its flows are on the switch',
}

/** @returns asked of each object; `bound` is its condition Bound, where it has one */
export function programmedBy(
  knowledge: Knowledge,
): (object: KnownObject, bound: Finding | undefined) => Finding {
  const { good, failure } = knowledge
  const absent = absentFinding(knowledge)
  const everywhere = ofAllNeeded(knowledge)
  const inScope = keysInScope(knowledge)
  const troubled = troubledObjects(knowledge)
  return (object, bound) => {
    const { origin, key, isUnneeded } = object
    const own =
      (origin === 'seen' ? notTaken(good !== undefined) : undefined) ??
      (origin === 'held' ? heldBack(knowledge) : undefined) ??
      (failure && isAt(failure, object) ? refusedBy(failure) : undefined) ??
      absent ??
      (isUnneeded ? UNNEEDED : undefined) ??
      everywhere ??
      troubled.get(key) ??
      (bound?.status === 'False' ? NOT_BOUND : undefined) ??
      (inScope?.has(key) === false ? UNNEEDED : undefined)
    return own ? { type: 'Programmed', ...own } : PROGRAMMED
  }
}

const NOT_BOUND: Programmed = {
  status: 'False',
  reason: 'NotBound',
  message: 'without an interface it has no flows',
}

/** What may be needed and is not, as no port whose network it is in is plugged in. Only a pass for these manifests knows. */
function keysInScope({ topology }: Knowledge): ReadonlySet<string> | undefined {
  return topology && new Set(objectsOf(topology.scope).map(objectKey))
}

/** What is so for one object that is needed is so for all. */
function ofAllNeeded({ suspension, failure, pass, good }: Knowledge): Programmed | undefined {
  if (suspension) return unknown('Suspended', 'nobody looks after its flows while the bridge is suspended')
  if (failure) return { ...unknown('PassFailed', failure.message), remedy: failure.remedy }
  if (!pass || pass.good !== good) return unknown('Pending', 'the pass for these manifests has not ended yet')
  if (pass.held && pass.held.blocks !== 'nothing')
    return {
      ...unknown('Held', 'changes wait beside deletions that are held'),
      remedy: heldRemedy(pass.held),
    }
  return undefined
}

function notTaken(isKept: boolean): Programmed {
  const state = isKept ? 'the last good revision stays programmed' : 'nothing is programmed'
  return { status: 'False', reason: 'NotTaken', message: `the manifests have problems; ${state}` }
}

function heldBack({ pass }: Knowledge): Programmed | undefined {
  if (!pass?.held) return undefined
  return {
    status: 'False',
    reason: 'DeletionHeld',
    message: `gone from the manifests, left on the switch, with others: ${describeHeld(pass.held)}`,
    remedy: heldRemedy(pass.held),
  }
}

function isAt({ at }: Failure, object: KnownObject): boolean {
  return at !== undefined && at.file === object.at.file && at.line === object.at.line
}

function refusedBy({ reason, message, remedy }: Failure): Programmed {
  return { status: 'False', reason, message, remedy }
}

function unknown(reason: string, message: string): Programmed {
  return { status: 'Unknown', reason, message }
}
