// Ranges of bits in a field, which most of Nicira's actions name: each by the older header of its field, an offset and a
// width. The layouts here differ only in how the three stand on the wire.
import { fieldNamed } from '../fields/fields.js'
import { nxmHeader } from '../fields/match.js'
import { type Layout, u16 } from '../wire/layout.js'

export interface Bits {
  readonly field: string
  /** Of the lowest bit, from the least significant one */
  readonly offset: number
  readonly bits: number
}

/** The whole of a field. */
export function wholeField(name: string): Bits {
  return { field: name, offset: 0, bits: fieldNamed(name).bits }
}

/** Offset (10 bits) and width less one (6 bits) in one number. */
export const range: Layout<Omit<Bits, 'field'>> = {
  read(reader) {
    const packed = reader.u16()
    return { offset: packed >> 6, bits: (packed & 0x3f) + 1 }
  },
  write: (writer, { offset, bits }) => writer.u16((offset << 6) | (bits - 1)),
}

export const rangeThenField: Layout<Bits> = {
  read(reader, version) {
    const at = range.read(reader, version)
    return { field: nxmHeader.read(reader, version), ...at }
  },
  write(writer, value, version) {
    range.write(writer, value, version)
    nxmHeader.write(writer, value.field, version)
  },
}

export const fieldThenRange: Layout<Bits> = {
  read(reader, version) {
    const field = nxmHeader.read(reader, version)
    return { field, ...range.read(reader, version) }
  },
  write(writer, value, version) {
    nxmHeader.write(writer, value.field, version)
    range.write(writer, value, version)
  },
}

/** Offset, field and width, each in full. */
export const offsetFieldBits: Layout<Bits> = {
  read(reader, version) {
    const offset = reader.u16()
    return { field: nxmHeader.read(reader, version), offset, bits: u16.read(reader, version) }
  },
  write(writer, { field, offset, bits }, version) {
    writer.u16(offset)
    nxmHeader.write(writer, field, version)
    writer.u16(bits)
  },
}

/** One bit: its offset, then the field. */
export const oneBit: Layout<Bits> = {
  read(reader, version) {
    const offset = reader.u16()
    return { field: nxmHeader.read(reader, version), offset, bits: 1 }
  },
  write(writer, { field, offset }, version) {
    writer.u16(offset)
    nxmHeader.write(writer, field, version)
  },
}
