// A packet to a controller: three actions say it, each more than the one before. One record for all, both ways.
import type { Hex } from '../../values/hex.js'
import { PORT, WHOLE_PACKET } from '../ports.js'
import type { Action, ActionOf } from './actions.js'

export interface ToController {
  /** Bytes of the packet to send */
  readonly maxLen: number
  readonly controllerId: number
  /** Why, as in `PACKET_IN_REASON` */
  readonly reason: number
  /** Bytes to give back with the packet */
  readonly userdata: Hex
  /** Does the packet wait to be resumed? */
  readonly pause: boolean
  readonly meterId?: number
}

const ACTION_REASON = 1

export const TO_CONTROLLER_DEFAULTS: ToController = {
  maxLen: WHOLE_PACKET,
  controllerId: 0,
  reason: ACTION_REASON,
  userdata: '' as Hex,
  pause: false,
}

type ControllerAction = ActionOf<'controller'> | ActionOf<'controller2'>
type Property = ActionOf<'controller2'>['properties'][number]

export function readToController(action: ControllerAction): ToController {
  if (action.type === 'controller') {
    const { maxLen, controllerId, reason } = action
    return { ...TO_CONTROLLER_DEFAULTS, maxLen, controllerId, reason }
  }
  return action.properties.reduce(withProperty, TO_CONTROLLER_DEFAULTS)
}

function withProperty(said: ToController, { type, ...value }: Property): ToController {
  if (type === 'opaque') return said
  return type === 'pause' ? { ...said, pause: true } : { ...said, ...value }
}

/** The least of the three actions that says it, as ovs-ofctl chooses. */
export function toController(said: ToController): Action {
  const { maxLen, controllerId, reason, userdata, pause, meterId } = said
  if (userdata !== '' || pause || meterId !== undefined) {
    return { type: 'controller2', properties: propertiesOf(said) }
  }
  if (controllerId === 0 && reason === ACTION_REASON) return { type: 'output', port: PORT.CONTROLLER, maxLen }
  return { type: 'controller', maxLen, controllerId, reason }
}

function propertiesOf({
  maxLen,
  controllerId,
  reason,
  userdata,
  pause,
  meterId,
}: ToController): readonly Property[] {
  const all: readonly (Property | undefined)[] = [
    maxLen === WHOLE_PACKET ? undefined : { type: 'max_len', maxLen },
    controllerId === 0 ? undefined : { type: 'controller_id', controllerId },
    reason === ACTION_REASON ? undefined : { type: 'reason', reason },
    userdata === '' ? undefined : { type: 'userdata', userdata },
    pause ? { type: 'pause' } : undefined,
    meterId === undefined ? undefined : { type: 'meter_id', meterId },
  ]
  return all.filter((property) => property !== undefined)
}
