// The state of the whole in one record: what a daemon knows and the conditions of its objects in, the phase out.
import { describeHeld, heldRemedy } from '../plan/guard.js'
import type { Counts, Phase, ProblemStatus, StatusTable, Summary } from './condition.js'
import type { Knowledge } from './knowledge.js'

interface State {
  readonly phase: Phase
  readonly message: string
  readonly remedy?: string | undefined
}

/** @param since when the phase that `phaseOf` gives began */
export function summaryOf(
  knowledge: Knowledge,
  table: StatusTable,
  problems: readonly ProblemStatus[],
  since: string,
): Summary {
  const { bridge, pid, reading, good, applied, suspension, pass, openflow, etcd } = knowledge
  const { phase, message, remedy } = phaseOf(knowledge)
  return {
    ...{ bridge, node: nodeOf(knowledge), openflow: openflow ?? null, etcd: etcd ?? null },
    ...{ pid, phase, since, message, remedy },
    revision: { wanted: reading?.revision ?? good?.revision ?? null, applied: applied ?? null },
    suspended: suspension ?? null,
    counts: countsOf(table),
    problems,
    warnings: pass?.warnings ?? [],
  }
}

/** Where no Node is described and nobody else is told, a machine is alone, and its name says nothing. */
function nodeOf({ good, etcd, topology }: Knowledge): string | null {
  const isAlone = !etcd && good?.store.nodes.length === 0
  return isAlone ? null : (topology?.node ?? null)
}

/** The first of these that is so. Without any good manifests nobody connects, so that this is said first. */
export function phaseOf(knowledge: Knowledge): State {
  return (
    (knowledge.good ? undefined : invalidState(knowledge)) ??
    connectionState(knowledge) ??
    suspendedState(knowledge) ??
    invalidState(knowledge) ??
    heldState(knowledge) ??
    degradedState(knowledge) ??
    outOfSyncState(knowledge) ?? { phase: 'Synced', message: 'the switch is as the manifests say' }
  )
}

function connectionState({ connection, bridge, failure }: Knowledge): State | undefined {
  if (connection === 'standing-by') {
    const remedy = 'Ask the daemon that works: reconcile status, without --socket.'
    return { phase: 'StandingBy', message: `another daemon works on ${bridge}`, remedy }
  }
  if (connection === 'working') return undefined
  const message = failure?.message ?? 'There is no connection to the switch yet.'
  return { phase: 'Disconnected', message, remedy: failure?.remedy }
}

function suspendedState({ suspension, bridge }: Knowledge): State | undefined {
  if (!suspension) return undefined
  const { since, reason } = suspension
  const message = `${bridge} is suspended${since ? ` since ${since}` : ''}${reason ? `: ${reason}` : ''}`
  return { phase: 'Suspended', message, remedy: 'Use reconcile resume to go on.' }
}

function invalidState({ reading, good }: Knowledge): State | undefined {
  const count = reading?.problems.length ?? 0
  if (count === 0) return undefined
  const state = good ? 'the last good revision stays programmed' : 'waiting for a good edit'
  const message = `${count} ${count === 1 ? 'problem' : 'problems'} in the manifests; ${state}`
  return { phase: 'Invalid', message, remedy: reading?.problems[0]?.remedy }
}

function heldState({ pass }: Knowledge): State | undefined {
  if (!pass?.held) return undefined
  const message = `deletions are held: ${describeHeld(pass.held)}`
  return { phase: 'Held', message, remedy: heldRemedy(pass.held) }
}

/** An interface that is not plugged is somebody's wish; one that cannot be had is a fault. */
const BINDING_FAULTS: ReadonlySet<string> = new Set(['NoDevice', 'Taken'])

function degradedState({ failure, refused, outstanding, topology, pass }: Knowledge): State | undefined {
  if (failure) return { phase: 'Degraded', message: failure.message, remedy: failure.remedy }
  // Before the first pass has ended, no object can say that it is in its way.
  const foreign = pass ? outstanding.conflicts.length : 0
  const faults = topology?.notices.filter(({ reason }) => BINDING_FAULTS.has(reason)).length ?? 0
  const parts = [
    ...(refused.length > 0 ? [`flows of ${count(refused.length, 'object')} were refused`] : []),
    ...(foreign > 0 ? [`${count(foreign, 'flow')} of somebody else in the place of ours`] : []),
    ...(faults > 0 ? [`${count(faults, 'port')} without a working interface`] : []),
  ]
  if (parts.length === 0) return undefined
  return { phase: 'Degraded', message: parts.join(', ') }
}

function outOfSyncState({ pass, good, outstanding, contended }: Knowledge): State | undefined {
  if (!good) return { phase: 'OutOfSync', message: 'the manifests have not been read yet' }
  if (pass?.good !== good) return { phase: 'OutOfSync', message: 'a pass for these manifests is due' }
  const { length: left } = outstanding.left
  const parts = [
    ...(left > 0 ? [`${count(left, 'flow')} changed by others and left alone`] : []),
    ...(contended.length > 0 ? [`${count(contended.length, 'flow')} fought over with another program`] : []),
  ]
  return parts.length === 0 ? undefined : { phase: 'OutOfSync', message: parts.join(', ') }
}

function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? '' : 's'}`
}

function countsOf({ rows, others: { counts: others } }: StatusTable): Counts {
  const counts = { True: others.ready, False: others.notReady, Unknown: others.unknown }
  for (const { ready } of rows.values()) counts[ready]++
  const { True: ready, False: notReady, Unknown: unknown } = counts
  return { objects: rows.size + others.objects, ready, notReady, unknown }
}
