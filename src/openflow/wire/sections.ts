// Layouts for parts that carry their own length: entries of a list, sections between fixed fields, texts of fixed width.
import type { Hex } from '../../values/hex.js'
import type { Layout } from './layout.js'
import { paddingTo8 } from './writer.js'

/** A record that opens with its own length (16 bits, itself included). */
export function measured<T extends object>(body: Layout<T>): Layout<T> {
  return {
    read: (reader, version) => body.read(reader.window(reader.u16() - 2), version),
    write(writer, value, version) {
      const start = writer.length
      writer.u16(0)
      body.write(writer, value, version)
      writer.patchU16(start, writer.length - start)
    },
  }
}

interface Head<H> {
  readonly head: Layout<H>
  /** Width of what the head describes, which the length counts too. */
  readonly headBytes: number
}

/** A record whose length (16 bits) stands behind its first fields. */
export function measuredAfter<H extends object, T extends object>(
  { head, headBytes }: Head<H>,
  body: Layout<T>,
): Layout<H & T> {
  return {
    read(reader, version) {
      const first = head.read(reader, version)
      const length = reader.u16()
      return { ...first, ...body.read(reader.window(length - headBytes - 2), version) }
    },
    write(writer, value, version) {
      const start = writer.length
      head.write(writer, value, version)
      const lengthAt = writer.length
      writer.u16(0)
      body.write(writer, value, version)
      writer.patchU16(lengthAt, writer.length - start)
    },
  }
}

/** Parts one after the other, their fields in one record. */
export function sequence<A extends object, B extends object>(a: Layout<A>, b: Layout<B>): Layout<A & B> {
  return {
    read(reader, version) {
      const first = a.read(reader, version)
      return { ...first, ...b.read(reader, version) }
    },
    write(writer, value, version) {
      a.write(writer, value, version)
      b.write(writer, value, version)
    },
  }
}

/**
 * A section named `name` whose length (16 bits) stands before other fields.
 * @param between what stands between the length and the section
 * @param aligned the section is padded to 8 bytes, which its length does not count
 */
export function counted<const N extends string, T, B extends object>(
  name: N,
  section: Layout<T>,
  between: Layout<B>,
  { aligned = false } = {},
): Layout<B & { readonly [K in N]: T }> {
  return {
    read(reader, version) {
      const length = reader.u16()
      const fields = between.read(reader, version)
      const value = section.read(reader.window(length), version)
      if (aligned) reader.skip(paddingTo8(length))
      return { ...fields, [name]: value } as B & { readonly [K in N]: T }
    },
    write(writer, record, version) {
      const lengthAt = writer.length
      writer.u16(0)
      between.write(writer, record, version)
      const start = writer.length
      section.write(writer, record[name], version)
      writer.patchU16(lengthAt, writer.length - start)
      if (aligned) writer.alignTo8(start)
    },
  }
}

/** `bytes` bytes as hexadecimal digits. */
export function hexOf(bytes: number): Layout<Hex> {
  return { read: (r) => r.hex(bytes), write: (w, value) => w.hex(value) }
}

/** All bytes that are left, as hexadecimal digits. */
export const hexRest: Layout<Hex> = {
  read: (r) => r.hex(r.remaining),
  write: (w, value) => w.hex(value),
}

/** Text in a place of fixed width, filled up with zeros. */
export function text(bytes: number): Layout<string> {
  return {
    read(reader) {
      const place = reader.bytes(bytes)
      const end = place.indexOf(0)
      return place.toString('utf8', 0, end < 0 ? bytes : end)
    },
    write(writer, value) {
      const place = Buffer.alloc(bytes)
      place.write(value, 'utf8')
      writer.bytes(place)
    },
  }
}
