// Actions in canonical form: what does the same, or what Open vSwitch takes for the same, is the same record.
import { andHex, type Hex, hexFromNumber, orHex, zeroHex } from '../../values/hex.js'
import { allOnes, fieldNamed } from '../fields/fields.js'
import { NO_PORT_16, PORT, WHOLE_PACKET } from '../ports.js'
import type { Action, ActionOf } from './actions.js'
import { readToController, toController } from './controller.js'
import { NAT_FLAG, NO_TABLE } from './ct.js'
import { hoistMeter, type Instruction, orderInstructions } from './instructions.js'
import { setFieldOfLoad } from './loads.js'
import { mapActions } from './nested.js'

/** In the switch's order, the meter as an instruction, without empty lists of actions. */
export function canonicalInstructions(instructions: readonly Instruction[]): readonly Instruction[] {
  return orderInstructions(
    hoistMeter(instructions).map((instruction) =>
      'actions' in instruction
        ? { ...instruction, actions: canonicalActions(instruction.actions) }
        : instruction,
    ),
  )
}

export function canonicalActions(actions: readonly Action[]): readonly Action[] {
  return mergeSetFields(mapActions(canonicalNames(actions), canonicalAction))
}

function canonicalAction(action: Action): readonly Action[] {
  switch (action.type) {
    case 'output':
      return [action.port === PORT.CONTROLLER ? action : { ...action, maxLen: 0 }]
    case 'output_reg':
    case 'output_reg2':
      return [{ type: 'output_reg', source: action.source, maxLen: WHOLE_PACKET }]
    case 'set_field':
    case 'reg_load2':
      return canonicalSetField(action)
    case 'reg_load':
      return canonicalSetField(setFieldOfLoad(action))
    case 'set_tunnel':
      return [{ type: 'set_field', field: 'tun_id', value: hexFromNumber(action.tunnelId, 8) }]
    case 'set_tunnel64':
      return [{ type: 'set_field', field: 'tun_id', value: action.tunnelId }]
    case 'move':
    case 'copy_field':
      return [canonicalMove(action)]
    case 'controller':
    case 'controller2':
      return [toController(readToController(action))]
    case 'resubmit':
      return [{ type: 'resubmit_table', inPort: action.inPort, tableId: NO_TABLE }]
    case 'note':
      return [{ type: 'note', data: withoutTrailingZeros(action.data) }]
    case 'nat':
      return [canonicalNat(action)]
    case 'sample2':
    case 'sample3':
      return [canonicalSample(action)]
    case 'learn2':
      return [canonicalLearn(action)]
    case 'ct':
    case 'clone':
      return [{ ...action, actions: mergeSetFields(action.actions) }]
    default:
      return [action]
  }
}

/** Every `field` in a record by the field's own name; a record that has them so is given back as it is. */
function canonicalNames<T>(record: T): T {
  if (typeof record !== 'object' || record === null) return record
  let copy: Record<string, unknown> | undefined
  for (const [key, value] of Object.entries(record)) {
    const named: unknown =
      key === 'field' && typeof value === 'string' ? canonicalName(value) : canonicalNames<unknown>(value)
    if (named !== value)
      (copy ??= (Array.isArray(record) ? [...record] : { ...record }) as Record<string, unknown>)[key] = named
  }
  return (copy as T | undefined) ?? record
}

function canonicalName(field: string): string {
  return fieldNamed(field).canonical
}

function canonicalMove(move: ActionOf<'move' | 'copy_field'>): Action {
  return { ...move, type: 'move', source: canonicalName(move.source), target: canonicalName(move.target) }
}

/** By hand: a pattern would look at each zero of a long note anew from every place. */
function withoutTrailingZeros(hex: Hex): Hex {
  let end = hex.length
  while (end > 0 && hex.endsWith('00', end)) end -= 2
  return hex.slice(0, end) as Hex
}

type SetField = ActionOf<'set_field'>

/** No bits outside the mask, no mask that says all, nothing that sets no bits. Leading zeros of a value of varying width mean nothing. */
function canonicalSetField(given: Omit<SetField, 'type'>): readonly SetField[] {
  const def = fieldNamed(given.field)
  const { value, mask } = def.variable ? withoutLeadingZeros(given) : given
  const set: SetField = { type: 'set_field', field: def.canonical, value }
  if (mask === undefined || mask === allOnes(def)) return [set]
  const bits = def.variable ? mask : andHex(mask, allOnes(def))
  if (/^0*$/.test(bits)) return []
  return bits === allOnes(def) ? [set] : [{ ...set, value: andHex(value, bits), mask: bits }]
}

function withoutLeadingZeros({ value, mask }: Omit<SetField, 'type'>): { value: Hex; mask?: Hex } {
  if (mask === undefined) return { value: value.replace(/^(00)+/, '') as Hex }
  const bits = mask.replace(/^(00)+/, '') as Hex
  return { value: value.slice(value.length - bits.length) as Hex, mask: bits }
}

/** Neighbours that set different bits of one field, as loads do what one set-field does. */
function mergeSetFields(actions: readonly Action[]): readonly Action[] {
  const merged: Action[] = []
  for (const action of actions) {
    const last = merged.at(-1)
    const both = last && mergedSetField(last, action)
    if (both) merged.splice(-1, 1, both)
    else merged.push(action)
  }
  return merged
}

function mergedSetField(a: Action, b: Action): SetField | undefined {
  if (a.type !== 'set_field' || b.type !== 'set_field' || a.field !== b.field) return undefined
  if (a.mask === undefined || b.mask === undefined || a.mask.length !== b.mask.length) return undefined
  if (andHex(a.mask, b.mask) !== zeroHex(a.mask.length / 2)) return undefined
  const [value, mask] = [orHex(a.value, b.value), orHex(a.mask, b.mask)]
  const both: SetField = { type: 'set_field', field: a.field, value }
  return mask === allOnes(fieldNamed(a.field)) ? both : { ...both, mask }
}

/** Open vSwitch shows a range only where it is one, and flags only where there is an address. */
function canonicalNat(nat: ActionOf<'nat'>): Action {
  const { type, flags } = nat
  if (nat.ipv4Min === undefined && nat.ipv6Min === undefined) {
    return { type, flags: flags & (NAT_FLAG.src | NAT_FLAG.dst) }
  }
  const { ipv4Max, ipv6Max, portMax, ...range } = nat
  return {
    ...range,
    ...(ipv4Max !== undefined && ipv4Max !== nat.ipv4Min && { ipv4Max }),
    ...(ipv6Max !== undefined && ipv6Max !== nat.ipv6Min && { ipv6Max }),
    ...(portMax !== undefined && portMax !== nat.portMin && { portMax }),
  }
}

/** The oldest of the three that says it. */
function canonicalSample(sample: ActionOf<'sample2'> | ActionOf<'sample3'>): Action {
  const { probability, collectorSetId, domainId, pointId, samplingPort } = sample
  const plain = { probability, collectorSetId, domainId, pointId }
  if (sample.type === 'sample3' && sample.direction !== 0) return sample
  return samplingPort === NO_PORT_16
    ? { type: 'sample', ...plain }
    : { type: 'sample2', ...plain, samplingPort }
}

function canonicalLearn(learn: ActionOf<'learn2'>): Action {
  const { limit, result, ...plain } = learn
  return limit === 0 && result === undefined ? { ...plain, type: 'learn' } : learn
}
