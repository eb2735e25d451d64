// What a feature says about a flow; the pipeline checks it against the declaration of its table.
import type { Instruction } from '../openflow/actions/instructions.js'
import { fieldNamed, wireRank } from '../openflow/fields/fields.js'
import type { MatchField } from '../openflow/fields/match.js'
import { type Flow, FLOW_FLAG } from '../openflow/flow.js'
import type { Hex } from '../values/hex.js'
import type { Table } from './stages.js'

export interface FlowSpec {
  readonly table: Table
  readonly priority: number
  readonly match: readonly MatchField[]
  readonly instructions: readonly Instruction[]
  /** Seconds without a packet until the switch drops the flow; 0: never */
  readonly idleTimeout: number
  /** Seconds until the switch drops the flow; 0: never */
  readonly hardTimeout: number
  /** Does the switch tell when the flow has gone? */
  readonly notifyRemoved: boolean
}

interface FlowOptions {
  readonly match?: readonly MatchField[]
  readonly instructions: readonly Instruction[]
  readonly idleTimeout?: number
  readonly hardTimeout?: number
  readonly notifyRemoved?: boolean
}

/** A flow of a table, by the name of its priority there. */
export function flow<T extends Table>(
  table: T,
  priority: keyof T['priorities'] & string,
  options: FlowOptions,
): FlowSpec {
  const { match = [], instructions, idleTimeout = 0, hardTimeout = 0, notifyRemoved = false } = options
  const number = table.priorities[priority]
  if (number === undefined) throw new Error(`table ${table.id} has no priority ${priority}`)
  return { table, priority: number, match, instructions, idleTimeout, hardTimeout, notifyRemoved }
}

/**
 * The flow as the switch holds it.
 * @throws Error when the flow breaks its table's declaration: a bug in a feature, caught by the first test that runs it
 */
export function buildFlow(spec: FlowSpec, cookie: Hex): Flow {
  checkFlow(spec)
  return {
    tableId: spec.table.id,
    priority: spec.priority,
    cookie,
    idleTimeout: spec.idleTimeout,
    hardTimeout: spec.hardTimeout,
    importance: 0,
    flags: spec.notifyRemoved ? FLOW_FLAG.send_flow_rem : 0,
    match: inWireOrder(spec.match),
    instructions: spec.instructions,
  }
}

/** Sorting takes longer than all else here, and most matches are said in order. */
function inWireOrder(match: readonly MatchField[]): readonly MatchField[] {
  const ranks = match.map(({ field }) => wireRank(field))
  if (ranks.every((rank, i) => i === 0 || rank >= (ranks[i - 1] ?? 0))) return match
  return [...match].sort((a, b) => wireRank(a.field) - wireRank(b.field))
}

function checkFlow({ table, match, instructions }: FlowSpec): void {
  for (const { field, value } of match) {
    if (!table.matches.includes(field))
      throw new Error(`table ${table.id} does not declare a match on ${field}`)
    if (value.length !== fieldNamed(field).bytes * 2) throw new Error(`${field}=${value} has the wrong width`)
  }
  for (const instruction of instructions) {
    if (instruction.type === 'goto_table' && instruction.tableId <= table.id) {
      throw new Error(`table ${table.id} cannot jump back to ${instruction.tableId}`)
    }
  }
}
