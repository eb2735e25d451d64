// Which objects have a flow that is not as wanted: what is outstanding after a pass in, one finding an object out. Only
// flows with something wrong are looked at.
import type { DesiredFlow } from '../compile/desired.js'
import type { Flow } from '../openflow/flow.js'
import { NO_NAMES } from '../openflow/text/port-names.js'
import { renderFlow } from '../openflow/text/print.js'
import { type Finding, objectKey } from './condition.js'
import type { Knowledge } from './knowledge.js'

type Programmed = Omit<Finding, 'type'>

/** By `objectKey`; the first thing that is wrong with an object is the one that is told. */
export function troubledObjects(
  knowledge: Pick<Knowledge, 'refused' | 'outstanding' | 'contended'>,
): ReadonlyMap<string, Programmed> {
  const { refused, outstanding, contended } = knowledge
  const found = new Map<string, Programmed>()
  const note = (keys: readonly string[], describe: () => Programmed): void => {
    for (const key of keys) if (!found.has(key)) found.set(key, describe())
  }
  for (const { owner, error } of refused) note([objectKey(owner)], () => refusal(error))
  for (const { desired, installed } of outstanding.conflicts)
    note(ownersOf(desired), () => foreign(installed))
  for (const change of outstanding.left) {
    // of a flow too many nobody is short
    if (change.kind !== 'delete') note(ownersOf(change.desired), () => drifted(change.desired))
  }
  for (const desired of contended) note(ownersOf(desired), () => foughtOver(desired))
  return found
}

function ownersOf({ reasons }: DesiredFlow): readonly string[] {
  return reasons.flatMap(({ owner }) => (owner ? [objectKey(owner)] : []))
}

function refusal({ message, remedy }: { readonly message: string; readonly remedy: string | undefined }) {
  return { status: 'False', reason: 'Refused', message, remedy } as const
}

function foreign(installed: Flow): Programmed {
  return {
    status: 'False',
    reason: 'ForeignFlow',
    message: `a flow of somebody else stands where one of its own should be: ${renderFlow(installed, NO_NAMES)}`,
    remedy: 'Remove that flow, or change the manifests so that ours is not needed.',
  }
}

function drifted({ flow }: DesiredFlow): Programmed {
  return {
    status: 'False',
    reason: 'DriftLeft',
    message: `somebody changed a flow of it, which is left alone, as sync.onDrift says: ${renderFlow(flow, NO_NAMES)}`,
    remedy: 'Use sync.onDrift: correct, or change the manifests.',
  }
}

function foughtOver({ flow }: DesiredFlow): Programmed {
  return {
    status: 'False',
    reason: 'Contended',
    message: `another program changes a flow of it again and again: ${renderFlow(flow, NO_NAMES)}`,
    remedy: 'Find the program that writes flows of ours, and stop it.',
  }
}
