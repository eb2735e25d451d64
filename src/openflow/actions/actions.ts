// Actions (OpenFlow 1.5.1, section 7.2.8, and Nicira extensions). A kind is a code per version and a layout.
import type { Field } from '../fields/fields.js'
import { fieldHeader, type MatchField, nxmHeader, readField, writeField } from '../fields/match.js'
import { OPENFLOW_13, OPENFLOW_14, OPENFLOW_15 } from '../version.js'
import { type Layout, list, pad, since, struct, u16, u32, u8 } from '../wire/layout.js'
import { always, nicira, standard, tlv, type TlvRecord } from '../wire/tlv.js'

/** A value for a field, with a mask when only some bits are set. */
const fieldValue: Layout<MatchField> = {
  read: (reader) => readField(reader),
  write: (writer, field) => writeField(writer, field),
}

const moveBits = { bits: u16, sourceOffset: u16, targetOffset: u16 }

/** Bits of one field copied to another: OFPAT_COPY_FIELD in 1.5, NXAST_REG_MOVE before. */
const move = since(
  OPENFLOW_15,
  struct({ ...moveBits, _: pad(2), source: fieldHeader, target: fieldHeader }),
  struct({ ...moveBits, source: nxmHeader, target: nxmHeader }),
)

const ACTIONS = {
  output: { code: always(standard(0)), layout: struct({ port: u32, maxLen: u16 }) },
  push_vlan: { code: always(standard(17)), layout: struct({ etherType: u16 }) },
  pop_vlan: { code: always(standard(18)), layout: struct({}) },
  set_queue: { code: always(standard(21)), layout: struct({ queueId: u32 }) },
  group: { code: always(standard(22)), layout: struct({ groupId: u32 }) },
  set_nw_ttl: { code: always(standard(23)), layout: struct({ ttl: u8 }) },
  dec_ttl: { code: always(standard(24)), layout: struct({}) },
  set_field: { code: always(standard(25)), layout: fieldValue },
  move: {
    code: { [OPENFLOW_15]: standard(28), [OPENFLOW_14]: nicira(6), [OPENFLOW_13]: nicira(6) },
    layout: move,
  },
} as const

export type Action = TlvRecord<typeof ACTIONS>

export const action: Layout<Action> = tlv(ACTIONS)
export const actionList: Layout<readonly Action[]> = list(action)

/** Copies a whole field onto another of the same width, or its lowest `bits` bits. */
export function moveField(source: Field, target: Field, bits = Math.min(source.bits, target.bits)): Action {
  return { type: 'move', bits, sourceOffset: 0, targetOffset: 0, source: source.name, target: target.name }
}
