// Which meters a flow's instructions name: Open vSwitch deletes a flow together with its meter.
import type { Action, ActionOf } from './actions.js'
import { readToController } from './controller.js'
import type { Instruction } from './instructions.js'

/** As the instruction of OpenFlow 1.3, as an action anywhere, or in what is said of a packet to a controller. */
export function metersOf(instructions: readonly Instruction[]): readonly number[] {
  return instructions.flatMap((instruction) => {
    if (instruction.type === 'meter') return [instruction.meterId]
    return 'actions' in instruction ? metersOfActions(instruction.actions) : []
  })
}

function metersOfActions(actions: readonly Action[]): readonly number[] {
  return actions.flatMap((action): readonly number[] => {
    if (action.type === 'meter') return [action.meterId]
    if (action.type === 'controller2') return metersToController(action)
    return 'actions' in action ? metersOfActions(action.actions) : []
  })
}

function metersToController(action: ActionOf<'controller2'>): readonly number[] {
  const { meterId } = readToController(action)
  return meterId === undefined ? [] : [meterId]
}

/** The same instructions for a packet that no meter counts. */
export function withoutMeters(instructions: readonly Instruction[]): readonly Instruction[] {
  return instructions.flatMap((instruction): readonly Instruction[] => {
    if (instruction.type === 'meter') return []
    if (instruction.type !== 'apply_actions') return [instruction]
    return [{ ...instruction, actions: instruction.actions.filter(({ type }) => type !== 'meter') }]
  })
}
