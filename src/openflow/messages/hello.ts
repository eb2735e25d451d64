// Hello: which versions a side speaks (OpenFlow 1.5.1, section 7.5.1).
import type { Layout } from '../wire/layout.js'
import type { Reader } from '../wire/reader.js'
import { paddingTo8 } from '../wire/writer.js'

const VERSION_BITMAP = 1

/** `versions` is empty when the other side sent no bitmap: then it speaks the version in its header and all below. */
export const hello: Layout<{ readonly versions: readonly number[] }> = {
  read(reader) {
    const versions: number[] = []
    while (reader.remaining >= 4) versions.push(...readElement(reader))
    return { versions }
  },
  write(writer, { versions }) {
    writer.u16(VERSION_BITMAP)
    writer.u16(8)
    writer.u32(versions.reduce((bitmap, version) => (bitmap | (1 << version)) >>> 0, 0))
  },
}

function readElement(reader: Reader): readonly number[] {
  const type = reader.u16()
  const length = reader.u16()
  const element = reader.window(length - 4)
  reader.skip(Math.min(paddingTo8(length), reader.remaining))
  if (type !== VERSION_BITMAP || element.remaining < 4) return []
  const bitmap = element.u32()
  return Array.from({ length: 32 }, (_, version) => version).filter((version) => (bitmap >>> version) & 1)
}
