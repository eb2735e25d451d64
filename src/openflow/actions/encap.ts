// What a header that a packet is wrapped in is made with: properties of Nicira's encap action (ovs-actions(7)). For the
// network service header these are its metadata type (RFC 8300, section 2.2) and metadata of variable length.
import type { Hex } from '../../values/hex.js'
import { type Layout, list, struct, u16, u32 } from '../wire/layout.js'
import { malformed } from '../wire/reader.js'
import { paddingTo8 } from '../wire/writer.js'

export const NSH_CLASS = 4
export const NSH_PROPERTY = { md_type: 1, tlv: 2 } as const

export interface EncapProperty {
  readonly propertyClass: number
  readonly propertyType: number
  readonly data: Hex
}

const HEADER_BYTES = 4

/** Class, type, a length that counts this header, and padding to 8 bytes that the length does not count. */
const property: Layout<EncapProperty> = {
  read(reader) {
    const propertyClass = reader.u16()
    const propertyType = reader.u8()
    const length = reader.u8()
    if (length < HEADER_BYTES) throw malformed(`a property of ${length} bytes`)
    const data = reader.hex(length - HEADER_BYTES)
    reader.skip(paddingTo8(length))
    return { propertyClass, propertyType, data }
  },
  write(writer, { propertyClass, propertyType, data }) {
    const start = writer.length
    writer.u16(propertyClass)
    writer.u8(propertyType)
    writer.u8(data.length / 2 + HEADER_BYTES)
    writer.hex(data)
    writer.alignTo8(start)
  },
}

export const encap = struct({ headerSize: u16, packetType: u32, properties: list(property) })
