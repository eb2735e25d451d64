// Connection tracking: NXAST_CT sends a packet through the tracker, NXAST_NAT inside it rewrites addresses (Open vSwitch,
// ovs-actions(7), "The ct action").
import type { Hex } from '../../values/hex.js'
import { type Layout, pad, struct, u16, u8 } from '../wire/layout.js'
import { malformed, type Reader } from '../wire/reader.js'
import { hexOf } from '../wire/sections.js'
import type { Writer } from '../wire/writer.js'
import type { Version } from '../version.js'
import type { Action } from './actions.js'
import { type Bits, fieldThenRange } from './bits.js'

export const CT_FLAG = { commit: 1, force: 2 } as const
export const NAT_FLAG = { src: 1, dst: 2, persistent: 4, hash: 8, random: 16 } as const

/** No table to go on in. */
export const NO_TABLE = 0xff

export interface Ct {
  readonly flags: number
  /** A constant, or the bits that hold it */
  readonly zone: number | Bits
  /** Where the packet goes on, as a copy; 255: nowhere */
  readonly tableId: number
  /** Port of the protocol whose related connections to find (21: FTP); 0: none */
  readonly alg: number
  readonly actions: readonly Action[]
}

const zone: Layout<number | Bits> = {
  read(reader, version) {
    if (reader.fork().u32() !== 0) return fieldThenRange.read(reader, version)
    reader.skip(4)
    return reader.u16()
  },
  write(writer, value, version) {
    if (typeof value === 'number') {
      writer.zeros(4)
      writer.u16(value)
    } else fieldThenRange.write(writer, value, version)
  },
}

/** @param actions what to do to the connection itself: set its mark or label, translate its addresses */
export function ct(actions: Layout<readonly Action[]>): Layout<Ct> {
  return struct({ flags: u16, zone, tableId: u8, _: pad(3), alg: u16, actions })
}

/** A range of addresses and ports; without a maximum, one alone. */
export interface NatRange {
  readonly ipv4Min?: Hex
  readonly ipv4Max?: Hex
  readonly ipv6Min?: Hex
  readonly ipv6Max?: Hex
  readonly portMin?: number
  readonly portMax?: number
}

export interface Nat extends NatRange {
  readonly flags: number
}

/** Parts of a range in wire order; bit n of a mask says whether part n is there. */
const PARTS: readonly (readonly [keyof NatRange, Layout<unknown>])[] = [
  ['ipv4Min', hexOf(4)],
  ['ipv4Max', hexOf(4)],
  ['ipv6Min', hexOf(16)],
  ['ipv6Max', hexOf(16)],
  ['portMin', u16],
  ['portMax', u16],
]

export const nat: Layout<Nat> = {
  read(reader, version) {
    reader.skip(2)
    const flags = reader.u16()
    return { flags, ...readRange(reader, reader.u16(), version) }
  },
  write(writer, value, version) {
    writer.zeros(2)
    writer.u16(value.flags)
    writeRange(writer, value, version)
  },
}

function readRange(reader: Reader, present: number, version: Version): NatRange {
  if (present >> PARTS.length) throw malformed(`a NAT range with parts 0x${present.toString(16)}`)
  const there = PARTS.filter((_, bit) => (present >> bit) & 1)
  return Object.fromEntries(there.map(([name, layout]) => [name, layout.read(reader, version)]))
}

function writeRange(writer: Writer, range: NatRange, version: Version): void {
  const present = PARTS.reduce(
    (mask, [name], bit) => (range[name] === undefined ? mask : mask | (1 << bit)),
    0,
  )
  writer.u16(present)
  for (const [name, layout] of PARTS) {
    if (range[name] !== undefined) layout.write(writer, range[name], version)
  }
}
