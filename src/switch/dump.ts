// The flows that are on the switch now: all of them or a part that the switch chooses, at once or as they come.
import type { OpenFlowConnection } from '../openflow/connection.js'
import { type Flow, flowKey } from '../openflow/flow.js'
import type { MessageOf } from '../openflow/messages/messages.js'
import { ALL_TABLES, ANY_GROUP, PORT } from '../openflow/ports.js'
import { OWNER_COOKIE, OWNER_MASK } from '../pipeline/cookie.js'
import { onesHex, zeroHex } from '../values/hex.js'

/** Which flows to ask for (OpenFlow 1.5.1, section 7.3.5.2). */
export type FlowFilter = Omit<MessageOf<'flow_stats_request'>, 'type' | 'flags'>

export const ALL_FLOWS: FlowFilter = {
  tableId: ALL_TABLES,
  outPort: PORT.ANY,
  outGroup: ANY_GROUP,
  cookie: zeroHex(8),
  cookieMask: zeroHex(8),
  match: [],
}

const OWN_FLOWS: FlowFilter = { ...ALL_FLOWS, cookie: OWNER_COOKIE, cookieMask: OWNER_MASK }

/** All flows of the bridge, foreign ones included. */
export async function dumpFlows(
  connection: OpenFlowConnection,
  filter: FlowFilter = ALL_FLOWS,
): Promise<readonly Flow[]> {
  const replies = await connection.multipart(flowStatsRequest(filter))
  // Not flatMap, which takes ten times as long for a hundred thousand.
  return ([] as readonly Flow[]).concat(...replies.map(({ flows }) => flows))
}

/** Our flows alone. */
export function dumpOwnFlows(connection: OpenFlowConnection): Promise<readonly Flow[]> {
  return dumpFlows(connection, OWN_FLOWS)
}

/** The flow in this one's place, if it has this one's cookie; the switch gives those with a narrower match as well. */
export async function dumpFlow(
  connection: OpenFlowConnection,
  { tableId, priority, cookie, match }: Pick<Flow, 'tableId' | 'priority' | 'cookie' | 'match'>,
): Promise<Flow | undefined> {
  const key = flowKey({ tableId, priority, match })
  const found = await dumpFlows(connection, { ...ALL_FLOWS, tableId, cookie, cookieMask: onesHex(8), match })
  return found.find((flow) => flowKey(flow) === key)
}

/** A part of a reply: flows with their counters. */
export type FlowPart = Pick<MessageOf<'flow_stats_reply'>, 'flags' | 'flows'>

/**
 * The flows in the parts in which the switch sends them. What is not asked for is not read, so a table of any size takes the room
 * of one part; nothing else may be asked of the switch until the end.
 */
export function flowParts(
  connection: OpenFlowConnection,
  filter: FlowFilter,
  xid: number,
): AsyncIterable<FlowPart> {
  return connection.parts(flowStatsRequest(filter), xid)
}

function flowStatsRequest(filter: FlowFilter): MessageOf<'flow_stats_request'> {
  return { type: 'flow_stats_request', flags: 0, ...filter }
}
