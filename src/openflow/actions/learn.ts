// Learn: an action that adds a flow made of the packet at hand (Open vSwitch, ovs-actions(7), "The learn action").
import type { Hex } from '../../values/hex.js'
import { nxmHeader } from '../fields/match.js'
import { type Layout, pad, struct, u16, u32, u64, u8 } from '../wire/layout.js'
import { malformed, type Reader } from '../wire/reader.js'
import type { Version } from '../version.js'
import type { Writer } from '../wire/writer.js'
import type { Bits } from './bits.js'

export const LEARN_FLAG = { send_flow_rem: 1, delete_learned: 2, write_result: 4 } as const

/** Where a run of bits begins. */
export interface FieldStart {
  readonly field: string
  readonly offset: number
}

/** One part of the flow to add: bits of the packet or a constant, put in its match, its actions, or output to. */
export interface LearnSpec {
  readonly to: 'match' | 'load' | 'output'
  readonly bits: number
  readonly source: FieldStart | Hex
  /** Absent for an output. */
  readonly target?: FieldStart
}

const TARGETS: readonly LearnSpec['to'][] = ['match', 'load', 'output']

// A spec opens with 16 bits: 2 reserved, 1 for a constant, 2 for the target, 11 for the number of bits.
const CONSTANT = 0x2000
const TARGET_SHIFT = 11
const BITS = 0x07ff

const fieldStart: Layout<FieldStart> = struct({ field: nxmHeader, offset: u16 })

/** A constant fills whole 16-bit words. */
function constantBytes(bits: number): number {
  return 2 * Math.ceil(bits / 16)
}

/** Up to the end or to a header of zero. */
const specs: Layout<readonly LearnSpec[]> = {
  read(reader, version) {
    const list: LearnSpec[] = []
    while (reader.remaining >= 2) {
      const header = reader.u16()
      if (header === 0) break
      list.push(readSpec(reader, header, version))
    }
    return list
  },
  write(writer, list, version) {
    for (const spec of list) writeSpec(writer, spec, version)
  },
}

function readSpec(reader: Reader, header: number, version: Version): LearnSpec {
  const bits = header & BITS
  const to = TARGETS[(header >> TARGET_SHIFT) & 3]
  if (to === undefined || header >= 2 * CONSTANT) throw malformed(`a learn spec 0x${header.toString(16)}`)
  const source = header & CONSTANT ? reader.hex(constantBytes(bits)) : fieldStart.read(reader, version)
  return to === 'output'
    ? { to, bits, source }
    : { to, bits, source, target: fieldStart.read(reader, version) }
}

function writeSpec(writer: Writer, { to, bits, source, target }: LearnSpec, version: Version): void {
  const isConstant = typeof source === 'string'
  writer.u16((isConstant ? CONSTANT : 0) | (TARGETS.indexOf(to) << TARGET_SHIFT) | bits)
  if (isConstant) writer.hex(source)
  else fieldStart.write(writer, source, version)
  if (target) fieldStart.write(writer, target, version)
}

const head = {
  idleTimeout: u16,
  hardTimeout: u16,
  priority: u16,
  cookie: u64,
  flags: u16,
  tableId: u8,
  _: pad(1),
  finIdleTimeout: u16,
  finHardTimeout: u16,
}

export const learn = struct({ ...head, specs })

const limited = struct({ ...head, limit: u32 })

export interface Learn2 {
  readonly idleTimeout: number
  readonly hardTimeout: number
  readonly priority: number
  readonly cookie: Hex
  readonly flags: number
  readonly tableId: number
  readonly finIdleTimeout: number
  readonly finHardTimeout: number
  /** Most flows of this table and cookie that there may be; 0: any number */
  readonly limit: number
  /** Where to say whether a flow was learned. */
  readonly result?: Bits
  readonly specs: readonly LearnSpec[]
}

/** The same with a limit, and with a bit for the result if the flag write_result is set. */
export const learn2: Layout<Learn2> = {
  read(reader, version) {
    const fields = limited.read(reader, version)
    const result = readResult(reader, fields.flags, version)
    return { ...fields, ...(result && { result }), specs: specs.read(reader, version) }
  },
  write(writer, { specs: list, result, ...fields }, version) {
    limited.write(writer, fields, version)
    writer.u16(result?.offset ?? 0)
    writer.zeros(2)
    if (result) nxmHeader.write(writer, result.field, version)
    specs.write(writer, list, version)
  },
}

function readResult(reader: Reader, flags: number, version: Version): Bits | undefined {
  const offset = reader.u16()
  reader.skip(2)
  return flags & LEARN_FLAG.write_result
    ? { field: nxmHeader.read(reader, version), offset, bits: 1 }
    : undefined
}
