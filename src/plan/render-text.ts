// A plan for people: what changes, grouped by the object that is the reason, with its place in the files.
import { renderPosition } from '../errors/render.js'
import type { Flow } from '../openflow/flow.js'
import type { PortNames } from '../openflow/text/port-names.js'
import { renderFlow } from '../openflow/text/print.js'
import { renderInstructions } from '../openflow/text/print-actions.js'
import { renderMeter } from '../openflow/text/print-meter.js'
import { parseCookie } from '../pipeline/cookie.js'
import type { FlowOwner } from '../pipeline/feature.js'
import { zeroHex } from '../values/hex.js'
import type { MeterChange, MeterPlan, OtherMeter } from './meters.js'
import { NO_PAINT, type Paint } from './paint.js'
import { type Change, flowOf, type ForeignFlow } from './plan.js'
import { describePort, describePortSettings, type PortChange } from './ports.js'
import { countPlan, ownerOfConflict, type PlanReport, reasonOf } from './report.js'

export function renderPlanText(report: PlanReport, paint: Paint = NO_PAINT): string {
  const { plan, createsBridge, bridge } = report
  const lines = [
    ...(createsBridge ? [paint('green', `+ bridge ${bridge} (fail_mode=secure)`), ''] : []),
    ...renderPorts(report.ports ?? [], paint),
    ...groupByObject(report).flatMap(({ title, place, changes }) => [
      `${paint('bold', title)}${place ? `  ${paint('dim', place)}` : ''}`,
      ...changes.flatMap((change) => renderChange(change, report, place, paint)),
      '',
    ]),
    ...renderMeters(plan.meters, paint),
    ...(report.endsRestoreWait
      ? [paint('red', '- Open_vSwitch other_config:flow-restore-wait (once all flows are there)'), '']
      : []),
    ...plan.conflicts.flatMap((conflict) => renderConflict(conflict, report, paint)),
    ...(plan.meters?.conflicts ?? []).flatMap((conflict) => renderOtherMeter(conflict, paint)),
    paint('bold', renderSummary(report)),
  ]
  return lines.join('\n')
}

function renderPorts(ports: readonly PortChange[], paint: Paint): readonly string[] {
  if (ports.length === 0) return []
  const lines = ports.flatMap(({ kind, port, was }) => [
    kind === 'add-port'
      ? paint('green', `+ ${describePort(port)}`)
      : paint('yellow', `~ ${describePort(port)}`),
    ...(was ? [paint('dim', `    was ${describePortSettings(was)}`)] : []),
  ])
  return [...lines, '']
}

/** `br-int: 22 to add, 0 to change, 0 to delete, 0 unchanged` */
function renderSummary({ bridge, node, plan }: PlanReport): string {
  const { add, change, delete: deleted, unchanged, conflicts } = countPlan(plan)
  const where = node === undefined ? bridge : `${node} ${bridge}`
  const conflict = conflicts === 0 ? '' : `, ${conflicts} in conflict with foreign flows`
  return `${where}: ${add} to add, ${change} to change, ${deleted} to delete, ${unchanged} unchanged${conflict}${summarizeMeters(plan.meters)}`
}

/** Nothing where all meters are as they should be. */
function summarizeMeters(meters: MeterPlan | undefined): string {
  if (!meters || meters.changes.length + meters.conflicts.length === 0) return ''
  const count = (kind: MeterChange['kind']) => meters.changes.filter((change) => change.kind === kind).length
  const conflict = meters.conflicts.length === 0 ? '' : `, ${meters.conflicts.length} in conflict`
  return `; meters: ${count('add')} to add, ${count('modify')} to change, ${count('delete')} to delete${conflict}`
}

interface Group {
  readonly title: string
  /** Where the object is written. */
  readonly place: string | undefined
  readonly changes: Change[]
}

/** Objects in the order of their first change; flows that are always there come under "Pipeline". */
function groupByObject({ plan, origins }: PlanReport): readonly Group[] {
  const groups = new Map<string, Group>()
  for (const change of [...plan.changes].sort(forReading)) {
    const { owner } = reasonOf(change, origins)
    const title = owner ? ownerTitle(owner) : isOfObject(change) ? GONE : 'Pipeline'
    const object = origins.ownerOf(flowOf(change).cookie) ?? owner
    const group = groups.get(title) ?? { title, place: object && renderPosition(object.at), changes: [] }
    group.changes.push(change)
    groups.set(title, group)
  }
  return [...groups.values()]
}

