// Instructions of a flow (OpenFlow 1.5.1, section 7.2.5).
import { type Layout, list, pad, struct, u32, u64, u8 } from '../wire/layout.js'
import { always, standard, tlv, type TlvRecord } from '../wire/tlv.js'
import { actionList } from './actions.js'

const actions = struct({ _: pad(4), actions: actionList })

const INSTRUCTIONS = {
  goto_table: { code: always(standard(1)), layout: struct({ tableId: u8 }) },
  write_metadata: { code: always(standard(2)), layout: struct({ _: pad(4), value: u64, mask: u64 }) },
  write_actions: { code: always(standard(3)), layout: actions },
  apply_actions: { code: always(standard(4)), layout: actions },
  clear_actions: { code: always(standard(5)), layout: struct({ _: pad(4) }) },
  meter: { code: always(standard(6)), layout: struct({ meterId: u32 }) },
} as const

export type Instruction = TlvRecord<typeof INSTRUCTIONS>

export const instructionList: Layout<readonly Instruction[]> = list(tlv(INSTRUCTIONS))
