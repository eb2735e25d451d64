// Actions that only Open vSwitch has, under the experimenter id of Nicira (ovs-actions(7)). Ports have 16 bits in them, as
// in OpenFlow 1.0. Zeros at the end of an action need no mention: each is filled up to 8 bytes.
import { fieldHeader, nxmHeader, oxmField } from '../fields/match.js'
import { type Layout, list, pad, struct, u16, u32, u64, u8 } from '../wire/layout.js'
import { properties } from '../wire/property.js'
import { hexRest, sequence } from '../wire/sections.js'
import { always, nicira, type TlvKind } from '../wire/tlv.js'
import { type Bits, offsetFieldBits, oneBit, range, rangeThenField } from './bits.js'
import { nat } from './ct.js'
import { encap } from './encap.js'
import { learn, learn2 } from './learn.js'

const kind = <const T>(subtype: number, layout: Layout<T>) =>
  ({ code: always(nicira(subtype)), layout }) satisfies TlvKind<T>

/** A packet to a controller: NXAST_CONTROLLER2 says what differs from an output to CONTROLLER. */
export const CONTROLLER_PROPERTIES = {
  max_len: { code: 0, layout: struct({ maxLen: u16, _: pad(2) }) },
  controller_id: { code: 1, layout: struct({ controllerId: u16, _: pad(2) }) },
  reason: { code: 2, layout: struct({ reason: u8 }) },
  userdata: { code: 3, layout: struct({ userdata: hexRest }) },
  pause: { code: 4, layout: struct({}) },
  meter_id: { code: 5, layout: struct({ meterId: u32 }) },
} as const

/** A list of 16-bit numbers, how many of them, and what stands between the two. */
function numbers<const N extends string, B extends object>(
  name: N,
  between: Layout<B>,
): Layout<B & { readonly [K in N]: readonly number[] }> {
  return {
    read(reader, version) {
      const count = reader.u16()
      const fields = between.read(reader, version)
      const values = list(u16).read(reader.window(count * 2), version)
      return { ...fields, [name]: values } as B & { readonly [K in N]: readonly number[] }
    },
    write(writer, record, version) {
      writer.u16(record[name].length)
      between.write(writer, record, version)
      list(u16).write(writer, record[name], version)
    },
  }
}

/** A layout behind `count` bytes of padding. */
export function after<T>(count: number, layout: Layout<T>): Layout<T> {
  return {
    read(reader, version) {
      reader.skip(count)
      return layout.read(reader, version)
    },
    write(writer, value, version) {
      writer.zeros(count)
      layout.write(writer, value, version)
    },
  }
}

/** A layout in a place of fixed width, filled up with zeros. */
function filled<T>(bytes: number, layout: Layout<T>): Layout<T> {
  return {
    read: (reader, version) => layout.read(reader.window(bytes), version),
    write(writer, value, version) {
      const start = writer.length
      layout.write(writer, value, version)
      writer.zeros(bytes - (writer.length - start))
    },
  }
}

/** A field with an experimenter's header, which is longer, stands at the end. */
const outputReg2: Layout<{ readonly source: Bits; readonly maxLen: number }> = {
  read(reader, version) {
    const at = range.read(reader, version)
    const maxLen = reader.u16()
    return { source: { field: nxmHeader.read(reader, version), ...at }, maxLen }
  },
  write(writer, { source, maxLen }, version) {
    range.write(writer, source, version)
    writer.u16(maxLen)
    nxmHeader.write(writer, source.field, version)
  },
}

const sample = { probability: u16, collectorSetId: u32, domainId: u32, pointId: u32 }
const bundle = struct({ algorithm: u16, fields: u16, basis: u16, memberType: u32 })
const resubmit = struct({ inPort: u16, tableId: u8 })

export const NICIRA_ACTIONS = {
  resubmit: kind(1, struct({ inPort: u16 })),
  set_tunnel: kind(2, struct({ _: pad(2), tunnelId: u32 })),
  pop_queue: kind(5, struct({})),
  reg_load: kind(7, struct({ target: rangeThenField, value: u64 })),
  note: kind(8, struct({ data: hexRest })),
  set_tunnel64: kind(9, struct({ _: pad(6), tunnelId: u64 })),
  multipath: kind(
    10,
    struct({
      fields: u16,
      basis: u16,
      _1: pad(2),
      algorithm: u16,
      maxLink: u16,
      argument: u32,
      _2: pad(2),
      target: rangeThenField,
    }),
  ),
  bundle: kind(12, sequence(bundle, numbers('members', struct({ _: pad(10) })))),
  bundle_load: kind(13, sequence(bundle, numbers('members', struct({ target: rangeThenField, _: pad(4) })))),
  resubmit_table: kind(14, resubmit),
  output_reg: kind(15, struct({ source: rangeThenField, maxLen: u16, _: pad(6) })),
  learn: kind(16, learn),
  exit: kind(17, struct({})),
  fin_timeout: kind(19, struct({ idleTimeout: u16, hardTimeout: u16 })),
  controller: kind(20, struct({ maxLen: u16, controllerId: u16, reason: u8 })),
  dec_ttl_cnt_ids: kind(21, numbers('controllerIds', struct({ _: pad(4) }))),
  push: kind(27, struct({ source: offsetFieldBits })),
  pop: kind(28, struct({ target: offsetFieldBits })),
  sample: kind(29, struct(sample)),
  output_reg2: kind(32, outputReg2),
  reg_load2: kind(33, oxmField),
  conjunction: kind(34, struct({ clause: u8, clauses: u8, id: u32 })),
  nat: kind(36, nat),
  controller2: kind(37, struct({ _: pad(6), properties: properties(CONTROLLER_PROPERTIES) })),
  sample2: kind(38, struct({ ...sample, samplingPort: u16 })),
  output_trunc: kind(39, struct({ port: u16, maxLen: u32 })),
  sample3: kind(41, struct({ ...sample, samplingPort: u16, direction: u8 })),
  ct_clear: kind(43, struct({})),
  resubmit_table_ct: kind(44, resubmit),
  learn2: kind(45, learn2),
  encap: kind(46, encap),
  decap: kind(47, struct({ _: pad(2), packetType: u32 })),
  dec_nsh_ttl: kind(48, struct({})),
  check_pkt_larger: kind(49, struct({ packetLength: u16, target: oneBit })),
  delete_field: kind(50, filled(14, struct({ field: fieldHeader }))),
} as const
