// The learn action in the notation of `ovs-ofctl`.
import { type Hex, renderHex, zeroHex } from '../../values/hex.js'
import type { ActionOf } from '../actions/actions.js'
import { type FieldStart, LEARN_FLAG, type LearnSpec } from '../actions/learn.js'
import { fieldNamed } from '../fields/fields.js'
import { DEFAULT_PRIORITY } from '../flow.js'
import { renderBits } from './bits.js'
import type { PortNames } from './port-names.js'
import { joined } from './print-nicira.js'
import { renderValue } from './value.js'

export function renderLearn(action: ActionOf<'learn' | 'learn2'>, names: PortNames): string {
  const { tableId, idleTimeout, hardTimeout, finIdleTimeout, finHardTimeout, priority, flags, cookie } =
    action
  const { limit, result } = action.type === 'learn2' ? action : { limit: 0, result: undefined }
  return `learn(${joined([
    `table=${tableId}`,
    idleTimeout !== 0 && `idle_timeout=${idleTimeout}`,
    hardTimeout !== 0 && `hard_timeout=${hardTimeout}`,
    finIdleTimeout !== 0 && `fin_idle_timeout=${finIdleTimeout}`,
    finHardTimeout !== 0 && `fin_hard_timeout=${finHardTimeout}`,
    priority !== DEFAULT_PRIORITY && `priority=${priority}`,
    (flags & LEARN_FLAG.send_flow_rem) !== 0 && 'send_flow_rem',
    (flags & LEARN_FLAG.delete_learned) !== 0 && 'delete_learned',
    cookie !== zeroHex(8) && `cookie=${renderHex(cookie)}`,
    limit !== 0 && `limit=${limit}`,
    result !== undefined && `result_dst=${renderBits(result)}`,
    ...action.specs.map((spec) => renderSpec(spec, names)),
  ])})`
}

function renderSpec({ to, bits, source, target }: LearnSpec, names: PortNames): string {
  const range = ({ field, offset }: FieldStart) => renderBits({ field, offset, bits })
  const isConstant = typeof source === 'string'
  const from = isConstant ? renderHex(source) : range(source)
  if (!target) return `output:${from}`
  if (to === 'load') return `load:${from}->${range(target)}`
  if (isConstant) return renderConstant({ bits, source, target }, names) ?? `${range(target)}=${from}`
  return from === range(target) ? from : `${range(target)}=${from}`
}

interface Constant {
  readonly bits: number
  readonly source: Hex
  readonly target: FieldStart
}

/** A whole field is shown by its own name, its value as in a match. */
function renderConstant({ bits, source, target }: Constant, names: PortNames): string | undefined {
  const field = fieldNamed(target.field)
  if (target.offset !== 0 || bits !== field.bits) return undefined
  const value = source.slice(-field.bytes * 2).padStart(field.bytes * 2, '0') as Hex
  return `${field.actionName}=${renderValue(field, { value }, names)}`
}
