// A flow as it stands in a table, and the canonical form in which two flows are the same flow or are not
// (see docs/openflow.md, "When two flows are equal").
import type { Hex } from '../values/hex.js'
import { canonicalInstructions } from './actions/canonical.js'
import type { Instruction } from './actions/instructions.js'
import { canonicalMatch } from './fields/canonical.js'
import type { Match, MatchField } from './fields/match.js'

export interface Flow {
  readonly tableId: number
  /** 0..65535, larger wins */
  readonly priority: number
  /** 8 bytes: whose flow it is */
  readonly cookie: Hex
  /** Seconds without a packet until the switch drops the flow; 0: never */
  readonly idleTimeout: number
  /** Seconds until the switch drops the flow; 0: never */
  readonly hardTimeout: number
  readonly importance: number
  readonly flags: number
  readonly match: Match
  readonly instructions: readonly Instruction[]
}

export const FLOW_FLAG = {
  send_flow_rem: 1,
  check_overlap: 2,
  reset_counts: 4,
  no_packet_counts: 8,
  no_byte_counts: 16,
} as const

/** What ovs-ofctl takes, and leaves out of a dump, when a flow names no priority. */
export const DEFAULT_PRIORITY = 0x8000

/** These two say how to add a flow, not what it is, yet Open vSwitch gives them back in a dump. */
const ADD_TIME_FLAGS = FLOW_FLAG.check_overlap | FLOW_FLAG.reset_counts

/** Identity of a flow in its switch: table, priority and match. Adding a flow of equal key replaces the old one. */
export function flowKey({ tableId, priority, match }: Pick<Flow, 'tableId' | 'priority' | 'match'>): string {
  return `${tableId}/${priority}/${canonicalMatch(match).map(renderField).join(',')}`
}

/** What MODIFY_STRICT can change: the instructions alone. */
export function flowInstructions({ instructions }: Pick<Flow, 'instructions'>): string {
  return renderSorted(canonicalInstructions(instructions))
}

/** Text of a record with its keys in order: records that say the same may hold them in different order. */
function renderSorted(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(renderSorted).join(',')}]`
  if (typeof value !== 'object' || value === null) return String(value)
  const record = value as Readonly<Record<string, unknown>>
  const keys = Object.keys(record).sort()
  return `{${keys.map((key) => `${key}:${renderSorted(record[key])}`).join(',')}}`
}

/** What only a new ADD can change: cookie, timeouts, importance and flags. */
export function flowAttributes(flow: Flow): string {
  const { cookie, idleTimeout, hardTimeout, importance, flags } = flow
  return `${cookie}/${idleTimeout}/${hardTimeout}/${importance}/${flags & ~ADD_TIME_FLAGS}`
}

function renderField({ field, value, mask }: MatchField): string {
  return mask === undefined ? `${field}=${value}` : `${field}=${value}/${mask}`
}
