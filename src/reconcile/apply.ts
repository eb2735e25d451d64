// Changes onto the switch: one bundle, and a second look at what it holds where the switch does not tell.
import type { DesiredFlows } from '../compile/desired.js'
import { isConnectionFlow } from '../compile/observed.js'
import { ReconcileError } from '../errors/error.js'
import { NO_NAMES } from '../openflow/text/port-names.js'
import { renderFlow } from '../openflow/text/print.js'
import { type Change, diffTables, flowOf } from '../plan/plan.js'
import { MessageRefused } from '../switch/bundle.js'
import { failpoint } from '../switch/failpoints.js'
import type { PacketOutMessage } from '../switch/packet-out.js'
import type { SwitchTable } from '../switch/switch-table.js'
import { flowRefused, type Refusal, refusalOf } from './refusal.js'

export interface Applied {
  /** The switch has told that it was done; else a second look is due. */
  readonly isTold: boolean
  /** What was left out, as the switch would not have it. */
  readonly refusals: readonly Refusal[]
}

/** Each refusal costs another bundle; who has so many has another trouble. */
const MAX_REFUSALS = 16

/**
 * Changes flows and then sends packets, in one atomic bundle. Where the switch refuses a flow, its object is left out and
 * all else applied.
 * @param isLoose no change needs another one
 * @throws ReconcileError FLOW_REFUSED, with the flow and the object that wants it, where nothing can be left out, or too
 *   much is refused; nothing was applied then
 */
export async function applyChanges(
  table: SwitchTable,
  changes: readonly Change[],
  packets: readonly PacketOutMessage[],
  isLoose = false,
): Promise<Applied> {
  const refusals: Refusal[] = []
  let [left, toSend] = [changes, packets]
  for (;;) {
    try {
      return { isTold: await commit(table, left, toSend, isLoose), refusals }
    } catch (error) {
      if (!(error instanceof MessageRefused)) throw error
      if (error.isRestDone) toSend = [] // they were sent, and must not be sent twice
      const culprit = left[error.index]
      if (culprit) {
        const refusal = refusals.length < MAX_REFUSALS ? refusalOf(left, error) : undefined
        if (!refusal) throw flowRefused(culprit, error)
        refusals.push(refusal)
        left = left.filter((change) => !refusal.changes.has(change))
      } else toSend = [] // a packet that the switch will not take must not keep the flows away
    }
  }
}

async function commit(
  table: SwitchTable,
  changes: readonly Change[],
  packets: readonly PacketOutMessage[],
  isLoose: boolean,
): Promise<boolean> {
  if (changes.length > 0) return table.commit(changes, packets, isLoose)
  if (packets.length > 0) table.connection.sendAll(packets)
  return true
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
