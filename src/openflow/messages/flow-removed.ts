// Flow removed: a flow with send_flow_rem has gone (OpenFlow 1.5.1, section 7.4.2; 1.3.5, section 7.4.2).
import { oxmMatch } from '../fields/match.js'
import { OPENFLOW_15 } from '../version.js'
import { since, struct, u16, u32, u64, u8 } from '../wire/layout.js'
import { oxsStats } from '../wire/stats.js'
import type { Layout } from '../wire/layout.js'
import type { Match } from '../fields/match.js'
import type { Hex } from '../../values/hex.js'

export interface FlowRemoved {
  readonly tableId: number
  readonly reason: number
  readonly priority: number
  readonly cookie: Hex
  readonly match: Match
}

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

export const flowRemoved: Layout<FlowRemoved> = since<FlowRemoved>(OPENFLOW_15, removed15, removed13)
