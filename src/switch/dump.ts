// The flows that are on the switch now.
import type { OpenFlowConnection } from '../openflow/connection.js'
import type { Flow } from '../openflow/flow.js'
import { ALL_TABLES, ANY_GROUP, PORT } from '../openflow/ports.js'
import { OWNER_COOKIE, OWNER_MASK } from '../pipeline/cookie.js'
import { type Hex, zeroHex } from '../values/hex.js'

/** All flows of the bridge, foreign ones included. */
export function dumpFlows(connection: OpenFlowConnection): Promise<readonly Flow[]> {
  return dump(connection, zeroHex(8), zeroHex(8))
}

/** Our flows alone; the switch does the choosing. */
export function dumpOwnFlows(connection: OpenFlowConnection): Promise<readonly Flow[]> {
  return dump(connection, OWNER_COOKIE, OWNER_MASK)
}

async function dump(connection: OpenFlowConnection, cookie: Hex, cookieMask: Hex): Promise<readonly Flow[]> {
  const replies = await connection.multipart({
    type: 'flow_stats_request',
    flags: 0,
    tableId: ALL_TABLES,
    outPort: PORT.ANY,
    outGroup: ANY_GROUP,
    cookie,
    cookieMask,
    match: [],
  })
  return replies.flatMap(({ flows }) => flows)
}
