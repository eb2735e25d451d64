// Changes of a plan as the messages that make them.
import { wireInstructions } from '../openflow/actions/wire-form.js'
import type { Flow } from '../openflow/flow.js'
import { FLOW_COMMAND } from '../openflow/messages/flow-mod.js'
import type { MessageOf } from '../openflow/messages/messages.js'
import { ANY_GROUP, NO_BUFFER, PORT } from '../openflow/ports.js'
import { OPENFLOW_15, type Version } from '../openflow/version.js'
import { OWNER_MASK } from '../pipeline/cookie.js'
import { type Change, flowOf } from '../plan/plan.js'
import { type Hex, zeroHex } from '../values/hex.js'

export type FlowModMessage = MessageOf<'flow_mod'>

/**
 * Modify and delete name the owner in the cookie: they then cannot hit a flow that is not ours, whoever put it there
 * meanwhile. Not the whole cookie: for a mask of ones Open vSwitch goes through all flows with that cookie instead of
 * looking the match up (ofproto.c, collect_rules_strict), and stands still for half a minute when an object has 20,000.
 * @param version in which it will be sent: flows are compiled in the words of 1.5
 */
export function flowModOf(change: Change, version: Version = OPENFLOW_15): FlowModMessage {
  const flow = inWordsOf(version, flowOf(change))
  switch (change.kind) {
    case 'add':
    case 'replace':
      return flowMod(FLOW_COMMAND.add, flow, NO_MASK)
    case 'modify':
      return flowMod(FLOW_COMMAND.modify_strict, flow, OWNER_MASK)
    case 'delete':
      return flowMod(FLOW_COMMAND.delete_strict, { ...flow, instructions: [] }, OWNER_MASK)
  }
}

const NO_MASK = zeroHex(8)

function inWordsOf(version: Version, flow: Flow): Flow {
  if (version >= OPENFLOW_15) return flow
  return { ...flow, instructions: olderWords(flow.instructions, version) }
}

/** Instructions, which flows share, in the words of all versions before 1.5: these have the same. */
const older = new WeakMap<Flow['instructions'], Flow['instructions']>()

function olderWords(instructions: Flow['instructions'], version: Version): Flow['instructions'] {
  const known = older.get(instructions)
  if (known) return known
  const words = wireInstructions(instructions, version)
  older.set(instructions, words)
  return words
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
