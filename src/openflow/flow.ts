// A flow as it stands in a table, and the canonical form in which two flows are the same flow or are not
// (see docs/openflow.md, "When two flows are equal").
import { type Hex, zeroHex } from '../values/hex.js'
import { compareText } from '../errors/position.js'
import type { Instruction } from './actions/instructions.js'
import { allOnes, fieldNamed } from './fields/fields.js'
import type { Match, MatchField } from './fields/match.js'
import { splitRegisters } from './fields/registers.js'

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
export function flowInstructions({ instructions }: Flow): string {
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

/** Registers one by one, fields by name; value bits outside the mask cleared, a mask of all ones dropped, a field masked to nothing left out. */
export function canonicalMatch(match: Match): Match {
  return match
    .flatMap(splitRegisters)
    .map(canonicalField)
    .filter(({ mask, field }) => mask !== zeroHex(fieldNamed(field).bytes))
    .sort((a, b) => compareText(a.field, b.field))
}

function canonicalField({ field, value, mask }: MatchField): MatchField {
  if (mask === undefined || mask === allOnes(fieldNamed(field))) return { field, value }
  return { field, value: andHex(value, mask), mask }
}

/** Bitwise and of two texts of equal width, 32 bits at a time. */
export function andHex(a: Hex, b: Hex): Hex {
  let both = ''
  for (let at = 0; at < a.length; at += 8) {
    const [left, right] = [a.slice(at, at + 8), b.slice(at, at + 8)]
    const bits = (Number.parseInt(left, 16) & Number.parseInt(right, 16)) >>> 0
    both += bits.toString(16).padStart(left.length, '0')
  }
  return both as Hex
}

function renderField({ field, value, mask }: MatchField): string {
  return mask === undefined ? `${field}=${value}` : `${field}=${value}/${mask}`
}

/** The order in which the switch executes and gives back instructions (OpenFlow 1.5.1, section 5.5). */
const INSTRUCTION_ORDER: readonly Instruction['type'][] = [
  'meter',
  'apply_actions',
  'clear_actions',
  'write_actions',
  'write_metadata',
  'goto_table',
  'opaque',
]

/** In the switch's order, without empty lists of actions. */
export function canonicalInstructions(instructions: readonly Instruction[]): readonly Instruction[] {
  return instructions
    .filter((instruction) => !('actions' in instruction) || instruction.actions.length > 0)
    .sort((a, b) => INSTRUCTION_ORDER.indexOf(a.type) - INSTRUCTION_ORDER.indexOf(b.type))
}
