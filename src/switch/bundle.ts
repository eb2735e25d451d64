// Several messages to the switch that happen all at once or not at all (OpenFlow 1.5.1, section 6.9).
import { setImmediate as nextTurn } from 'node:timers/promises'
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
  // Encoded before the bundle is opened: what cannot be said in OpenFlow leaves nothing half sent.
  const adds = messages.map((message) => encodeAdd(connection, message))
  const bundle = { bundleId: connection.nextXid(), flags: ATOMIC_ORDERED }
  const refused: BundleRefused[] = []
  for (const [index, { xid }] of adds.entries()) {
    connection.watchErrors(xid, (error) => refused.push(new BundleRefused(index, error)))
  }
  try {
    connection.send(control(bundle, 'open_request'))
    await sendAdds(connection, bundle, adds)
    // An error at add time does not spoil a bundle: Open vSwitch would commit it without the bad message.
    await connection.barrier()
    await connection.request(control(bundle, refused[0] ? 'discard_request' : 'commit_request'))
  } catch (error) {
    // At commit the culprit is named first, then the commit itself fails.
    if (!(error instanceof OpenFlowError)) throw error
    throw refused[0] ?? error
  } finally {
    for (const { xid } of adds) connection.forget(xid)
  }
  if (refused[0]) throw refused[0]
}

interface Bundle {
  readonly bundleId: number
  readonly flags: number
}

/** A message of a bundle. It carries the xid of the bundle-add around it, or the switch refuses it. */
interface BundleAdd {
  readonly xid: number
  readonly message: Buffer
}

/** Adds that are sent before the event loop gets its turn: it answers the switch's probes and sees what has ended. */
const ADDS_PER_TURN = 1_000

function encodeAdd(connection: OpenFlowConnection, message: KnownMessage): BundleAdd {
  const xid = connection.nextXid()
  return { xid, message: encode(connection.version, xid, message) }
}

async function sendAdds(
  connection: OpenFlowConnection,
  bundle: Bundle,
  adds: readonly BundleAdd[],
): Promise<void> {
  for (const [index, { xid, message }] of adds.entries()) {
    if (!connection.send({ type: 'bundle_add', ...bundle, message }, xid)) await connection.drained()
    else if (index % ADDS_PER_TURN === ADDS_PER_TURN - 1) await nextTurn()
  }
}

function control(bundle: Bundle, action: keyof typeof BUNDLE_CONTROL): KnownMessage {
  return { type: 'bundle_control', control: BUNDLE_CONTROL[action], ...bundle }
}
