// Changes onto the switch: one bundle, then a second look at what it holds.
import type { DesiredFlows } from '../compile/desired.js'
import { isConnectionFlow } from '../compile/observed.js'
import { ReconcileError } from '../errors/error.js'
import type { OpenFlowConnection } from '../openflow/connection.js'
import { NO_NAMES } from '../openflow/text/port-names.js'
import { renderFlow } from '../openflow/text/print.js'
import { type Change, diffFlows, flowOf, type ForeignFlow } from '../plan/plan.js'
import { BundleRefused, commitBundle } from '../switch/bundle.js'
import { dumpOwnFlows } from '../switch/dump.js'
import { flowModOf } from '../switch/flow-mods.js'
import type { PacketOutMessage } from '../switch/packet-out.js'

/**
 * Changes flows and then sends packets, in one atomic bundle.
 * @throws ReconcileError FLOW_REFUSED, with the flow and the object that wants it; nothing was applied then
 */
export async function applyChanges(
  connection: OpenFlowConnection,
  changes: readonly Change[],
  packets: readonly PacketOutMessage[],
): Promise<void> {
  if (changes.length === 0) {
    for (const packet of packets) connection.send(packet)
    return
  }
  try {
    await commitBundle(connection, [...changes.map(flowModOf), ...packets])
  } catch (error) {
    if (!(error instanceof BundleRefused)) throw error
    const refused = changes[error.index]
    if (refused) throw flowRefused(refused, error)
    // A packet that the switch will not take must not keep the flows away.
    await commitBundle(connection, changes.map(flowModOf))
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
 * @throws ReconcileError NOT_VERIFIED
 */
export async function verifyFlows(
  connection: OpenFlowConnection,
  desired: DesiredFlows,
  conflicts: readonly ForeignFlow[],
): Promise<void> {
  const { changes } = diffFlows(desired, await dumpOwnFlows(connection))
  const given = new Set(conflicts.map((conflict) => conflict.desired.flow))
  const left = changes.map(flowOf).filter((flow) => !given.has(flow) && !isConnectionFlow(flow))
  if (left.length === 0) return
  const flow = left[0] && renderFlow(left[0], NO_NAMES)
  throw new ReconcileError(
    'NOT_VERIFIED',
    `After applying, ${left.length} flows are not as sent, among them: ${flow ?? ''}`,
    {
      remedy: 'Check whether another program writes flows to this bridge.',
    },
  )
}
