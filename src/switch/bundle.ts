// Several messages to the switch that happen all at once or not at all (OpenFlow 1.5.1, section 6.9).
import { setImmediate as nextTurn } from 'node:timers/promises'
import { encodeBundleAdds } from '../openflow/codec.js'
import { type OpenFlowConnection, OpenFlowError } from '../openflow/connection.js'
import { ATOMIC_ORDERED, BUNDLE_CONTROL } from '../openflow/messages/bundle.js'
import type { KnownMessage } from '../openflow/messages/messages.js'
import { failpoint } from './failpoints.js'

/** The switch refused one message of a bundle, and so all of them. */
export class BundleRefused extends Error {
  /** Index of the message in the bundle. */
  readonly index: number
  readonly errorName: string

  constructor(index: number, { errorName }: OpenFlowError) {
    super(`message ${index} of the bundle: ${errorName}`)
    this.name = 'BundleRefused'
    this.index = index
    this.errorName = errorName
  }
}

/** The switch does not know what a bundle is. */
export class BundlesUnknown extends Error {}

/** How a switch says so (OpenFlow 1.5.1, section 7.5.4.2; of 1.3 the extension). */
const BUNDLES_UNKNOWN = /^OFPBRC_BAD_(TYPE|VENDOR|SUBTYPE)$/

/** Numbers that follow one another, as the messages of a bundle have them. */
export interface Xids {
  readonly first: number
  readonly count: number
}

/**
 * Applies messages in order, atomically.
 * @param onXids told before anything is sent which xids the messages have: a flow monitor names one of them
 * @throws BundleRefused when the switch refuses one; then none was applied. ReconcileError when the connection ends:
 * then either all were applied or none.
 */
export async function commitBundle(
  connection: OpenFlowConnection,
  messages: readonly KnownMessage[],
  onXids: (xids: Xids) => void = () => undefined,
): Promise<void> {
  const bundle = { bundleId: connection.nextXid(), flags: ATOMIC_ORDERED }
  const xids = { first: connection.nextXids(messages.length), count: messages.length }
  const refused: BundleRefused[] = []
  connection.watchErrors(
    xids.first,
    (error, xid) => refused.push(new BundleRefused(xid - xids.first, error)),
    xids.count,
  )
  onXids(xids)
  const notOpened: OpenFlowError[] = []
  const openXid = connection.nextXid()
  connection.watchErrors(openXid, (error) => notOpened.push(error))
  try {
    await failpoint('before-bundle')
    connection.send(control(bundle, 'open_request'), openXid)
    await failpoint('bundle-open')
    await sendAdds(connection, bundle, xids.first, messages)
    // An error at add time does not spoil a bundle: Open vSwitch would commit it without the bad message.
    await connection.barrier()
    if (notOpened[0]) throw BUNDLES_UNKNOWN.test(notOpened[0].errorName) ? new BundlesUnknown() : notOpened[0]
    await failpoint('before-commit')
    const end = control(bundle, refused[0] ? 'discard_request' : 'commit_request')
    await Promise.all([connection.request(end), failpoint('commit-sent')])
    await failpoint('commit-answered')
  } catch (error) {
    // At commit the culprit is named first, then the commit itself fails.
    if (!(error instanceof OpenFlowError) || notOpened.length > 0) throw error
    throw refused[0] ?? error
  } finally {
    connection.forget(xids.first, xids.count)
    connection.forget(openXid)
  }
  if (refused[0]) throw refused[0]
}

/**
 * For a switch without bundles: one after the other.
 * @throws BundleRefused when the switch refuses one; all others were applied. ReconcileError when the connection ends.
 */
export async function sendInTurn(
  connection: OpenFlowConnection,
  messages: readonly KnownMessage[],
  onXids: (xids: Xids) => void,
): Promise<void> {
  const xids = { first: connection.nextXids(messages.length), count: messages.length }
  const refused: BundleRefused[] = []
  connection.watchErrors(
    xids.first,
    (error, xid) => refused.push(new BundleRefused(xid - xids.first, error)),
    xids.count,
  )
  onXids(xids)
  try {
    for (const [index, message] of messages.entries())
      if (!connection.send(message, xids.first + index)) await connection.drained()
    await connection.barrier()
  } finally {
    connection.forget(xids.first, xids.count)
  }
  if (refused[0]) throw refused[0]
}

interface Bundle {
  readonly bundleId: number
  readonly flags: number
}

/**
 * Adds that are sent before the event loop gets its turn: it answers the switch's probes and sees what has ended. The
 * switch takes them in while the next ones are encoded.
 */
export const ADDS_PER_TURN = 500

/** What cannot be said in OpenFlow ends the bundle; nothing of it stays. */
async function sendAdds(
  connection: OpenFlowConnection,
  bundle: Bundle,
  firstXid: number,
  messages: readonly KnownMessage[],
): Promise<void> {
  for (let at = 0; at < messages.length; at += ADDS_PER_TURN) {
    const some = messages.slice(at, at + ADDS_PER_TURN)
    if (!connection.sendEncoded(encodeAdds(connection, bundle, firstXid + at, some)))
      await connection.drained()
    else if (some.length === ADDS_PER_TURN) await nextTurn()
    await failpoint('bundle-add')
  }
}

function encodeAdds(
  connection: OpenFlowConnection,
  bundle: Bundle,
  firstXid: number,
  messages: readonly KnownMessage[],
): Buffer {
  try {
    return encodeBundleAdds(connection.version, firstXid, bundle, messages)
  } catch (error) {
    connection.send(control(bundle, 'discard_request'))
    throw error
  }
}

function control(bundle: Bundle, action: keyof typeof BUNDLE_CONTROL): KnownMessage {
  return { type: 'bundle_control', control: BUNDLE_CONTROL[action], ...bundle }
}
