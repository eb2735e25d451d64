// The dump of a flow table: multipart type 1 (OpenFlow 1.5.1, sections 7.3.5.2 and 7.3.5.4). The entries of 1.5 hold their
// counters as OXS fields, those of 1.3 as fixed numbers.
import { instructionList } from '../actions/instructions.js'
import { oxmMatch } from '../fields/match.js'
import type { Flow } from '../flow.js'
import { OPENFLOW_14, OPENFLOW_15 } from '../version.js'
import { absent, type Layout, list, pad, since, struct, u16, u32, u64, u8 } from '../wire/layout.js'
import { oxsStats } from '../wire/stats.js'

export const flowStatsRequest = struct({
  flags: u16,
  _1: pad(4),
  tableId: u8,
  _2: pad(3),
  outPort: u32,
  outGroup: u32,
  _3: pad(4),
  cookie: u64,
  cookieMask: u64,
  match: oxmMatch,
})

const entry13 = struct({
  tableId: u8,
  _1: pad(1),
  durationSec: u32,
  durationNsec: u32,
  priority: u16,
  idleTimeout: u16,
  hardTimeout: u16,
  flags: u16,
  importance: since(OPENFLOW_14, u16, absent(0, 2)),
  _2: pad(2),
  cookie: u64,
  packetCount: u64,
  byteCount: u64,
  match: oxmMatch,
  instructions: instructionList,
})

const entry15 = struct({
  _1: pad(2),
  tableId: u8,
  _2: pad(1),
  priority: u16,
  idleTimeout: u16,
  hardTimeout: u16,
  flags: u16,
  importance: u16,
  cookie: u64,
  match: oxmMatch,
  stats: oxsStats,
  instructions: instructionList,
})

/** An entry opens with its own length. */
function measured<T>(body: Layout<T>): Layout<T> {
  return {
    read(reader, version) {
      const length = reader.u16()
      return body.read(reader.window(length - 2), version)
    },
    write(writer, value, version) {
      const start = writer.length
      writer.u16(0)
      body.write(writer, value, version)
      writer.patchU16(start, writer.length - start)
    },
  }
}

/** Entries are flows; their counters are kept beside and not declared in the type, as no code reads them yet. */
export const flowStatsEntry: Layout<Flow> = since<Flow>(
  OPENFLOW_15,
  measured(entry15 as Layout<Flow>),
  measured(entry13 as Layout<Flow>),
)

/** Bit 0 of `flags`: more parts follow. */
export const MULTIPART_MORE = 1

export const flowStatsReply = struct({ flags: u16, _: pad(4), flows: list(flowStatsEntry) })
