// Packets to and from the controller (OpenFlow 1.5.1, sections 7.3.6 and 7.4.1; Nicira's NXT_PACKET_IN and NXT_PACKET_IN2).
import { hexFromNumber, numberFromHex } from '../../values/hex.js'
import { actionList } from '../actions/actions.js'
import { type Match, oxmMatch, oxmFields } from '../fields/match.js'
import { OPENFLOW_15 } from '../version.js'
import { type Infer, type Layout, pad, since, rest, struct, u16, u32, u64, u8 } from '../wire/layout.js'
import { properties } from '../wire/property.js'
import { counted, hexRest, sequence } from '../wire/sections.js'

export const PACKET_IN_REASON = {
  no_match: 0,
  action: 1,
  invalid_ttl: 2,
  action_set: 3,
  group: 4,
  packet_out: 5,
} as const

const packet = { bufferId: u32, totalLength: u16, reason: u8, tableId: u8, cookie: u64 }

export const packetIn = struct({ ...packet, match: oxmMatch, _: pad(2), data: rest })

export type PacketIn = Infer<typeof packetIn>

export const PACKET_IN_FORMAT = { standard: 0, nxt_packet_in: 1, nxt_packet_in2: 2 } as const

export const nxtPacketIn = sequence(
  struct(packet),
  sequence(
    counted('match', oxmFields, struct({ _: pad(6) }), { aligned: true }),
    struct({ _: pad(2), data: rest }),
  ),
)

/** Of NXT_PACKET_IN2, and of the NXT_RESUME that answers one: what is not said is zero, or everywhere, or whole. */
export const PACKET_IN_PROPERTIES = {
  packet: { code: 0, layout: struct({ data: rest }) },
  full_length: { code: 1, layout: struct({ totalLength: u32 }) },
  buffer_id: { code: 2, layout: struct({ bufferId: u32 }) },
  table_id: { code: 3, layout: struct({ tableId: u8 }) },
  cookie: { code: 4, layout: struct({ _: pad(4), cookie: u64 }) },
  reason: { code: 5, layout: struct({ reason: u8 }) },
  metadata: { code: 6, layout: struct({ match: oxmFields }) },
  userdata: { code: 7, layout: struct({ userdata: hexRest }) },
  // What the switch needs to go on with a paused packet; it comes back in NXT_RESUME, as it is.
  continuation: { code: 8, layout: struct({ continuation: hexRest }) },
} as const

export const packetInProperties = struct({ properties: properties(PACKET_IN_PROPERTIES) })

/** The port that a packet comes from, as the match that 1.5 has in its place. */
const inPort: Layout<Match> = {
  read: (reader) => [{ field: 'in_port', value: hexFromNumber(reader.u32(), 4) }],
  write(writer, match) {
    const field = match.find(({ field }) => field === 'in_port')
    if (!field || match.length > 1)
      throw new Error('before OpenFlow 1.5 a packet-out carries in_port and no other field')
    writer.u32(numberFromHex(field.value))
  },
}

const packetOutBefore15 = sequence(
  struct({ bufferId: u32, match: inPort }),
  sequence(counted('actions', actionList, struct({ _: pad(6) })), struct({ data: rest })),
)

/** `match`: pipeline fields the packet starts with, in_port and in 1.5 also metadata and registers. */
const packetOut15 = sequence(
  struct({ bufferId: u32 }),
  sequence(counted('actions', actionList, struct({ _: pad(2), match: oxmMatch })), struct({ data: rest })),
)

export type PacketOut = Infer<typeof packetOut15>

export const packetOut: Layout<PacketOut> = since<PacketOut>(OPENFLOW_15, packetOut15, packetOutBefore15)
