// The flows that are on the switch now.
import type { OpenFlowConnection } from '../openflow/connection.js'
import { type Flow, flowKey } from '../openflow/flow.js'
import type { MessageOf } from '../openflow/messages/messages.js'
import { ALL_TABLES, ANY_GROUP, PORT } from '../openflow/ports.js'
import { OWNER_COOKIE, OWNER_MASK } from '../pipeline/cookie.js'
import { onesHex, zeroHex } from '../values/hex.js'

type Selection = Pick<MessageOf<'flow_stats_request'>, 'tableId' | 'cookie' | 'cookieMask' | 'match'>

/** All flows of the bridge, foreign ones included. */
export function dumpFlows(connection: OpenFlowConnection): Promise<readonly Flow[]> {
  return dump(connection, { tableId: ALL_TABLES, cookie: zeroHex(8), cookieMask: zeroHex(8), match: [] })
}

/** Our flows alone; the switch does the choosing. */
export function dumpOwnFlows(connection: OpenFlowConnection): Promise<readonly Flow[]> {
  return dump(connection, {
    tableId: ALL_TABLES,
    cookie: OWNER_COOKIE,
    cookieMask: OWNER_MASK,
    match: [],
  })
}

/** The flow in this one's place, if it has this one's cookie; the switch gives those with a narrower match as well. */
export async function dumpFlow(
  connection: OpenFlowConnection,
  { tableId, priority, cookie, match }: Pick<Flow, 'tableId' | 'priority' | 'cookie' | 'match'>,
): Promise<Flow | undefined> {
  const key = flowKey({ tableId, priority, match })
  const found = await dump(connection, { tableId, cookie, cookieMask: onesHex(8), match })
  return found.find((flow) => flowKey(flow) === key)
}

async function dump(connection: OpenFlowConnection, selection: Selection): Promise<readonly Flow[]> {
  const replies = await connection.multipart({
    type: 'flow_stats_request',
    flags: 0,
    outPort: PORT.ANY,
    outGroup: ANY_GROUP,
    ...selection,
  })
  return replies.flatMap(({ flows }) => flows)
}
