// A match: OXM fields with value and mask, between bytes and records (OpenFlow 1.5.1, section 7.2.3).
import type { Hex } from '../../values/hex.js'
import type { Layout } from '../wire/layout.js'
import { malformed, type Reader } from '../wire/reader.js'
import { paddingTo8, type Writer } from '../wire/writer.js'
import { fieldNamed, fieldOfHeader, fieldOfNxmHeader, type OxmCode } from './fields.js'

export interface MatchField {
  readonly field: string
  readonly value: Hex
  /** Ones where the value counts; absent: everywhere. */
  readonly mask?: Hex
}

/** Fields in wire order. A field that others need (eth_type for ip_dst) must stand before them, or the switch refuses. */
export type Match = readonly MatchField[]

const MATCH_OXM = 1

/** ofp_match: type, length without padding, fields, padding to 8 bytes. */
export const oxmMatch: Layout<Match> = {
  read(reader) {
    if (reader.u16() !== MATCH_OXM) throw malformed('a match that is not of type OXM')
    const length = reader.u16()
    const match = readFields(reader.window(length - 4))
    reader.skip(paddingTo8(length))
    return match
  },
  write(writer, match) {
    const start = writer.length
    writer.u16(MATCH_OXM)
    writer.u16(0)
    for (const field of match) writeField(writer, field)
    writer.patchU16(start + 2, writer.length - start)
    writer.alignTo8(start)
  },
}

function readFields(reader: Reader): Match {
  const fields: MatchField[] = []
  while (reader.remaining > 0) fields.push(readField(reader))
  return fields
}

/** One OXM: class (16 bits), field (7), has-mask (1), payload length (8), value, mask. */
export function readField(reader: Reader): MatchField {
  const { code, bytes, hasMask } = readHeader(reader)
  const field = fieldOfHeader(code, bytes)
  const value = reader.hex(bytes)
  return hasMask ? { field: field.name, value, mask: reader.hex(bytes) } : { field: field.name, value }
}

export function writeField(writer: Writer, { field, value, mask }: MatchField): void {
  const { bytes, ...code } = fieldNamed(field)
  writeHeader(writer, { code, bytes, hasMask: mask !== undefined })
  writer.hex(value)
  if (mask !== undefined) writer.hex(mask)
}

interface OxmHeader {
  readonly code: OxmCode
  /** Width of the value */
  readonly bytes: number
  readonly hasMask: boolean
}

function readHeader(reader: Reader): OxmHeader {
  const oxmClass = reader.u16()
  const codeAndMask = reader.u8()
  const hasMask = (codeAndMask & 1) === 1
  const payload = reader.u8()
  if (hasMask && payload % 2 === 1) throw malformed('a masked OXM of odd length')
  return { code: { oxmClass, code: codeAndMask >> 1 }, bytes: hasMask ? payload / 2 : payload, hasMask }
}

function writeHeader(writer: Writer, { code, bytes, hasMask }: OxmHeader): void {
  writer.u16(code.oxmClass)
  writer.u8((code.code << 1) | (hasMask ? 1 : 0))
  writer.u8(hasMask ? bytes * 2 : bytes)
}

/** The header alone, which names a field in an action. */
export const fieldHeader: Layout<string> = {
  read(reader) {
    const { code, bytes } = readHeader(reader)
    return fieldOfHeader(code, bytes).name
  },
  write(writer, name) {
    const { bytes, ...code } = fieldNamed(name)
    writeHeader(writer, { code, bytes, hasMask: false })
  },
}

/** The same by the older header of `Field.nxm`. */
export const nxmHeader: Layout<string> = {
  read(reader) {
    const { code, bytes } = readHeader(reader)
    return fieldOfNxmHeader(code, bytes).name
  },
  write(writer, name) {
    const { bytes, nxm } = fieldNamed(name)
    writeHeader(writer, { code: nxm, bytes, hasMask: false })
  },
}
