// The dump of a flow table: multipart types 1 and 2 (OpenFlow 1.5.1, sections 7.3.5.2 to 7.3.5.4). 1.5 holds counters as OXS
// fields, 1.3 as fixed numbers.
import { instructionList } from '../actions/instructions.js'
import { oxmMatch } from '../fields/match.js'
import type { Flow } from '../flow.js'
import type { Hex } from '../../values/hex.js'
import { OPENFLOW_14, OPENFLOW_15 } from '../version.js'
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
import { measured } from '../wire/sections.js'
import { oxsStats, type Stat } from '../wire/stats.js'

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

/** A flow with its counters: `stats` in 1.5, the others in 1.3 and 1.4. */
export interface FlowEntry extends Flow {
  readonly stats?: readonly Stat[]
  readonly durationSec?: number
  readonly durationNsec?: number
  readonly packetCount?: Hex
  readonly byteCount?: Hex
}

export const flowStatsEntry: Layout<FlowEntry> = since<FlowEntry>(
  OPENFLOW_15,
  measured(entry15 as Layout<FlowEntry>),
  measured(entry13 as Layout<FlowEntry>),
)

export const flowStatsReply = struct({ flows: list(flowStatsEntry) })

const sum13 = struct({ packetCount: u64, byteCount: u64, flowCount: u32, _: pad(4) })
const sum15 = struct({ stats: oxsStats })

export type FlowSum = Infer<typeof sum13> | Infer<typeof sum15>

export const aggregateReply: Layout<FlowSum> = since<FlowSum>(OPENFLOW_15, sum15, sum13)
