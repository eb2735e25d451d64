// Several messages to the switch that happen all at once or not at all (OpenFlow 1.5.1, section 6.9).
import { encode } from '../openflow/codec.js'
import { type OpenFlowConnection, OpenFlowError } from '../openflow/connection.js'
import { ATOMIC_ORDERED, BUNDLE_CONTROL } from '../openflow/messages/bundle.js'
import type { KnownMessage } from '../openflow/messages/messages.js'

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

/**
 * Applies messages in order, atomically.
 * @throws BundleRefused when the switch refuses one; then none was applied. ReconcileError when the connection ends:
 * then either all were applied or none.
 */
export async function commitBundle(
  connection: OpenFlowConnection,
  messages: readonly KnownMessage[],
): Promise<void> {
  const bundle = { bundleId: connection.nextXid(), flags: ATOMIC_ORDERED }
  const control = (action: keyof typeof BUNDLE_CONTROL): KnownMessage => ({
    type: 'bundle_control',
    control: BUNDLE_CONTROL[action],
    ...bundle,
  })
  const refused: BundleRefused[] = []
  const xids: number[] = []
  connection.send(control('open_request'))
  try {
    for (const [index, message] of messages.entries()) {
      const xid = connection.nextXid()
      xids.push(xid)
      connection.watchErrors(xid, (error) => refused.push(new BundleRefused(index, error)))
      // The message inside must have the xid of the one around it.
      const inner = encode(connection.version, xid, message)
      if (!connection.send({ type: 'bundle_add', ...bundle, message: inner }, xid)) await connection.drained()
    }
    // An error at add time does not spoil a bundle: Open vSwitch would commit it without the bad message.
    await connection.barrier()
    if (refused[0]) await connection.request(control('discard_request'))
    else await connection.request(control('commit_request'))
  } catch (error) {
    // At commit the culprit is named first, then the commit itself fails.
    if (!(error instanceof OpenFlowError)) throw error
    throw refused[0] ?? error
  } finally {
    for (const xid of xids) connection.forget(xid)
  }
  if (refused[0]) throw refused[0]
}
