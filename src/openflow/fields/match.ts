// A match: OXM fields with value and mask, between bytes and records (OpenFlow 1.5.1, section 7.2.3).
import type { Hex } from '../../values/hex.js'
import { interned } from '../wire/interned.js'
import { type Layout, list } from '../wire/layout.js'
import { malformed, type Reader } from '../wire/reader.js'
import { paddingTo8, type Writer } from '../wire/writer.js'
import { type Field, fieldNamed, fieldOfHeader, fieldOfNxmHeader, type OxmCode, sized } from './fields.js'
import { EXPERIMENTER_CLASS } from './headers.js'

export interface MatchField {
  readonly field: string
  readonly value: Hex
  /** Ones where the value counts; absent: everywhere. */
  readonly mask?: Hex
}

/** Fields in wire order. A field that others need (eth_type for ip_dst) must stand before them, or the switch refuses. */
export type Match = readonly MatchField[]

const MATCH_OXM = 1

/** One OXM: class (16 bits), field (7), has-mask (1), payload length (8), value, mask. */
export const oxmField: Layout<MatchField> = interned(
  {
    read(reader, version) {
      const { code, bytes, hasMask } = readHeader(reader)
      const { name } = fieldOfHeader(code, bytes, version)
      const value = reader.hex(bytes)
      return hasMask ? { field: name, value, mask: reader.hex(bytes) } : { field: name, value }
    },
    write(writer, { field, value, mask }, version) {
      const { codes, variable, bytes } = fieldNamed(field)
      const width = variable ? value.length / 2 : bytes
      writeHeader(writer, { code: codes[version], bytes: width, hasMask: mask !== undefined })
      writer.hex(value)
      if (mask !== undefined) writer.hex(mask)
    },
  },
  { extent: (reader) => HEADER_BYTES + reader.byteAhead(3), longest: 64 },
)

const HEADER_BYTES = 4

/** Fields one after the other: in a match, in packet-ins, properties and monitors. */
export const oxmFields: Layout<Match> = list(oxmField)

/** ofp_match: type, length without padding, fields, padding to 8 bytes. */
export const oxmMatch: Layout<Match> = {
  read(reader, version) {
    if (reader.u16() !== MATCH_OXM) throw malformed('a match that is not of type OXM')
    const length = reader.u16()
    const match = oxmFields.read(reader.window(length - 4), version)
    reader.skip(paddingTo8(length))
    return match
  },
  write(writer, match, version) {
    const start = writer.length
    writer.u16(MATCH_OXM)
    writer.u16(0)
    oxmFields.write(writer, match, version)
    writer.patchU16(start + 2, writer.length - start)
    writer.alignTo8(start)
  },
}

interface OxmHeader {
  readonly code: OxmCode
  /** Width of the value */
  readonly bytes: number
  readonly hasMask: boolean
}

/** The payload of an experimenter's field opens with who it is. */
function readHeader(reader: Reader): OxmHeader {
  const oxmClass = reader.u16()
  const codeAndMask = reader.u8()
  const payload = reader.u8()
  const hasMask = (codeAndMask & 1) === 1
  const code = codeAndMask >> 1
  if (oxmClass !== EXPERIMENTER_CLASS) {
    return { code: { oxmClass, code }, bytes: widthOf(payload, hasMask), hasMask }
  }
  const bytes = widthOf(payload - 4, hasMask)
  return { code: { oxmClass, code, experimenter: reader.hex(4) }, bytes, hasMask }
}

function widthOf(payload: number, hasMask: boolean): number {
  if (payload < 0) throw malformed('an experimenter OXM too short to say whose it is')
  if (hasMask && payload % 2 === 1) throw malformed('a masked OXM of odd length')
  return hasMask ? payload / 2 : payload
}

function writeHeader(writer: Writer, { code, bytes, hasMask }: OxmHeader): void {
  const { oxmClass, experimenter } = code
  writer.u16(oxmClass)
  writer.u8((code.code << 1) | (hasMask ? 1 : 0))
  writer.u8((hasMask ? bytes * 2 : bytes) + (experimenter === undefined ? 0 : 4))
  if (experimenter !== undefined) writer.hex(experimenter)
}

/** The header alone, which names a field in an action. */
export const fieldHeader: Layout<string> = {
  read: (reader, version) => readName(reader, (code, bytes) => fieldOfHeader(code, bytes, version)),
  write: (writer, name, version) => {
    const { bytes, codes } = fieldNamed(name)
    writeHeader(writer, { code: codes[version], bytes, hasMask: false })
  },
}

/** The same by the older header of `Field.nxm`. */
export const nxmHeader: Layout<string> = {
  read: (reader) => readName(reader, fieldOfNxmHeader),
  write(writer, name) {
    const { bytes, nxm } = fieldNamed(name)
    writeHeader(writer, { code: nxm, bytes, hasMask: false })
  },
}

function readName(reader: Reader, fieldOf: (code: OxmCode, bytes: number) => Field): string {
  const { code, bytes, hasMask } = readHeader(reader)
  if (hasMask) throw malformed('a field named by a header that announces a mask')
  return sized(fieldOf(code, bytes), bytes).name
}
