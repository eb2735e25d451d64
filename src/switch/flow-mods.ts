// Changes of a plan as the messages that make them.
import type { Flow } from '../openflow/flow.js'
import { FLOW_COMMAND } from '../openflow/messages/flow-mod.js'
import type { MessageOf } from '../openflow/messages/messages.js'
import { ANY_GROUP, NO_BUFFER, PORT } from '../openflow/ports.js'
import { type Change, flowOf } from '../plan/plan.js'
import { type Hex, onesHex, zeroHex } from '../values/hex.js'

export type FlowModMessage = MessageOf<'flow_mod'>

/** Modify and delete name the whole cookie: they then cannot hit a flow that is not ours, whoever put it there meanwhile. */
export function flowModOf(change: Change): FlowModMessage {
  const flow = flowOf(change)
  switch (change.kind) {
    case 'add':
    case 'replace':
      return flowMod(FLOW_COMMAND.add, flow, zeroHex(8))
    case 'modify':
      return flowMod(FLOW_COMMAND.modify_strict, flow, onesHex(8))
    case 'delete':
      return flowMod(FLOW_COMMAND.delete_strict, { ...flow, instructions: [] }, onesHex(8))
  }
}

function flowMod(command: number, flow: Flow, cookieMask: Hex): FlowModMessage {
  const { tableId, priority, cookie, idleTimeout, hardTimeout, importance, flags, match, instructions } = flow
  return {
    type: 'flow_mod',
    command,
    cookie,
    cookieMask,
    tableId,
    priority,
    idleTimeout,
    hardTimeout,
    importance,
    flags,
    match,
    instructions,
    bufferId: NO_BUFFER,
    outPort: PORT.ANY,
    outGroup: ANY_GROUP,
  }
}
