// Instructions of a flow (OpenFlow 1.5.1, section 7.2.5).
import { interned } from '../wire/interned.js'
import { type Layout, list, pad, struct, u32, u64, u8 } from '../wire/layout.js'
import { always, standard, tlv, type TlvRecord } from '../wire/tlv.js'
import { actionList } from './actions.js'

const actions = struct({ _: pad(4), actions: actionList })

export const INSTRUCTIONS = {
  goto_table: { code: always(standard(1)), layout: struct({ tableId: u8 }) },
  write_metadata: { code: always(standard(2)), layout: struct({ _: pad(4), value: u64, mask: u64 }) },
  write_actions: { code: always(standard(3)), layout: actions },
  apply_actions: { code: always(standard(4)), layout: actions },
  clear_actions: { code: always(standard(5)), layout: struct({ _: pad(4) }) },
  meter: { code: always(standard(6)), layout: struct({ meterId: u32 }) },
} as const

export type Instruction = TlvRecord<typeof INSTRUCTIONS>

/** What flows do repeats more than what they match: the whole list is one record. */
export const instructionList: Layout<readonly Instruction[]> = interned(list(tlv(INSTRUCTIONS)), {
  extent: (reader) => reader.remaining,
  longest: 512,
})

/** The order in which the switch executes and gives back instructions (OpenFlow 1.5.1, section 5.5). */
const ORDER: readonly Instruction['type'][] = [
  'meter',
  'apply_actions',
  'clear_actions',
  'write_actions',
  'write_metadata',
  'goto_table',
  'opaque',
]

/** In the switch's order, without empty lists of actions. */
export function orderInstructions(instructions: readonly Instruction[]): readonly Instruction[] {
  return instructions
    .filter((instruction) => !('actions' in instruction) || instruction.actions.length > 0)
    .sort((a, b) => ORDER.indexOf(a.type) - ORDER.indexOf(b.type))
}

/** A meter that is the first action as the instruction that it was before OpenFlow 1.5. */
export function hoistMeter(instructions: readonly Instruction[]): readonly Instruction[] {
  const apply = instructions.find((instruction) => instruction.type === 'apply_actions')
  const [first, ...others] = apply?.actions ?? []
  if (first?.type !== 'meter' || instructions.some(({ type }) => type === 'meter')) return instructions
  const rest = instructions.filter((instruction) => instruction !== apply)
  const applied: readonly Instruction[] =
    others.length > 0 ? [{ type: 'apply_actions', actions: others }] : []
  return [{ type: 'meter', meterId: first.meterId }, ...applied, ...rest]
}
