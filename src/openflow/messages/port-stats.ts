// Counters of ports (OpenFlow 1.5.1, section 7.3.5.8). 1.3 has all in fixed fields; later versions have those of the medium, and
// Open vSwitch has its own, in properties. A counter of all ones is one that the switch does not keep.
import { type Hex, onesHex } from '../../values/hex.js'
import { OPENFLOW_14 } from '../version.js'
import { type Infer, type Layout, list, pad, since, struct, u32, u64 } from '../wire/layout.js'
import { fixedProperties, properties } from '../wire/property.js'
import { measured } from '../wire/sections.js'
import type { Reader } from '../wire/reader.js'

const duration = { durationSec: u32, durationNsec: u32 }

const counters = {
  rxPackets: u64,
  txPackets: u64,
  rxBytes: u64,
  txBytes: u64,
  rxDropped: u64,
  txDropped: u64,
  rxErrors: u64,
  txErrors: u64,
}

const ethernet = { rxFrameErr: u64, rxOverErr: u64, rxCrcErr: u64, collisions: u64 }

/** Packets by size and kind (RFC 2819). */
const rfc2819 = {
  rx1To64Packets: u64,
  rx65To127Packets: u64,
  rx128To255Packets: u64,
  rx256To511Packets: u64,
  rx512To1023Packets: u64,
  rx1024To1522Packets: u64,
  rx1523ToMaxPackets: u64,
  tx1To64Packets: u64,
  tx65To127Packets: u64,
  tx128To255Packets: u64,
  tx256To511Packets: u64,
  tx512To1023Packets: u64,
  tx1024To1522Packets: u64,
  tx1523ToMaxPackets: u64,
  txMulticastPackets: u64,
  rxBroadcastPackets: u64,
  txBroadcastPackets: u64,
  rxUndersizedErrors: u64,
  rxOversizeErrors: u64,
  rxFragmentedErrors: u64,
  rxJabberErrors: u64,
}

interface NamedCounter {
  readonly name: string
  readonly value: Hex
}

const namedCounter: Layout<NamedCounter> = {
  read(reader) {
    const name = reader.bytes(reader.u8()).toString('utf8')
    return { name, value: reader.hex(8) }
  },
  write(writer, { name, value }) {
    const bytes = Buffer.from(name, 'utf8')
    writer.u8(bytes.length)
    writer.bytes(bytes)
    writer.hex(value)
  },
}

const namedCounters: Layout<readonly NamedCounter[]> = {
  read: (reader, version) => readTimes(reader.u16(), reader, (r) => namedCounter.read(r, version)),
  write(writer, items, version) {
    writer.u16(items.length)
    for (const item of items) namedCounter.write(writer, item, version)
  },
}

function readTimes<T>(count: number, reader: Reader, read: (reader: Reader) => T): readonly T[] {
  return Array.from({ length: count }, () => read(reader))
}

export const PORT_STATS_PROPERTIES = {
  ethernet: { code: 0, layout: struct({ _: pad(4), ...ethernet }) },
  rfc2819: {
    code: 0xffff,
    experimenter: '0000aa0100000001' as Hex,
    layout: struct({ _: pad(4), ...rfc2819 }),
  },
  custom: {
    code: 0xffff,
    experimenter: '0000aa0100000002' as Hex,
    layout: struct({ _: pad(2), counters: namedCounters }),
  },
} as const

const propertyList = properties(PORT_STATS_PROPERTIES)
type PortStatsProperty = Infer<typeof propertyList>[number]

const NOT_KEPT: PortStatsProperty = {
  type: 'ethernet',
  rxFrameErr: onesHex(8),
  rxOverErr: onesHex(8),
  rxCrcErr: onesHex(8),
  collisions: onesHex(8),
}

const portStats14 = measured(
  struct({ _: pad(2), portNo: u32, ...duration, ...counters, properties: propertyList }),
)

const portStats13 = struct({
  portNo: u32,
  _: pad(4),
  ...counters,
  properties: fixedProperties<PortStatsProperty>([{ layout: struct(ethernet), absent: NOT_KEPT }]),
  ...duration,
})

export type PortStats = Infer<typeof portStats14>

export const portStatsRequest = struct({ portNo: u32, _: pad(4) })

export const portStatsReply = struct({ ports: list(since<PortStats>(OPENFLOW_14, portStats14, portStats13)) })
