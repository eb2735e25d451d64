// The dump of a flow table: multipart types 1 and 2 (OpenFlow 1.5.1, sections 7.3.5.2 to 7.3.5.4). 1.5 holds counters as OXS
// fields, 1.3 as fixed numbers.
import { instructionList } from '../actions/instructions.js'
import { oxmMatch } from '../fields/match.js'
import type { Flow } from '../flow.js'
import { OPENFLOW_14, OPENFLOW_15, type Version } from '../version.js'
import {
  absent,
  type Infer,
  type Layout,
  list,
  pad,
  since,
  struct,
  u16,
  u32,
  u64,
  u8,
} from '../wire/layout.js'
import type { Reader } from '../wire/reader.js'
import { measured } from '../wire/sections.js'
import { oxsStats, type Stats } from '../wire/stats.js'

/** Which flows: the same for a dump and for a sum over them. */
export const flowStatsRequest = struct({
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

/**
 * What `entry15` reads, as one literal: it has all its keys from the start, so takes no more room than it needs, nor time to
 * grow. Of the records of this program a switch sends these by the hundred thousand.
 */
function readEntry15(reader: Reader, version: Version): Infer<typeof entry15> {
  reader.skip(2)
  const tableId = reader.u8()
  reader.skip(1)
  return {
    tableId,
    priority: reader.u16(),
    idleTimeout: reader.u16(),
    hardTimeout: reader.u16(),
    flags: reader.u16(),
    importance: reader.u16(),
    cookie: reader.hex(8),
    match: oxmMatch.read(reader, version),
    stats: oxsStats.read(reader, version),
    instructions: instructionList.read(reader, version),
  }
}

/** A flow with its counters: `stats` in 1.5, the others in 1.3 and 1.4. */
export interface FlowEntry
  extends Flow, Pick<Stats, 'durationSec' | 'durationNsec' | 'packetCount' | 'byteCount'> {
  readonly stats?: Stats
}

export const flowStatsEntry: Layout<FlowEntry> = since<FlowEntry>(
  OPENFLOW_15,
  measured<FlowEntry>({ ...entry15, read: readEntry15 }),
  measured(entry13 as Layout<FlowEntry>),
)

export const flowStatsReply = struct({ flows: list(flowStatsEntry) })

const sum13 = struct({ packetCount: u64, byteCount: u64, flowCount: u32, _: pad(4) })
const sum15 = struct({ stats: oxsStats })

export type FlowSum = Infer<typeof sum13> | Infer<typeof sum15>

export const aggregateReply: Layout<FlowSum> = since<FlowSum>(OPENFLOW_15, sum15, sum13)
