// The small language in which messages are declared: one layout gives the reader, the writer and the type.
import type { Hex } from '../../values/hex.js'
import type { Version } from '../version.js'
import type { Reader } from './reader.js'
import type { Writer } from './writer.js'

// Methods, not function properties: TypeScript then takes Layout<number> for a Layout<unknown>.
export interface Layout<T> {
  read(reader: Reader, version: Version): T
  write(writer: Writer, value: T, version: Version): void
}

/** The record type that a layout describes. */
export type Infer<L> = L extends Layout<infer T> ? T : never

export const u8: Layout<number> = { read: (r) => r.u8(), write: (w, value) => w.u8(value) }
export const u16: Layout<number> = { read: (r) => r.u16(), write: (w, value) => w.u16(value) }
export const u32: Layout<number> = { read: (r) => r.u32(), write: (w, value) => w.u32(value) }
export const u64: Layout<Hex> = { read: (r) => r.hex(8), write: (w, value) => w.hex(value) }

/** All bytes that are left. Copied, so that a record does not keep its whole input alive. */
export const rest: Layout<Buffer> = {
  read: (r) => Buffer.from(r.bytes(r.remaining)),
  write: (w, value) => w.bytes(value),
}

/** Reserved bytes: written as zeros, ignored when read. Its key does not appear in the record. */
export function pad(count: number): Layout<undefined> {
  return {
    read: (r) => {
      r.skip(count)
      return undefined
    },
    write: (w) => w.zeros(count),
  }
}

type Fields = Readonly<Record<string, Layout<unknown>>>
type Visible<F extends Fields> = { [K in keyof F]: Infer<F[K]> extends undefined ? never : K }[keyof F]
type Struct<F extends Fields> = { readonly [K in Visible<F>]: Infer<F[K]> }

/** Fields one after the other. Keys of padding are only there to be unique. */
export function struct<const F extends Fields>(fields: F): Layout<Struct<F>> {
  const entries = Object.entries<Layout<unknown>>(fields)
  return {
    read(reader, version) {
      const record: Record<string, unknown> = {}
      for (const [key, layout] of entries) {
        const value = layout.read(reader, version)
        if (value !== undefined) record[key] = value
      }
      return record as Struct<F>
    },
    write(writer, record, version) {
      const values = record as Record<string, unknown>
      for (const [key, layout] of entries) layout.write(writer, values[key], version)
    },
  }
}

/** `layout` from a version on, `before` in older ones. */
export function since<T>(first: Version, layout: Layout<T>, before: Layout<T>): Layout<T> {
  const of = (version: Version) => (version >= first ? layout : before)
  return {
    read: (r, version) => of(version).read(r, version),
    write: (w, value, version) => of(version).write(w, value, version),
  }
}

/** A layout for a value that the bytes do not hold: reads as `value`, writes as `count` zeros. */
export function absent<T>(value: T, count: number): Layout<T> {
  return {
    read: (r) => {
      r.skip(count)
      return value
    },
    write: (w) => w.zeros(count),
  }
}

/** Items one after the other until the bytes end. */
export function list<T>(item: Layout<T>): Layout<readonly T[]> {
  return {
    read(reader, version) {
      const items: T[] = []
      while (reader.remaining > 0) items.push(item.read(reader, version))
      return items.slice() // an array that grew has room for 17 items, which a dump would keep a hundred thousand times
    },
    write(writer, items, version) {
      for (const value of items) item.write(writer, value, version)
    },
  }
}
