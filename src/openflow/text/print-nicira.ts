// Nicira's actions in the notation of `ovs-ofctl`, those with several arguments.
import type { ActionOf } from '../actions/actions.js'
import { TO_CONTROLLER_DEFAULTS, type ToController } from '../actions/controller.js'
import { NO_TABLE } from '../actions/ct.js'
import { NO_PORT_16, PORT, portOf16 } from '../ports.js'
import { renderBits } from './bits.js'
import { renderDotted } from './dotted.js'
import {
  BUNDLE_ALGORITHMS,
  DIRECTIONS,
  HASH_FIELDS,
  MEMBER_TYPES,
  MULTIPATH_ALGORITHMS,
  REASONS,
} from './nicira-words.js'
import { type PortNames, renderPort } from './port-names.js'

/** Those that are not said fall out. */
export function joined(parts: readonly (string | false)[]): string {
  return parts.filter((part) => part !== false).join(',')
}

export function renderController(said: ToController): string {
  const { maxLen, controllerId, reason, userdata, pause, meterId } = said
  const { maxLen: whole, reason: usual } = TO_CONTROLLER_DEFAULTS
  const others = joined([
    controllerId !== 0 && `id=${controllerId}`,
    userdata !== '' && `userdata=${renderDotted(userdata)}`,
    pause && 'pause',
    meterId !== undefined && `meter_id=${meterId}`,
  ])
  if (others === '' && reason === usual) return `CONTROLLER:${maxLen}`
  const first = [
    reason !== usual && `reason=${REASONS.render(reason)}`,
    maxLen !== whole && `max_len=${maxLen}`,
  ]
  return `controller(${joined([...first, others !== '' && others])})`
}

export function renderResubmit(
  { type, inPort, tableId }: ActionOf<'resubmit_table' | 'resubmit_table_ct'>,
  names: PortNames,
): string {
  const port = portOf16(inPort)
  const from = port === PORT.IN_PORT ? '' : renderPort(port, names)
  const isTracked = type === 'resubmit_table_ct'
  if (from !== '' && tableId === NO_TABLE && !isTracked) return `resubmit:${from}`
  return `resubmit(${from},${tableId === NO_TABLE ? '' : tableId}${isTracked ? ',ct' : ''})`
}

export function renderMultipath(action: ActionOf<'multipath'>): string {
  const { fields, basis, algorithm, maxLink, argument, target } = action
  const how = `${HASH_FIELDS.render(fields)},${basis},${MULTIPATH_ALGORITHMS.render(algorithm)}`
  return `multipath(${how},${maxLink + 1},${argument},${renderBits(target)})`
}

export function renderBundle(action: ActionOf<'bundle' | 'bundle_load'>, names: PortNames): string {
  const { type, fields, basis, algorithm, memberType, members } = action
  const how = `${HASH_FIELDS.render(fields)},${basis},${BUNDLE_ALGORITHMS.render(algorithm)}`
  const target = type === 'bundle_load' ? `,${renderBits(action.target)}` : ''
  const ports = members.map((port) => renderPort(portOf16(port), names)).join(',')
  return `${type}(${how},${MEMBER_TYPES.render(memberType)}${target},members:${ports})`
}

export function renderSample(action: ActionOf<'sample' | 'sample2' | 'sample3'>, names: PortNames): string {
  const { probability, collectorSetId, domainId, pointId } = action
  const port = action.type === 'sample' ? NO_PORT_16 : action.samplingPort
  const direction = action.type === 'sample3' ? action.direction : 0
  return `sample(${joined([
    `probability=${probability}`,
    `collector_set_id=${collectorSetId}`,
    `obs_domain_id=${domainId}`,
    `obs_point_id=${pointId}`,
    port !== NO_PORT_16 && `sampling_port=${renderPort(portOf16(port), names)}`,
    direction !== 0 && DIRECTIONS.render(direction),
  ])})`
}
