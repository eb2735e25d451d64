// Changes onto the switch: one bundle, and a second look at what it holds where the switch does not tell.
import type { DesiredFlows } from '../compile/desired.js'
import { isConnectionFlow } from '../compile/observed.js'
import { ReconcileError } from '../errors/error.js'
import { NO_NAMES } from '../openflow/text/port-names.js'
import { renderFlow } from '../openflow/text/print.js'
import { type Change, diffTables, flowOf } from '../plan/plan.js'
import { BundleRefused } from '../switch/bundle.js'
import { failpoint } from '../switch/failpoints.js'
import type { PacketOutMessage } from '../switch/packet-out.js'
import type { SwitchTable } from '../switch/switch-table.js'

/**
 * Changes flows and then sends packets, in one atomic bundle.
 * @returns true when the switch has told that it was done; else a second look is due
 * @throws ReconcileError FLOW_REFUSED, with the flow and the object that wants it; nothing was applied then
 */
export async function applyChanges(
  table: SwitchTable,
  changes: readonly Change[],
  packets: readonly PacketOutMessage[],
): Promise<boolean> {
  if (changes.length === 0) {
    for (const packet of packets) table.connection.send(packet)
    return true
  }
  try {
    return await table.commit(changes, packets)
  } catch (error) {
    if (!(error instanceof BundleRefused)) throw error
    const refused = changes[error.index]
    if (refused) throw flowRefused(refused, error)
    // A packet that the switch will not take must not keep the flows away.
    return table.commit(changes, [])
  }
}

function flowRefused(change: Change, { errorName }: BundleRefused): ReconcileError {
  const owner = change.kind === 'delete' ? undefined : change.desired.reasons[0]?.owner
  const whose = owner ? `${owner.kind} "${owner.name}"` : 'the pipeline'
  return new ReconcileError(
    'FLOW_REFUSED',
    `The switch refused a flow of ${whose} with ${errorName}: ${renderFlow(flowOf(change), NO_NAMES)}`,
    {
      remedy: 'Nothing was applied. Check that the switch is Open vSwitch 2.10 or newer.',
      ...(owner && { at: owner.at }),
    },
  )
}

/**
 * Looks whether the switch holds what it should. Connections are left out: they come and go by themselves. So are flows
 * whose place a foreign flow has.
 * @param isLeft says of a change that it was not to be made
 * @throws ReconcileError NOT_VERIFIED
 */
export async function verifyFlows(
  table: SwitchTable,
  desired: DesiredFlows,
  isLeft: (change: Change) => boolean,
): Promise<void> {
  await failpoint('before-verify')
  await table.read()
  const { changes } = diffTables(desired, table.flows)
  const left = changes.filter((change) => !isLeft(change) && !isConnectionFlow(flowOf(change)))
  if (left.length === 0) return
  const flow = left[0] && renderFlow(flowOf(left[0]), NO_NAMES)
  throw new ReconcileError(
    'NOT_VERIFIED',
    `After applying, ${left.length} flows are not as sent, among them: ${flow ?? ''}`,
    {
      remedy: 'Check whether another program writes flows to this bridge.',
    },
  )
}
