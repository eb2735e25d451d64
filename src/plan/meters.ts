// The meters that flows need: desired flows and what the switch has in, the meters to make, change and delete out. A meter
// bears no cookie, so whose it is can only be told by the flows that use it.
import type { DesiredFlow, DesiredFlows } from '../compile/desired.js'
import { metersOf, withoutMeters } from '../openflow/actions/meters.js'
import { type Flow, flowInstructions } from '../openflow/flow.js'
import { METER_FLAG, type Meter } from '../openflow/messages/meter.js'
import { renderMeter } from '../openflow/text/print-meter.js'
import { isOurs } from '../pipeline/cookie.js'
import type { FlowOwner } from '../pipeline/feature.js'

/** How many packets each port may send to the controller. */
export interface PacketInLimit {
  /** Packets a second; 0: any number, without a meter */
  readonly rate: number
  /** Packets that may come at once after a silence. */
  readonly burst: number
}

export interface DesiredMeter {
  readonly meter: Meter
  /** Of the first flow that uses it. */
  readonly owner: FlowOwner | undefined
}

export type MeterChange =
  | { readonly kind: 'add'; readonly desired: DesiredMeter }
  | { readonly kind: 'modify'; readonly desired: DesiredMeter; readonly installed: Meter }
  | { readonly kind: 'delete'; readonly installed: Meter }

/** Another meter than the wanted one stands under its number. */
export interface OtherMeter {
  readonly desired: DesiredMeter
  readonly installed: Meter
}

export interface MetersOnSwitch {
  readonly isSupported: boolean
  readonly installed: ReadonlyMap<number, Meter>
  /** Meters that the switch would not have: the name of the error by number of the meter. */
  readonly refused: ReadonlyMap<number, string>
}

export interface MeterPlan {
  /** What is added and changed comes before the change of the flows, what goes after it. */
  readonly changes: readonly MeterChange[]
  /** Flows of somebody else alone use them: they are left alone, and our flows go without a meter. */
  readonly conflicts: readonly OtherMeter[]
  /** Changed by somebody else, and to stay so. */
  readonly left: readonly OtherMeter[]
  /** What the switch cannot have; our flows go without. */
  readonly missing: readonly DesiredMeter[]
  /** Why: the name of an error; undefined: the switch has no meters at all. */
  readonly refusal: string | undefined
  readonly unchanged: number
}

export interface PlannedMeters {
  /** The flows, without the meters that they cannot have. */
  readonly desired: DesiredFlows
  readonly meters: MeterPlan
}

export interface MeterInputs {
  readonly desired: DesiredFlows
  readonly limit: PacketInLimit
  /** All flows of the bridge, foreign ones included. */
  readonly flows: Iterable<Flow>
  readonly onSwitch: MetersOnSwitch
  /** Says of a meter that is not as wanted that it is to stay so. */
  readonly isLeft?: (other: OtherMeter) => boolean
}

/** What a switch has of which nothing is known yet. */
export const NO_METERS: MetersOnSwitch = { isSupported: true, installed: new Map(), refused: new Map() }

export function planMeters({ desired, limit, flows, onSwitch, isLeft }: MeterInputs): PlannedMeters {
  const wanted = desiredMeters(desired.values(), limit)
  const users = meterUsers(flows)
  const changes: MeterChange[] = []
  const [conflicts, left, missing]: [OtherMeter[], OtherMeter[], DesiredMeter[]] = [[], [], []]
  const kept = new Set<number>()
  for (const [id, meter] of [...wanted].sort(([a], [b]) => a - b)) {
    const installed = onSwitch.installed.get(id)
    const isForeign = users.foreign.has(id) && !users.ours.has(id)
    if (!onSwitch.isSupported || onSwitch.refused.has(id)) missing.push(meter)
    else if (installed && isForeign) conflicts.push({ desired: meter, installed })
    else {
      kept.add(id)
      if (!installed) changes.push({ kind: 'add', desired: meter })
      else if (renderMeter(installed) !== renderMeter(meter.meter)) {
        const other = { desired: meter, installed }
        if (isLeft?.(other)) left.push(other)
        else changes.push({ kind: 'modify', ...other })
      }
    }
  }
  const unchanged = kept.size - changes.length - left.length
  for (const id of users.ours) {
    const installed = onSwitch.installed.get(id)
    if (installed && !kept.has(id) && !users.foreign.has(id)) changes.push({ kind: 'delete', installed })
  }
  const refusal = missing[0] && onSwitch.refused.get(missing[0].meter.meterId)
  return {
    desired: withMeters(desired, kept),
    meters: { changes, conflicts, left, missing, refusal, unchanged },
  }
}

/** The meters that flows use, each of the same size, by number. */
function desiredMeters(
  flows: Iterable<DesiredFlow>,
  limit: PacketInLimit,
): ReadonlyMap<number, DesiredMeter> {
  const meters = new Map<number, DesiredMeter>()
  if (limit.rate === 0) return meters
  for (const { flow, reasons } of flows) {
    for (const id of metersOf(flow.instructions)) {
      if (!meters.has(id)) meters.set(id, { meter: dropMeter(id, limit), owner: reasons[0]?.owner })
    }
  }
  return meters
}

function dropMeter(meterId: number, { rate, burst }: PacketInLimit): Meter {
  const meterFlags = METER_FLAG.pktps | METER_FLAG.burst
  return { meterId, meterFlags, bands: [{ type: 'drop', rate, burstSize: burst }] }
}

export interface MeterUsers {
  /** Numbers of the meters that flows of ours use. */
  readonly ours: ReadonlySet<number>
  readonly foreign: ReadonlySet<number>
}

export function meterUsers(flows: Iterable<Flow>): MeterUsers {
  const [ours, foreign] = [new Set<number>(), new Set<number>()]
  for (const { cookie, instructions } of flows) {
    for (const id of metersOf(instructions)) (isOurs(cookie) ? ours : foreign).add(id)
  }
  return { ours, foreign }
}

/** The very same flows where all meters are kept. */
function withMeters(desired: DesiredFlows, kept: ReadonlySet<number>): DesiredFlows {
  let bare: Map<string, DesiredFlow> | undefined
  for (const [key, wanted] of desired) {
    if (metersOf(wanted.flow.instructions).some((id) => !kept.has(id))) {
      bare ??= new Map(desired)
      bare.set(key, withoutMeter(wanted))
    }
  }
  return bare ?? desired
}

/** One record for each flow: whoever compares again sees that it is the same. */
const bareFlows = new WeakMap<DesiredFlow, DesiredFlow>()

function withoutMeter(desired: DesiredFlow): DesiredFlow {
  const known = bareFlows.get(desired)
  if (known) return known
  const flow = { ...desired.flow, instructions: withoutMeters(desired.flow.instructions) }
  const bare = { ...desired, flow, instructions: flowInstructions(flow) }
  bareFlows.set(desired, bare)
  return bare
}
