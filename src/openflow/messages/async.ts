// Which asynchronous messages a connection wants. The management socket sends none until it is asked
// (OpenFlow 1.5.1, section 7.3.10; 1.3.5, section 7.3.10: fixed masks, for primary and secondary).
import { OPENFLOW_14 } from '../version.js'
import { type Layout, since } from '../wire/layout.js'
import { malformed, type Reader } from '../wire/reader.js'
import type { Writer } from '../wire/writer.js'

/** Bit masks by reason. 1.3 has the first three alone. A mask that is left out stays as it was, from 1.4 on. */
export interface AsyncMasks {
  readonly packetIn?: number
  readonly portStatus?: number
  readonly flowRemoved?: number
  readonly roleStatus?: number
  readonly tableStatus?: number
  readonly requestForward?: number
}

/** For any role but secondary, and for secondary. */
export interface AsyncConfig extends AsyncMasks {
  readonly secondary?: AsyncMasks
}

/** In the order of their property types: twice the index for the secondary role, one more for the others. */
export const ASYNC_NAMES = [
  'packetIn',
  'portStatus',
  'flowRemoved',
  'roleStatus',
  'tableStatus',
  'requestForward',
] as const satisfies readonly (keyof AsyncMasks)[]

type Mutable = { -readonly [K in keyof AsyncMasks]: AsyncMasks[K] }

const NAMES_OF_13 = ASYNC_NAMES.slice(0, 3)

const fixedMasks: Layout<AsyncConfig> = {
  read(reader) {
    const primary: Mutable = {}
    const secondary: Mutable = {}
    for (const name of NAMES_OF_13) {
      primary[name] = reader.u32()
      secondary[name] = reader.u32()
    }
    return { ...primary, secondary }
  },
  write(writer, config) {
    for (const name of NAMES_OF_13) {
      writer.u32(config[name] ?? 0)
      writer.u32(config.secondary?.[name] ?? 0)
    }
  },
}

const PROPERTY_BYTES = 8

const maskProperties: Layout<AsyncConfig> = {
  read(reader) {
    const primary: Mutable = {}
    const secondary: Mutable = {}
    while (reader.remaining > 0) {
      const { type, mask } = readMask(reader)
      const name = ASYNC_NAMES[type >> 1]
      if (name) (type % 2 === 0 ? secondary : primary)[name] = mask
    }
    return Object.keys(secondary).length > 0 ? { ...primary, secondary } : primary
  },
  write(writer, config) {
    for (const [index, name] of ASYNC_NAMES.entries()) {
      writeMask(writer, index * 2, config.secondary?.[name])
      writeMask(writer, index * 2 + 1, config[name])
    }
  },
}

function readMask(reader: Reader): { readonly type: number; readonly mask: number } {
  const type = reader.u16()
  const length = reader.u16()
  if (length !== PROPERTY_BYTES) throw malformed(`an asynchronous mask of ${length} bytes`)
  return { type, mask: reader.u32() }
}

function writeMask(writer: Writer, type: number, mask: number | undefined): void {
  if (mask === undefined) return
  writer.u16(type)
  writer.u16(PROPERTY_BYTES)
  writer.u32(mask)
}

export const asyncConfig: Layout<AsyncConfig> = since(OPENFLOW_14, maskProperties, fixedMasks)
