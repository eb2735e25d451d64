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

export const standard = (type: number): TlvCode => ({ type })
export const nicira = (subtype: number): TlvCode => ({ type: EXPERIMENTER, experimenter: NICIRA, subtype })

/** The same code in every version. */
export function always(code: TlvCode): TlvKind<unknown>['code'] {
  return { [OPENFLOW_13]: code, [OPENFLOW_14]: code, [OPENFLOW_15]: code }
}

/** A layout of one item out of a table of kinds, padded to 8 bytes; the length field counts the padding. */
export function tlv<const K extends TlvKinds>(kinds: K): Layout<TlvRecord<K>> {
  const index = indexByCode(kinds)
  return {
    read(reader, version) {
      const { code, body } = readItem(reader)
      const found =
        code.type === EXPERIMENTER ? experimenterKind(index, version, body) : index.get(key(version, code))
      if (!found) return { type: 'opaque', code: code.type, body: body.hex(body.remaining) }
      if (found.skip > 0) body.skip(found.skip)
      return { type: found.name, ...(found.kind.layout.read(body, version) as object) } as TlvRecord<K>
    },
    write: (writer, item, version) => writeItem(writer, item, kinds, version),
  }
}

interface IndexEntry {
  readonly name: string
  readonly kind: TlvKind<unknown>
  /** Bytes of the body that only tell the kind. */
  readonly skip: number
}

function key(version: Version, { type, experimenter = 0, subtype = 0 }: TlvCode): string {
  return `${version}/${type}/${experimenter}/${subtype}`
}

function indexByCode(kinds: TlvKinds): ReadonlyMap<string, IndexEntry> {
  const index = new Map<string, IndexEntry>()
  for (const [name, kind] of Object.entries<TlvKind<unknown>>(kinds)) {
    for (const version of VERSIONS) {
      const code = kind.code[version]
      if (code) index.set(key(version, code), { name, kind, skip: code.type === EXPERIMENTER ? 6 : 0 })
    }
  }
  return index
}

function readItem(reader: Reader): { code: TlvCode; body: Reader } {
  const type = reader.u16()
  const length = reader.u16()
  if (length < 4) throw malformed(`an item of ${length} bytes`)
  return { code: { type }, body: reader.window(length - 4) }
}

function experimenterKind(
  index: ReadonlyMap<string, IndexEntry>,
  version: Version,
  body: Reader,
): IndexEntry | undefined {
  if (body.remaining < 6) return undefined
  const { experimenter, subtype } = body.peek((ahead) => ({
    experimenter: ahead.u32(),
    subtype: ahead.u16(),
  }))
  return index.get(key(version, { type: EXPERIMENTER, experimenter, subtype }))
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
