// A plan for people: what changes, grouped by the object that is the reason, with its place in the files.
import { renderPosition } from '../errors/render.js'
import type { Flow } from '../openflow/flow.js'
import type { PortNames } from '../openflow/text/port-names.js'
import { renderFlow, renderFlowHead } from '../openflow/text/print.js'
import { renderInstructions } from '../openflow/text/print-actions.js'
import { zeroHex } from '../values/hex.js'
import { type Change, flowOf, type ForeignFlow } from './plan.js'
import { countPlan, type PlanReport, reasonOf } from './report.js'

/** How a line looks; the signs carry the meaning, colour repeats it. */
export type Paint = (style: 'green' | 'yellow' | 'red' | 'bold' | 'dim', text: string) => string

export const NO_PAINT: Paint = (_, text) => text

export function renderPlanText(report: PlanReport, paint: Paint = NO_PAINT): string {
  const { plan, createsBridge, bridge } = report
  const lines = [
    ...(createsBridge ? [paint('green', `+ bridge ${bridge} (fail_mode=secure)`), ''] : []),
    ...groupByObject(report).flatMap(({ title, place, changes }) => [
      `${paint('bold', title)}${place ? `  ${paint('dim', place)}` : ''}`,
      ...changes.flatMap((change) => renderChange(change, report, place, paint)),
      '',
    ]),
    ...plan.conflicts.flatMap((conflict) => renderConflict(conflict, report, paint)),
    paint('bold', renderSummary(report)),
  ]
  return lines.join('\n')
}

/** `br-int: 22 to add, 0 to change, 0 to delete, 0 unchanged` */
export function renderSummary({ bridge, node, plan }: PlanReport): string {
  const { add, change, delete: deleted, unchanged, conflicts } = countPlan(plan)
  const where = node === undefined ? bridge : `${node} ${bridge}`
  const conflict = conflicts === 0 ? '' : `, ${conflicts} in conflict with foreign flows`
  return `${where}: ${add} to add, ${change} to change, ${deleted} to delete, ${unchanged} unchanged${conflict}`
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
    const { owner, feature } = reasonOf(change, origins)
    const gone =
      change.kind === 'delete' && !owner ? ` (${feature}: its object is no longer in the manifests)` : ''
    const title = owner ? `${owner.kind} ${owner.name}` : `Pipeline${gone}`
    const object = origins.ownerOf(flowOf(change).cookie) ?? owner
    const group = groups.get(title) ?? { title, place: object && renderPosition(object.at), changes: [] }
    group.changes.push(change)
    groups.set(title, group)
  }
  return [...groups.values()]
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
  const cause = reasonOf(change, report.origins).owner
  const ownPlace = cause && renderPosition(cause.at)
  const because = ownPlace === undefined || ownPlace === place ? '' : paint('dim', `  # ${ownPlace}`)
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

function renderConflict(
  { desired, installed }: ForeignFlow,
  { names }: PlanReport,
  paint: Paint,
): readonly string[] {
  return [
    paint('red', `! ${renderFlowHead(desired.flow, names)}: a foreign flow stands here and is left alone`),
    paint('dim', `      ${renderFlow(installed, names)}`),
    '  Remove that flow, or change the manifests so that ours is not needed.',
    '',
  ]
}
