// Actions and instructions in the notation of `ovs-ofctl`.
import { hexFromNumber, numberFromHex, onesHex, renderHex } from '../../values/hex.js'
import type { Action, ActionOf } from '../actions/actions.js'
import { readToController } from '../actions/controller.js'
import { type Instruction, orderInstructions } from '../actions/instructions.js'
import { type Field, fieldNamed } from '../fields/fields.js'
import { PORT, portOf16, reservedPortName } from '../ports.js'
import { renderBits } from './bits.js'
import { renderDotted } from './dotted.js'
import { renderDecap, renderEncap } from './encap.js'
import { type PortNames, renderPort } from './port-names.js'
import { renderCt, renderNat } from './print-ct.js'
import { renderLearn } from './print-learn.js'
import {
  renderBundle,
  renderController,
  renderMultipath,
  renderResubmit,
  renderSample,
} from './print-nicira.js'
import { type MaskedValue, renderValue } from './value.js'

export function renderInstructions(instructions: readonly Instruction[], names: PortNames): string {
  const parts = orderInstructions(instructions).map((instruction) => renderInstruction(instruction, names))
  return parts.length === 0 ? 'drop' : parts.join(',')
}

function renderInstruction(instruction: Instruction, names: PortNames): string {
  switch (instruction.type) {
    case 'apply_actions':
      return renderActions(instruction.actions, names)
    case 'write_actions':
      return `write_actions(${renderActions(instruction.actions, names)})`
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

/** `output:1,output:2`; `drop` for none at all. */
export function renderActions(actions: readonly Action[], names: PortNames): string {
  return actions.length === 0 ? 'drop' : actions.map((action) => renderAction(action, names)).join(',')
}

type Renderers = {
  readonly [T in Action['type']]: (action: ActionOf<T>, names: PortNames) => string
}

export function renderAction(action: Action, names: PortNames): string {
  const render = RENDERERS[action.type] as (action: Action, names: PortNames) => string
  return render(action, names)
}

const byName = ({ type }: Action): string => type
const withEtherType = ({ type, etherType }: { readonly type: string; readonly etherType: number }) =>
  `${type}:0x${hexFromNumber(etherType, 2)}`

const RENDERERS: Renderers = {
  output: renderOutput,
  output_reg: ({ source }) => `output:${renderBits(source)}`,
  output_reg2: ({ source }) => `output:${renderBits(source)}`,
  output_trunc: ({ port, maxLen }, names) =>
    `output(port=${renderPort(portOf16(port), names)},max_len=${maxLen})`,
  group: ({ groupId }) => `group:${groupId}`,
  meter: ({ meterId }) => `meter:${meterId}`,
  set_queue: ({ queueId }) => `set_queue:${queueId}`,
  pop_queue: byName,
  controller: (action) => renderController(readToController(action)),
  controller2: (action) => renderController(readToController(action)),
  resubmit: ({ inPort }, names) => `resubmit:${renderPort(portOf16(inPort), names)}`,
  resubmit_table: renderResubmit,
  resubmit_table_ct: renderResubmit,
  set_field: renderSetField,
  reg_load2: renderSetField,
  reg_load: ({ target, value }) => `load:${renderHex(value)}->${renderBits(target)}`,
  move: renderMove,
  copy_field: renderMove,
  push: ({ source }) => `push:${renderBits(source)}`,
  pop: ({ target }) => `pop:${renderBits(target)}`,
  delete_field: ({ field }) => `delete_field:${fieldNamed(field).actionName.replace(/\/.*/, '')}`,
  set_tunnel: ({ tunnelId }) => `set_tunnel:0x${tunnelId.toString(16)}`,
  set_tunnel64: ({ tunnelId }) => `set_tunnel64:${renderHex(tunnelId)}`,
  push_vlan: withEtherType,
  pop_vlan: byName,
  push_mpls: withEtherType,
  pop_mpls: withEtherType,
  push_pbb: withEtherType,
  pop_pbb: byName,
  set_mpls_ttl: ({ ttl }) => `set_mpls_ttl(${ttl})`,
  dec_mpls_ttl: byName,
  set_nw_ttl: ({ ttl }) => `mod_nw_ttl:${ttl}`,
  dec_ttl: byName,
  dec_ttl_cnt_ids: ({ controllerIds }) => `dec_ttl(${controllerIds.join(',')})`,
  copy_ttl_out: byName,
  copy_ttl_in: byName,
  dec_nsh_ttl: byName,
  encap: renderEncap,
  decap: renderDecap,
  ct: (action, names) => renderCt(action, names, renderActions),
  ct_clear: byName,
  nat: renderNat,
  learn: renderLearn,
  learn2: renderLearn,
  note: ({ data }) => `note:${renderDotted(data)}`,
  conjunction: ({ id, clause, clauses }) => `conjunction(${id},${clause + 1}/${clauses})`,
  multipath: renderMultipath,
  bundle: renderBundle,
  bundle_load: renderBundle,
  sample: renderSample,
  sample2: renderSample,
  sample3: renderSample,
  clone: ({ actions }, names) => `clone(${renderActions(actions, names)})`,
  check_pkt_larger: ({ packetLength, target }) => `check_pkt_larger(${packetLength})->${renderBits(target)}`,
  fin_timeout: ({ idleTimeout, hardTimeout }) =>
    `fin_timeout(${[idleTimeout && `idle_timeout=${idleTimeout}`, hardTimeout && `hard_timeout=${hardTimeout}`].filter(Boolean).join(',')})`,
  exit: byName,
  opaque: ({ code, body }) => `action_${code}(${body})`,
}

function renderOutput({ port, maxLen }: ActionOf<'output'>, names: PortNames): string {
  if (port === PORT.CONTROLLER) return `CONTROLLER:${maxLen}`
  return reservedPortName(port) ?? `output:${renderPort(port, names)}`
}

function renderMove(action: ActionOf<'move' | 'copy_field'>): string {
  const { bits, source, sourceOffset, target, targetOffset } = action
  const from = renderBits({ field: source, offset: sourceOffset, bits })
  return `move:${from}->${renderBits({ field: target, offset: targetOffset, bits })}`
}

function renderSetField({ field: name, value, mask }: ActionOf<'set_field' | 'reg_load2'>, names: PortNames) {
  const field = fieldNamed(name)
  return `set_field:${renderSetValue(field, mask === undefined ? { value } : { value, mask }, names)}->${field.actionName}`
}

function renderSetValue(field: Field, { value, mask }: MaskedValue, names: PortNames): string {
  if (mask !== undefined && /^0+$/.test(mask)) return 'ANY'
  if (field.format === 'port' && field.bytes === 2) return renderPort(portOf16(numberFromHex(value)), names)
  return renderValue(field, mask === undefined ? { value } : { value, mask }, names)
}
