// Type-length-value items (actions, instructions): the set of kinds is data, a kind this table does not know keeps its
// bytes, so that foreign flows pass through unharmed.
import type { Hex } from '../../values/hex.js'
import { OPENFLOW_13, OPENFLOW_14, OPENFLOW_15, VERSIONS, type Version } from '../version.js'
import type { Infer, Layout } from './layout.js'
import { malformed, type Reader } from './reader.js'
import type { Writer } from './writer.js'

/** How a kind is told apart on the wire: a plain type, or 0xffff with an experimenter's id and subtype. */
export interface TlvCode {
  readonly type: number
  readonly experimenter?: number
  readonly subtype?: number
}

export interface TlvKind<T> {
  /** Code in each version; a version without the kind has none. */
  readonly code: Readonly<Record<Version, TlvCode | undefined>>
  readonly layout: Layout<T>
}

export type TlvKinds = Readonly<Record<string, TlvKind<unknown>>>

/** An item of a kind that the table does not list: everything behind its type and length. */
export interface OpaqueTlv {
  readonly type: 'opaque'
  readonly code: number
  readonly body: Hex
}

export type TlvRecord<K extends TlvKinds> =
  { [N in keyof K & string]: { readonly type: N } & Infer<K[N]['layout']> }[keyof K & string] | OpaqueTlv

const EXPERIMENTER = 0xffff

/** Experimenter id of Nicira, whose extensions Open vSwitch speaks. */
const NICIRA = 0x00002320

/** Experimenter id of the Open Networking Foundation, which gives parts of newer versions to older ones. */
const ONF = 0x4f4e4600

export const standard = (type: number): TlvCode => ({ type })
export const nicira = (subtype: number): TlvCode => ({ type: EXPERIMENTER, experimenter: NICIRA, subtype })
export const onf = (subtype: number): TlvCode => ({ type: EXPERIMENTER, experimenter: ONF, subtype })

/** A code of OpenFlow 1.3 alone. */
export function only13(code: TlvCode): TlvKind<unknown>['code'] {
  return { [OPENFLOW_13]: code, [OPENFLOW_14]: undefined, [OPENFLOW_15]: undefined }
}

/** A code that 1.5 gave to what older versions do not have, or have by another code. */
export function changed(before: TlvCode | undefined, from15: TlvCode | undefined): TlvKind<unknown>['code'] {
  return { [OPENFLOW_13]: before, [OPENFLOW_14]: before, [OPENFLOW_15]: from15 }
}

/** The same code in every version. */
export function always(code: TlvCode): TlvKind<unknown>['code'] {
  return { [OPENFLOW_13]: code, [OPENFLOW_14]: code, [OPENFLOW_15]: code }
}

/**
 * A layout of one item out of a table of kinds, padded to 8 bytes; the length field counts the padding. An item with
 * more behind what its kind knows than padding stays opaque, so that nothing in it is lost.
 */
export function tlv<const K extends TlvKinds>(kinds: K): Layout<TlvRecord<K>> {
  const byVersion = new Map(VERSIONS.map((version) => [version, indexByCode(kinds, version)]))
  return {
    read(reader, version) {
      const { code, body } = readItem(reader)
      const index = byVersion.get(version)
      const found = code.type === EXPERIMENTER ? experimenterKind(index, body) : index?.get(keyOf(code))
      const opaque = body.fork()
      if (found) {
        body.skip(found.skip)
        const record = found.kind.layout.read(body, version) as object
        if (isPadding(body)) return { type: found.name, ...record } as TlvRecord<K>
      }
      return { type: 'opaque', code: code.type, body: opaque.hex(opaque.remaining) }
    },
    write: (writer, item, version) => writeItem(writer, item, kinds, version),
  }
}

/** Bytes of the next item, which follow its type. */
export function tlvExtent(reader: Reader): number {
  return reader.byteAhead(2) * 256 + reader.byteAhead(3)
}

function isPadding(rest: Reader): boolean {
  return rest.remaining === 0 || (rest.remaining < 8 && /^0*$/.test(rest.hex(rest.remaining)))
}

interface IndexEntry {
  readonly name: string
  readonly kind: TlvKind<unknown>
  /** Bytes of the body that only tell the kind. */
  readonly skip: number
}

type Index = ReadonlyMap<number, IndexEntry>

/** A number for each code: experimenters have 32 bits, types and subtypes 16. */
function keyOf({ type, experimenter, subtype = 0 }: TlvCode): number {
  return experimenter === undefined ? type : (experimenter + 1) * 0x10000 + subtype
}

function indexByCode(kinds: TlvKinds, version: Version): Index {
  const entries = Object.entries<TlvKind<unknown>>(kinds).flatMap(([name, kind]) => {
    const code = kind.code[version]
    return code ? [[keyOf(code), { name, kind, skip: code.type === EXPERIMENTER ? 6 : 0 }] as const] : []
  })
  return new Map(entries)
}

function readItem(reader: Reader): { code: TlvCode; body: Reader } {
  const type = reader.u16()
  const length = reader.u16()
  if (length < 4) throw malformed(`an item of ${length} bytes`)
  return { code: { type }, body: reader.window(length - 4) }
}

function experimenterKind(index: Index | undefined, body: Reader): IndexEntry | undefined {
  if (body.remaining < 6) return undefined
  const ahead = body.fork()
  const experimenter = ahead.u32()
  const subtype = ahead.u16()
  return index?.get(keyOf({ type: EXPERIMENTER, experimenter, subtype }))
}

function writeItem(writer: Writer, item: { readonly type: string }, kinds: TlvKinds, version: Version): void {
  const start = writer.length
  if (item.type === 'opaque') {
    const { code, body } = item as OpaqueTlv
    writer.u16(code)
    writer.u16(body.length / 2 + 4)
    writer.hex(body)
    return
  }
  const kind = kinds[item.type]
  const code = kind?.code[version]
  if (!kind || !code) throw new Error(`${item.type} cannot be said in OpenFlow version 0x0${version}`)
  writer.u16(code.type)
  writer.u16(0)
  if (code.experimenter !== undefined) {
    writer.u32(code.experimenter)
    writer.u16(code.subtype ?? 0)
  }
  kind.layout.write(writer, item, version)
  writer.alignTo8(start)
  writer.patchU16(start + 2, writer.length - start)
}
