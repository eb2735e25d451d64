// A person's word that nothing is to be written, kept where all who come later find it: a key of the bridge's
// external_ids, with the time and the reason.
import { ReconcileError } from '../errors/error.js'
import { removeBridgeExternalIds, writeBridgeExternalIds } from '../ovsdb/bridge.js'
import type { BridgeNotes } from '../ovsdb/view.js'
import type { Suspension } from '../status/condition.js'
import type { BridgeLink } from './switch-link.js'

/** Its value is `TIME REASON`; anybody may write any other text, and means it. */
export const SUSPENDED_KEY = 'reconcile-suspended'

/** Enough for a sentence. Characters. */
const MAX_REASON = 200

/** Undefined: work as always. */
export function suspensionOf(notes: BridgeNotes | undefined): Suspension | undefined {
  const text = notes?.externalIds.get(SUSPENDED_KEY)
  if (text === undefined) return undefined
  const [, since = '', reason = ''] = /^(\d{4}-\d\d-\d\dT\S+)(?: (.*))?$/s.exec(text) ?? ['', '', text]
  return { since, reason }
}

/** Of a bridge that is suspended already, the time stays, and the reason unless there is a new one. */
export async function suspend(link: BridgeLink, reason: string, now: string): Promise<void> {
  const { client, uuid, before } = bridgeOf(link)
  const words = oneLine(reason) || (before?.reason ?? '')
  const value = `${before?.since || now} ${words}`.trimEnd()
  await writeBridgeExternalIds(client, uuid, { [SUSPENDED_KEY]: value })
}

export async function resume(link: BridgeLink): Promise<void> {
  const { client, uuid, before } = bridgeOf(link)
  if (before) await removeBridgeExternalIds(client, uuid, [SUSPENDED_KEY])
}

export function describeSuspension(bridge: string, { since, reason }: Suspension): string {
  return `${bridge} is suspended${since ? ` since ${since}` : ''}${reason ? `: ${reason}` : ''}`
}

/** For whoever was about to write. */
export function suspendedError(bridge: string, suspension: Suspension): ReconcileError {
  const message = `${describeSuspension(bridge, suspension)}. Nothing was applied.`
  return new ReconcileError('SUSPENDED', message, {
    remedy: `Use reconcile resume, or without a daemon: ovs-vsctl remove Bridge ${bridge} external_ids ${SUSPENDED_KEY}.`,
  })
}

function bridgeOf({ client, notes }: BridgeLink) {
  if (!client) throw nowhereToNote()
  if (notes) return { client, uuid: notes.uuid, before: suspensionOf(notes) }
  throw new ReconcileError('SWITCH_UNREACHABLE', 'There is no bridge yet to be suspended or resumed.', {
    remedy: 'Wait until the daemon has made it: reconcile status.',
  })
}

function nowhereToNote(): ReconcileError {
  const message = 'The switch has connected by itself, and has no place for the word that it is suspended.'
  return new ReconcileError('SWITCH_UNREACHABLE', message, {
    remedy: 'Stop the daemon instead: the flows stay on the switch.',
  })
}

/** Control characters would come out of a terminal again. */
function oneLine(text: string): string {
  return text
    .replace(/[\s\p{Cc}]+/gu, ' ')
    .trim()
    .slice(0, MAX_REASON)
}
