// Actions and instructions in the notation of `ovs-ofctl`.
import { hexFromNumber, onesHex, renderHex } from '../../values/hex.js'
import type { Action } from '../actions/actions.js'
import type { Instruction } from '../actions/instructions.js'
import { fieldNamed } from '../fields/fields.js'
import { canonicalInstructions } from '../flow.js'
import { PORT, reservedPortName } from '../ports.js'
import { type PortNames, renderPort } from './port-names.js'
import { renderValue } from './value.js'

export function renderInstructions(instructions: readonly Instruction[], names: PortNames): string {
  const parts = canonicalInstructions(instructions).map((instruction) =>
    renderInstruction(instruction, names),
  )
  return parts.length === 0 ? 'drop' : parts.join(',')
}

function renderInstruction(instruction: Instruction, names: PortNames): string {
  switch (instruction.type) {
    case 'apply_actions':
      return instruction.actions.map((action) => renderAction(action, names)).join(',')
    case 'write_actions':
      return `write_actions(${instruction.actions.map((action) => renderAction(action, names)).join(',')})`
    case 'clear_actions':
      return 'clear_actions'
    case 'meter':
      return `meter:${instruction.meterId}`
    case 'goto_table':
      return `goto_table:${instruction.tableId}`
    case 'write_metadata': {
      const mask = instruction.mask === onesHex(8) ? '' : `/${renderHex(instruction.mask)}`
      return `write_metadata:${renderHex(instruction.value)}${mask}`
    }
    case 'opaque':
      return `instruction_${instruction.code}(${instruction.body})`
  }
}

export function renderAction(action: Action, names: PortNames): string {
  switch (action.type) {
    case 'output':
      return renderOutput(action, names)
    case 'set_field':
      return `set_field:${renderValue(fieldNamed(action.field), action, names)}->${action.field}`
    case 'move':
      return `move:${bitRange(action.source, action.sourceOffset, action.bits)}->${bitRange(action.target, action.targetOffset, action.bits)}`
    case 'dec_ttl':
    case 'pop_vlan':
      return action.type
    case 'push_vlan':
      return `push_vlan:0x${hexFromNumber(action.etherType, 2)}`
    case 'set_nw_ttl':
      return `mod_nw_ttl:${action.ttl}`
    case 'group':
      return `group:${action.groupId}`
    case 'set_queue':
      return `set_queue:${action.queueId}`
    case 'opaque':
      return `action_${action.code}(${action.body})`
  }
}

function renderOutput({ port, maxLen }: Extract<Action, { type: 'output' }>, names: PortNames): string {
  if (port === PORT.CONTROLLER) return `CONTROLLER:${maxLen}`
  return reservedPortName(port) ?? `output:${renderPort(port, names)}`
}

/** `NXM_NX_TUN_ID[0..31]`, or `NXM_NX_ARP_SHA[]` for the whole field. */
function bitRange(name: string, offset: number, bits: number): string {
  const field = fieldNamed(name)
  if (offset === 0 && bits === field.bits) return `${field.moveName}[]`
  return bits === 1 ? `${field.moveName}[${offset}]` : `${field.moveName}[${offset}..${offset + bits - 1}]`
}