function ownerTitle({ kind, name }: FlowOwner): string {
  return `${kind} ${name}`
}

/** The title above flows of objects whose names are no longer known: only a hash of them is in the cookie. */
const GONE = 'No longer in the manifests'

function isOfObject(change: Change): boolean {
  return parseCookie(flowOf(change).cookie)?.class !== 'pipeline'
}

/** By table, and within it the flows that win first. */
function forReading(a: Change, b: Change): number {
  const [left, right] = [flowOf(a), flowOf(b)]
  return left.tableId - right.tableId || right.priority - left.priority
}

function renderChange(
  change: Change,
  report: PlanReport,
  place: string | undefined,
  paint: Paint,
): readonly string[] {
  const flow = renderFlow(withoutCookie(flowOf(change)), report.names)
  const { owner, feature } = reasonOf(change, report.origins)
  const cause = owner ? renderPosition(owner.at) : isOfObject(change) ? feature : place
  const because = cause === place ? '' : paint('dim', `  # ${cause ?? ''}`)
  switch (change.kind) {
    case 'add':
      return [paint('green', `  + ${flow}`) + because]
    case 'delete':
      return [paint('red', `  - ${flow}`) + because]
    case 'modify':
    case 'replace':
      return [
        paint('yellow', `  ~ ${flow}`) + because,
        paint('dim', `      was ${renderBefore(change, report.names)}`),
      ]
  }
}

/** The group's title says whose flow it is; the cookie would only say it again. */
function withoutCookie(flow: Flow): Flow {
  return { ...flow, cookie: zeroHex(8) }
}

/** Of a flow whose actions alone differ, the actions; else all of it, cookie included, as that may be what differs. */
function renderBefore(change: Exclude<Change, { kind: 'add' | 'delete' }>, names: PortNames): string {
  const { kind, installed } = change
  return kind === 'modify'
    ? `actions=${renderInstructions(installed.instructions, names)}`
    : renderFlow(installed, names)
}

/** Under a title of their own, as they are no flows. */
function renderMeters(meters: MeterPlan | undefined, paint: Paint): readonly string[] {
  if (!meters || meters.changes.length === 0) return []
  return [
    paint('bold', 'Meters'),
    ...meters.changes.flatMap((change) => renderMeterChange(change, paint)),
    '',
  ]
}

function renderMeterChange(change: MeterChange, paint: Paint): readonly string[] {
  if (change.kind === 'delete') return [paint('red', `  - ${renderMeter(change.installed)}`)]
  const { meter, owner } = change.desired
  const because = owner ? paint('dim', `  # ${ownerTitle(owner)}`) : ''
  if (change.kind === 'add') return [paint('green', `  + ${renderMeter(meter)}`) + because]
  return [
    paint('yellow', `  ~ ${renderMeter(meter)}`) + because,
    paint('dim', `      was ${renderMeter(change.installed)}`),
  ]
}

function renderOtherMeter({ desired, installed }: OtherMeter, paint: Paint): readonly string[] {
  const title = desired.owner
    ? `${ownerTitle(desired.owner)}  ${renderPosition(desired.owner.at)}`
    : 'Pipeline'
  return [
    `${paint('red', '! conflict')}  ${title}: flows of somebody else alone use the meter of that number, which is left alone`,
    `      ours    ${renderMeter(desired.meter)}`,
    `      foreign ${renderMeter(installed)}`,
    '  Give that meter another number, or use --packet-in-rate 0.',
    '',
  ]
}

function renderConflict(conflict: ForeignFlow, { names }: PlanReport, paint: Paint): readonly string[] {
  const owner = ownerOfConflict(conflict)
  const title = owner ? `${ownerTitle(owner)}  ${renderPosition(owner.at)}` : 'Pipeline'
  return [
    `${paint('red', '! conflict')}  ${title}: a foreign flow stands where ours should be, and is left alone`,
    `      ours    ${renderFlow(conflict.desired.flow, names)}`,
    `      foreign ${renderFlow(conflict.installed, names)}`,
    '  Remove that flow, or change the manifests so that ours is not needed.',
    '',
  ]
}
