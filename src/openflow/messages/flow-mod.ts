// Flow modification (OpenFlow 1.5.1, section 7.3.4.3). 1.3 has padding where later versions have the importance.
import { instructionList } from '../actions/instructions.js'
import { oxmMatch } from '../fields/match.js'
import { OPENFLOW_14 } from '../version.js'
import { absent, type Infer, since, struct, u16, u32, u64, u8 } from '../wire/layout.js'

export const FLOW_COMMAND = { add: 0, modify: 1, modify_strict: 2, delete: 3, delete_strict: 4 } as const

export const flowMod = struct({
  cookie: u64,
  cookieMask: u64,
  tableId: u8,
  command: u8,
  idleTimeout: u16,
  hardTimeout: u16,
  priority: u16,
  bufferId: u32,
  outPort: u32,
  outGroup: u32,
  flags: u16,
  importance: since(OPENFLOW_14, u16, absent(0, 2)),
  match: oxmMatch,
  instructions: instructionList,
})

export type FlowMod = Infer<typeof flowMod>
