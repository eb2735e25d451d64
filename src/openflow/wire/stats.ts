// OXS statistics of a flow (OpenFlow 1.5.1, section 7.2.4): counters as a list of fields, each with class, field and length.
import { type Hex, zeroHex } from '../../values/hex.js'
import { type Layout, list } from './layout.js'
import type { Reader } from './reader.js'
import { paddingTo8, type Writer } from './writer.js'

/** One counter. A list may hold one kind twice: Open vSwitch 3.1 labels packet counts as idle times. */
export interface Stat {
  /** `duration` (seconds and nanoseconds, 32 bits each), `idle_time` likewise, a count, or `oxs_` and the header. */
  readonly counter: string
  readonly value: Hex
}

/** Class and field of each counter, as the first three bytes of its header. */
export const COUNTERS: Readonly<Record<string, number>> = {
  duration: 0x800200,
  idle_time: 0x800202,
  flow_count: 0x800206,
  packet_count: 0x800208,
  byte_count: 0x80020a,
}

const NAMES = new Map(Object.entries(COUNTERS).map(([name, header]) => [header, name]))

const UNNAMED = 'oxs_'

const stat: Layout<Stat> = {
  read(reader) {
    const header = readHeader(reader)
    const bytes = reader.u8()
    const zero = ZEROS.get(header)
    if (zero && bytes === COUNT_BYTES && reader.remaining >= bytes && reader.isZeroAhead(bytes)) {
      reader.skip(bytes)
      return zero
    }
    return { counter: nameOf(header), value: reader.hex(bytes) }
  },
  write(writer, { counter, value }) {
    writeHeader(writer, COUNTERS[counter] ?? Number.parseInt(counter.slice(UNNAMED.length), 16))
    writer.u8(value.length / 2)
    writer.hex(value)
  },
}

/** All counters but one have as many. */
const COUNT_BYTES = 8

/** Most flows of a large table have had no packet for a while: their counters are one record each. */
const ZEROS = new Map(
  [...NAMES].map(([header, counter]) => [header, { counter, value: zeroHex(COUNT_BYTES) }]),
)

function nameOf(header: number): string {
  return NAMES.get(header) ?? `${UNNAMED}${header.toString(16).padStart(6, '0')}`
}

function readHeader(reader: Reader): number {
  const oxsClass = reader.u16()
  return oxsClass * 256 + reader.u8()
}

function writeHeader(writer: Writer, header: number): void {
  writer.u16(header >>> 8)
  writer.u8(header & 0xff)
}

const stats = list(stat)

/** ofp_stats: two reserved bytes, a length that counts its four bytes but not the padding, and the counters. */
export const oxsStats: Layout<readonly Stat[]> = {
  read(reader, version) {
    reader.skip(2)
    const length = reader.u16()
    const counters = stats.read(reader.window(length - 4), version)
    reader.skip(paddingTo8(length))
    return counters
  },
  write(writer, counters, version) {
    const start = writer.length
    writer.zeros(4)
    stats.write(writer, counters, version)
    writer.patchU16(start + 2, writer.length - start)
    writer.alignTo8(start)
  },
}
