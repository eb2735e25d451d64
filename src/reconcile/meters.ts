// Meters around a change of flows: those that flows need are made before it, those that no flow needs any more go after it.
// A bundle takes no meters (Open vSwitch: MSG_UNSUP), the switch refuses a flow whose meter is not there, and deletes it
// with its meter.
import type { DesiredFlows } from '../compile/desired.js'
import {
  type MeterChange,
  meterUsers,
  type MeterPlan,
  type PacketInLimit,
  type PlannedMeters,
  planMeters,
} from '../plan/meters.js'
import type { SwitchTable } from '../switch/switch-table.js'
import { isSame, type OnDrift } from './drift-policy.js'

export interface MeterOptions {
  readonly limit: PacketInLimit
  readonly onDrift: OnDrift
  /** What was wanted of this switch before; undefined: it was never seen to. */
  readonly before: DesiredFlows | undefined
}

/** Others may change meters while we do. */
const MAX_ROUNDS = 5

/**
 * Makes and changes the meters that these flows use, and says which are to go. A meter that others changed stays so where
 * drift is not to be corrected.
 * @returns the flows, without the meters that the switch cannot have, and what was done
 * @throws ReconcileError of the connection
 */
export async function prepareMeters(
  table: SwitchTable,
  desired: DesiredFlows,
  { limit, onDrift, before }: MeterOptions,
): Promise<PlannedMeters> {
  const isAnyLeft = onDrift !== 'correct' && before !== undefined && isSame(before, desired)
  const done: MeterChange[] = []
  for (let round = 1; ; round++) {
    const onSwitch = await table.meters.read()
    const flows = table.flows.values()
    const planned = planMeters({ desired, limit, flows, onSwitch, isLeft: () => isAnyLeft })
    const [makes, deletes] = split(planned.meters.changes)
    if ((makes.length === 0 && !table.meters.isInDoubt) || round === MAX_ROUNDS)
      return { ...planned, meters: { ...planned.meters, changes: [...done, ...deletes] } }
    done.push(...(await table.meters.apply(makes)))
  }
}

function split(changes: readonly MeterChange[]): readonly [readonly MeterChange[], readonly MeterChange[]] {
  return [changes.filter(({ kind }) => kind !== 'delete'), changes.filter(({ kind }) => kind === 'delete')]
}

/**
 * Deletes the meters that were to go, as far as no flow uses them: the switch would delete it with its meter.
 * @returns the plan as it was done
 * @throws ReconcileError of the connection
 */
export async function removeMeters(table: SwitchTable, meters: MeterPlan): Promise<MeterPlan> {
  const [makes, deletes] = split(meters.changes)
  if (deletes.length === 0) return meters
  await table.read()
  const { ours, foreign } = meterUsers(table.flows.values())
  const isUsed = (id: number) => ours.has(id) || foreign.has(id)
  const unused = deletes.filter((change) => change.kind === 'delete' && !isUsed(change.installed.meterId))
  return { ...meters, changes: [...makes, ...(await table.meters.apply(unused))] }
}
