// What a person should know of meters: a plan in, sentences out.
import { renderMeter } from '../openflow/text/print-meter.js'
import type { MeterPlan, OtherMeter } from './meters.js'

const UNLIMITED = 'nothing limits how many packets they send to the controller'

/** Ports without a meter, all in one line, and meters that others changed and that stay so. */
export function meterWarnings(meters: MeterPlan | undefined): readonly string[] {
  if (!meters) return []
  const { missing, refusal, left } = meters
  const reason = refusal === undefined ? 'has no meters' : `refuses meters with ${refusal}`
  const ports = missing.map(({ owner }) => owner?.name ?? '')
  return [
    ...(missing.length > 0 ? [`the switch ${reason}: of ${someOf('port', ports)} ${UNLIMITED}`] : []),
    ...left.map(({ installed }) => `another program changed ${renderMeter(installed)}, which is left so`),
  ]
}

/** Meters of somebody else under numbers of ours: one line for all; none: no line. */
export function describeForeignMeters(conflicts: readonly OtherMeter[]): readonly string[] {
  if (conflicts.length === 0) return []
  const meters = conflicts.map(({ installed }) => String(installed.meterId))
  const ports = conflicts.map(({ desired }) => desired.owner?.name ?? '')
  const theirs = `flows of somebody else use ${someOf('meter', meters)}`
  return [`${theirs}, left alone: of ${someOf('port', ports)} ${UNLIMITED}`]
}

/** Names that one line has room for. */
const MAX_NAMES = 10

/** `2 ports (vm1, vm2)` */
function someOf(kind: string, names: readonly string[]): string {
  const more = names.length > MAX_NAMES ? ', ...' : ''
  const list = names.slice(0, MAX_NAMES).join(', ')
  return `${names.length} ${kind}${names.length === 1 ? '' : 's'} (${list}${more})`
}
