// Several messages to the switch that happen all at once or not at all (OpenFlow 1.5.1, section 6.9).
import { setImmediate as nextTurn } from 'node:timers/promises'
import { encodeBundleAdds } from '../openflow/codec.js'
import type { OpenFlowConnection } from '../openflow/connection.js'
import { OpenFlowError } from '../openflow/connection-errors.js'
import { ATOMIC_ORDERED, BUNDLE_CONTROL } from '../openflow/messages/bundle.js'
import type { KnownMessage } from '../openflow/messages/messages.js'
import { failpoint } from './failpoints.js'

/** The switch refused one message. */
export class MessageRefused extends Error {
  /** Index of the message among those that were sent together. */
  readonly index: number
  readonly errorName: string
  /** Were all others done? Else none was. */
  readonly isRestDone: boolean

  constructor(index: number, { errorName }: OpenFlowError, isRestDone: boolean) {
    super(`message ${index}: ${errorName}`)
    this.name = 'MessageRefused'
    this.index = index
    this.errorName = errorName
    this.isRestDone = isRestDone
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

export interface BundleOptions {
  /** Told before anything is sent which xids the messages have: a flow monitor names one of them. */
  readonly onXids?: (xids: Xids) => void
  /**
   * No message needs another one: what the switch will not add to the bundle is left out of it. That saves a round trip,
   * which a switch under load answers late.
   */
  readonly isLoose?: boolean
}

/**
 * Applies messages in order, atomically.
 * @throws MessageRefused when the switch refuses one; BundlesUnknown; ReconcileError when the connection ends: then either
 * all were applied or none
 */
export async function commitBundle(
  connection: OpenFlowConnection,
  messages: readonly KnownMessage[],
  { onXids, isLoose = false }: BundleOptions = {},
): Promise<void> {
  const bundle = { bundleId: connection.nextXid(), flags: ATOMIC_ORDERED }
  const adds = watchMessages(connection, messages.length)
  onXids?.(adds.xids)
  const notOpened: OpenFlowError[] = []
  const openXid = connection.nextXid()
  const forgetOpen = connection.watchErrors(openXid, (error) => notOpened.push(error))
  const checkOpened = () => {
    if (notOpened[0]) throw BUNDLES_UNKNOWN.test(notOpened[0].errorName) ? new BundlesUnknown() : notOpened[0]
  }
  try {
    await failpoint('before-bundle')
    connection.send(control(bundle, 'open_request'), openXid)
    await failpoint('bundle-open')
    await sendAdds(connection, bundle, adds.xids.first, messages)
    // An error at add time does not spoil a bundle: Open vSwitch would commit it without the bad message.
    if (!isLoose) await connection.barrier()
    checkOpened()
    await failpoint('before-commit')
    const end = control(bundle, adds.refused.length > 0 ? 'discard_request' : 'commit_request')
    await Promise.all([connection.request(end), failpoint('commit-sent')])
    await failpoint('commit-answered')
  } catch (error) {
    // At commit the culprit is named first, then the commit itself fails.
    if (!(error instanceof OpenFlowError)) throw error
    checkOpened()
    throw adds.refusal(false) ?? error
  } finally {
    adds.forget()
    forgetOpen()
  }
  const refusal = adds.refusal(isLoose)
  if (refusal) throw refusal
}

/**
 * For a switch without bundles: one after the other.
 * @throws MessageRefused when the switch refuses one. ReconcileError when the connection ends.
 */
export async function sendInTurn(
  connection: OpenFlowConnection,
  messages: readonly KnownMessage[],
  onXids?: (xids: Xids) => void,
): Promise<void> {
  const watch = watchMessages(connection, messages.length)
  onXids?.(watch.xids)
  try {
    for (const [index, message] of messages.entries())
      if (!connection.send(message, watch.xids.first + index)) await connection.drained()
    await connection.barrier()
  } finally {
    watch.forget()
  }
  const refusal = watch.refusal(true)
  if (refusal) throw refusal
}

/** Xids for messages that are about to be sent, and the errors that name them. */
function watchMessages(connection: OpenFlowConnection, count: number) {
  const xids: Xids = { first: connection.nextXids(count), count }
  const refused: (readonly [index: number, error: OpenFlowError])[] = []
  const forget = connection.watchErrors(
    xids.first,
    (error, xid) => refused.push([xid - xids.first, error]),
    count,
  )
  const refusal = (isRestDone: boolean) => refused[0] && new MessageRefused(...refused[0], isRestDone)
  return { xids, refused, refusal, forget }
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
