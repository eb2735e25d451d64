// A flow's instructions as a version can say them, the way ovs-ofctl does it. Decoding undoes none of this: what the
// switch gives back is what was sent.
import { onesHex } from '../../values/hex.js'
import { OPENFLOW_15, type Version } from '../version.js'
import type { Action } from './actions.js'
import { hoistMeter, type Instruction, orderInstructions } from './instructions.js'
import { canBeLoaded, loadsOfSetField, setFieldOfLoad } from './loads.js'
import { mapActions } from './nested.js'

/** From 1.5 on, loads become set-fields and the meter an action; before, masked set-fields become loads and the meter an instruction. */
export function wireInstructions(
  instructions: readonly Instruction[],
  version: Version,
): readonly Instruction[] {
  const placed = version >= OPENFLOW_15 ? lowerMeter(instructions) : hoistMeter(instructions)
  return orderInstructions(
    placed.map((instruction) =>
      'actions' in instruction
        ? { ...instruction, actions: wireActions(instruction.actions, version) }
        : instruction,
    ),
  )
}

/** The same for a list of actions, as a packet-out or a bucket holds it. */
export function wireActions(actions: readonly Action[], version: Version): readonly Action[] {
  return mapActions(actions, version >= OPENFLOW_15 ? toSetField : toLoads)
}

function toSetField(action: Action): readonly Action[] {
  if (action.type === 'reg_load') return [setFieldOfLoad(action)]
  if (action.type !== 'set_field' && action.type !== 'reg_load2') return [action]
  const { field, value, mask } = action
  const isWhole = mask === undefined || mask === onesHex(mask.length / 2)
  return [{ type: 'set_field', field, value, ...(isWhole ? {} : { mask }) }]
}

function toLoads(action: Action): readonly Action[] {
  if (action.type === 'reg_load' && !canBeLoaded(action.target.field)) {
    return loadsOfSetField(setFieldOfLoad(action))
  }
  return action.type === 'set_field' && action.mask !== undefined ? loadsOfSetField(action) : [action]
}

/** The meter instruction as the first action. */
function lowerMeter(instructions: readonly Instruction[]): readonly Instruction[] {
  const meter = instructions.find(({ type }) => type === 'meter')
  if (meter?.type !== 'meter') return instructions
  const apply = instructions.find((instruction) => instruction.type === 'apply_actions')
  const actions: readonly Action[] = [meter, ...(apply?.actions ?? [])]
  const others = instructions.filter((instruction) => instruction !== meter && instruction !== apply)
  return [{ type: 'apply_actions', actions }, ...others]
}
