// A port number that another port has taken over: its flows are of the network of the port before. A number in, messages
// that end these flows at once out.
import type { Match } from '../openflow/fields/match.js'
import { FLOW_COMMAND } from '../openflow/messages/flow-mod.js'
import { ALL_TABLES, ANY_GROUP, NO_BUFFER, PORT } from '../openflow/ports.js'
import { OWNER_COOKIE, OWNER_MASK } from '../pipeline/cookie.js'
import { inPort } from '../pipeline/match.js'
import type { FlowModMessage } from './flow-mods.js'

/**
 * Deletes all flows of ours that take frames from this port or send frames to it. It asks nothing and compares nothing, as
 * each millisecond counts; what it takes away too much, such as the broadcasts of the network that the number was in, the
 * pass after it puts back.
 */
export function cutPortMessages(ofport: number): readonly FlowModMessage[] {
  return [ourFlows([inPort(ofport)], PORT.ANY), ourFlows([], ofport)]
}

/** @param outPort only flows that output to it (OpenFlow 1.5.1, section 7.3.4.3) */
function ourFlows(match: Match, outPort: number): FlowModMessage {
  return {
    type: 'flow_mod',
    command: FLOW_COMMAND.delete,
    cookie: OWNER_COOKIE,
    cookieMask: OWNER_MASK,
    tableId: ALL_TABLES,
    priority: 0,
    idleTimeout: 0,
    hardTimeout: 0,
    importance: 0,
    flags: 0,
    match,
    instructions: [],
    bufferId: NO_BUFFER,
    outPort,
    outGroup: ANY_GROUP,
  }
}
