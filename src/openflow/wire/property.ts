// Properties, which OpenFlow 1.4 introduced (OpenFlow 1.5.1, section 7.2.1.2): type, length, body, and padding to 8 bytes
// that the length does not count. A property no table lists keeps its bytes.
import type { Hex } from '../../values/hex.js'
import { type Infer, type Layout, list } from './layout.js'
import { malformed, type Reader } from './reader.js'
import { paddingTo8, type Writer } from './writer.js'

export interface PropertyKind<T> {
  readonly code: number
  /** 8 bytes behind the type 0xffff: whose property it is, and which of theirs. */
  readonly experimenter?: Hex
  readonly layout: Layout<T>
}

export type PropertyKinds = Readonly<Record<string, PropertyKind<unknown>>>

export interface OpaqueProperty {
  readonly type: 'opaque'
  readonly code: number
  readonly body: Hex
}

export type PropertyRecord<K extends PropertyKinds> =
  { [N in keyof K & string]: { readonly type: N } & Infer<K[N]['layout']> }[keyof K & string] | OpaqueProperty

const EXPERIMENTER = 0xffff

/** Whose property, and which of theirs. */
export const EXPERIMENTER_BYTES = 8

/** Properties one after the other until the bytes end. */
export function properties<const K extends PropertyKinds>(kinds: K): Layout<readonly PropertyRecord<K>[]> {
  const index = new Map(Object.entries(kinds).map(([name, kind]) => [keyOf(kind), { name, kind }]))
  return list<PropertyRecord<K>>({
    read(reader, version) {
      const { code, body } = readItem(reader)
      const found = index.get(keyOf({ code, experimenter: peekExperimenter(code, body) }))
      if (!found) return { type: 'opaque', code, body: body.hex(body.remaining) }
      if (code === EXPERIMENTER) body.skip(EXPERIMENTER_BYTES)
      const { name, kind } = found
      return { type: name, ...(kind.layout.read(body, version) as object) } as PropertyRecord<K>
    },
    write(writer, property, version) {
      const kind = (kinds as Readonly<Partial<Record<string, PropertyKind<unknown>>>>)[property.type]
      if (!kind) {
        const { code, body } = property as OpaqueProperty
        writeItem(writer, code, () => writer.hex(body))
        return
      }
      writeItem(writer, kind.code, () => {
        if (kind.experimenter !== undefined) writer.hex(kind.experimenter)
        kind.layout.write(writer, property, version)
      })
    },
  })
}

function keyOf({ code, experimenter }: { readonly code: number; readonly experimenter?: Hex | undefined }) {
  return experimenter === undefined ? code : experimenter
}

function peekExperimenter(code: number, body: Reader): Hex | undefined {
  if (code !== EXPERIMENTER || body.remaining < EXPERIMENTER_BYTES) return undefined
  return body.fork().hex(EXPERIMENTER_BYTES)
}

function readItem(reader: Reader): { readonly code: number; readonly body: Reader } {
  const code = reader.u16()
  const length = reader.u16()
  if (length < 4) throw malformed(`a property of ${length} bytes`)
  const body = reader.window(length - 4)
  reader.skip(paddingTo8(length))
  return { code, body }
}

function writeItem(writer: Writer, code: number, writeBody: () => void): void {
  const start = writer.length
  writer.u16(code)
  writer.u16(0)
  writeBody()
  writer.patchU16(start + 2, writer.length - start)
  writer.alignTo8(start)
}

interface Place<P> {
  readonly layout: Layout<object>
  /** Written when the record lacks the property. */
  readonly absent: P
}

/** What an older version says in fields at fixed places, as the properties that newer ones have for it. */
export function fixedProperties<P extends { readonly type: string }>(
  places: readonly Place<P>[],
): Layout<readonly P[]> {
  return {
    read: (reader, version) =>
      places.map(({ layout, absent }) => ({ ...absent, ...layout.read(reader, version) })),
    write(writer, items, version) {
      for (const { layout, absent } of places)
        layout.write(writer, items.find(({ type }) => type === absent.type) ?? absent, version)
    },
  }
}
