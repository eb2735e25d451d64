// Flow removed: a flow with send_flow_rem has gone (OpenFlow 1.5.1, section 7.4.2; 1.3.5, section 7.4.2).
import { oxmMatch } from '../fields/match.js'
import { OPENFLOW_15 } from '../version.js'
import { type Infer, type Layout, since, struct, u16, u32, u64, u8 } from '../wire/layout.js'
import { oxsStats } from '../wire/stats.js'

const removed13 = struct({
  cookie: u64,
  priority: u16,
  reason: u8,
  tableId: u8,
  durationSec: u32,
  durationNsec: u32,
  idleTimeout: u16,
  hardTimeout: u16,
  packetCount: u64,
  byteCount: u64,
  match: oxmMatch,
})

const removed15 = struct({
  tableId: u8,
  reason: u8,
  priority: u16,
  idleTimeout: u16,
  hardTimeout: u16,
  cookie: u64,
  match: oxmMatch,
  stats: oxsStats,
})

/** Counters are `stats` in 1.5, fields of their own before. */
export type FlowRemoved = Infer<typeof removed13> | Infer<typeof removed15>

export const flowRemoved: Layout<FlowRemoved> = since<FlowRemoved>(OPENFLOW_15, removed15, removed13)
