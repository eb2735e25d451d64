// Actions (OpenFlow 1.5.1, section 7.2.8, and Nicira extensions). A kind is a code per version and a layout.
import type { Field } from '../fields/fields.js'
import { fieldHeader, nxmHeader, oxmField } from '../fields/match.js'
import { OPENFLOW_15 } from '../version.js'
import { interned } from '../wire/interned.js'
import { type Layout, list, pad, since, struct, u16, u32, u8 } from '../wire/layout.js'
import {
  always,
  changed,
  nicira,
  onf,
  only13,
  standard,
  tlv,
  tlvExtent,
  type TlvRecord,
} from '../wire/tlv.js'
import { type Ct, ct } from './ct.js'
import { after, NICIRA_ACTIONS } from './nicira.js'

const moveBits = { bits: u16, sourceOffset: u16, targetOffset: u16 }

const copyField = struct({ ...moveBits, _: pad(2), source: fieldHeader, target: fieldHeader })

/** Bits of one field copied to another: OFPAT_COPY_FIELD in 1.5, NXAST_REG_MOVE before. */
const move = since(OPENFLOW_15, copyField, struct({ ...moveBits, source: nxmHeader, target: nxmHeader }))

const etherType = struct({ etherType: u16 })
const ttl = struct({ ttl: u8 })
const none = struct({})

const PLAIN_ACTIONS = {
  output: { code: always(standard(0)), layout: struct({ port: u32, maxLen: u16 }) },
  copy_ttl_out: { code: always(standard(11)), layout: none },
  copy_ttl_in: { code: always(standard(12)), layout: none },
  set_mpls_ttl: { code: always(standard(15)), layout: ttl },
  dec_mpls_ttl: { code: always(standard(16)), layout: none },
  push_vlan: { code: always(standard(17)), layout: etherType },
  pop_vlan: { code: always(standard(18)), layout: none },
  push_mpls: { code: always(standard(19)), layout: etherType },
  pop_mpls: { code: always(standard(20)), layout: etherType },
  set_queue: { code: always(standard(21)), layout: struct({ queueId: u32 }) },
  group: { code: always(standard(22)), layout: struct({ groupId: u32 }) },
  set_nw_ttl: { code: always(standard(23)), layout: ttl },
  dec_ttl: { code: always(standard(24)), layout: none },
  set_field: { code: always(standard(25)), layout: oxmField },
  push_pbb: { code: always(standard(26)), layout: etherType },
  pop_pbb: { code: always(standard(27)), layout: none },
  move: { code: changed(nicira(6), standard(28)), layout: move },
  /** A move again, as a switch tells an older connection what a newer one made. */
  copy_field: { code: only13(onf(3200)), layout: after(2, copyField) },
  /** An instruction in older versions. */
  meter: { code: changed(undefined, standard(29)), layout: struct({ meterId: u32 }) },
  ...NICIRA_ACTIONS,
} as const

/** Actions that run on a copy of the packet. */
export interface Clone {
  readonly type: 'clone'
  readonly actions: readonly Action[]
}

// Named one by one, as a type cannot be taken from a table that holds itself.
export type Action = TlvRecord<typeof PLAIN_ACTIONS> | ({ readonly type: 'ct' } & Ct) | Clone
export type ActionOf<T extends Action['type']> = Extract<Action, { readonly type: T }>

/** Actions inside an action. Looked up when they are read, as what holds them is one of them. */
const nested: Layout<readonly Action[]> = {
  read: (reader, version) => actionList.read(reader, version),
  write: (writer, actions, version) => actionList.write(writer, actions, version),
}

export const ACTIONS = {
  ...PLAIN_ACTIONS,
  ct: { code: always(nicira(35)), layout: ct(nested) },
  clone: { code: always(nicira(42)), layout: after(6, struct({ actions: nested })) },
} as const

export const action: Layout<Action> = interned(tlv(ACTIONS), { extent: tlvExtent, longest: 128 })
export const actionList: Layout<readonly Action[]> = list(action)

/** Copies a whole field onto another of the same width, or its lowest `bits` bits. */
export function moveField(source: Field, target: Field, bits = Math.min(source.bits, target.bits)): Action {
  return { type: 'move', bits, sourceOffset: 0, targetOffset: 0, source: source.name, target: target.name }
}
