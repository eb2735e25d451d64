// OXS statistics of a flow (OpenFlow 1.5.1, section 7.2.4): counters as a list of fields, of which this program reads none
// but keeps all.
import type { Hex } from '../../values/hex.js'
import type { Layout } from './layout.js'
import { paddingTo8 } from './writer.js'

/** The fields as they came, headers included. */
export const oxsStats: Layout<Hex> = {
  read(reader) {
    reader.skip(2)
    const length = reader.u16()
    const fields = reader.hex(length - 4)
    reader.skip(paddingTo8(length))
    return fields
  },
  write(writer, fields) {
    const start = writer.length
    writer.u16(0)
    writer.u16(fields.length / 2 + 4)
    writer.hex(fields)
    writer.alignTo8(start)
  },
}
