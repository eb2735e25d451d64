// Flows for tests by their text: goes in what `ovs-ofctl add-flow` takes, comes out the flow, and messages about it.
import type { OpenFlowConnection } from '../../src/openflow/connection.js'
import { wireInstructions } from '../../src/openflow/actions/wire-form.js'
import { wireMatch } from '../../src/openflow/fields/canonical.js'
import type { Flow } from '../../src/openflow/flow.js'
import { FLOW_COMMAND } from '../../src/openflow/messages/flow-mod.js'
import type { MessageOf } from '../../src/openflow/messages/messages.js'
import { ALL_TABLES, ANY_GROUP, NO_BUFFER, PORT } from '../../src/openflow/ports.js'
import { parseFlow } from '../../src/openflow/text/parse.js'
import { NO_NAMES, type PortNames } from '../../src/openflow/text/port-names.js'
import type { Version } from '../../src/openflow/version.js'
import { zeroHex } from '../../src/values/hex.js'

export function flowOf(text: string, names: PortNames = NO_NAMES): Flow {
  return parseFlow({ text, at: { file: 'test', line: 1, column: 1, length: text.length } }, { names })
}

/** As a version says it; the record as it is where no version is given. */
export function addOf(flow: Flow, version?: Version): MessageOf<'flow_mod'> {
  const wire = version && {
    match: wireMatch(flow.match, version),
    instructions: wireInstructions(flow.instructions, version),
  }
  return {
    type: 'flow_mod',
    ...flow,
    ...wire,
    cookieMask: zeroHex(8),
    command: FLOW_COMMAND.add,
    bufferId: NO_BUFFER,
    outPort: PORT.ANY,
    outGroup: ANY_GROUP,
  }
}

/** The flows of a table, or of all. */
export async function dumpOf(connection: OpenFlowConnection, tableId = ALL_TABLES): Promise<readonly Flow[]> {
  const parts = await connection.multipart({
    type: 'flow_stats_request',
    flags: 0,
    tableId,
    outPort: PORT.ANY,
    outGroup: ANY_GROUP,
    cookie: zeroHex(8),
    cookieMask: zeroHex(8),
    match: [],
  })
  return parts.flatMap(({ flows }) => flows)
}
