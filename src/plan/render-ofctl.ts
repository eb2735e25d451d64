// A plan as `ovs-ofctl` reads it: plain flows for an empty switch, else a file for `ovs-ofctl --bundle add-flows`.
import { renderFlow, renderFlowHead } from '../openflow/text/print.js'
import { renderMeter } from '../openflow/text/print-meter.js'
import type { MeterChange, MeterPlan } from './meters.js'
import { type Change, flowOf } from './plan.js'
import { describePort } from './ports.js'
import type { PlanReport } from './report.js'
import type { PortNames } from '../openflow/text/port-names.js'
import { OWNER_MASK } from '../pipeline/cookie.js'
import { renderHex } from '../values/hex.js'

/** `add-flows` without a bundle takes plain flows only, so that is what a comparison with nothing prints. */
export function renderPlanOfctl(
  { plan, names, node, createsBridge, bridge, ports = [] }: PlanReport,
  againstEmpty: boolean,
): string {
  const comments = [
    ...(node === undefined ? [] : [`# node ${node}, bridge ${bridge}`]),
    ...(createsBridge && !againstEmpty ? [`# bridge ${bridge} is to be made`] : []),
    ...ports.map(({ port }) => `# ${describePort(port)} is to be made so`),
  ]
  const lines = againstEmpty
    ? plan.changes
        .map(flowOf)
        .sort(byTable)
        .map((flow) => renderFlow(flow, names))
    : plan.changes.map((change) => renderModification(change, names))
  const [before, after] = meterCommands(plan.meters, bridge)
  return [...comments, ...before, ...lines, ...after].join('\n')
}

/** Commands in comments, as a file of flows has no meters: before the flows that use them, and after those that did. */
function meterCommands(
  meters: MeterPlan | undefined,
  bridge: string,
): readonly [before: readonly string[], after: readonly string[]] {
  const commands = (isDelete: boolean) =>
    (meters?.changes ?? [])
      .filter(({ kind }) => (kind === 'delete') === isDelete)
      .map((change) => `# ovs-ofctl -O OpenFlow15 ${renderMeterCommand(change, bridge)}`)
  return [commands(false), commands(true)]
}

function renderMeterCommand(change: MeterChange, bridge: string): string {
  switch (change.kind) {
    case 'add':
      return `add-meter ${bridge} ${renderMeter(change.desired.meter)}`
    case 'modify':
      return `mod-meter ${bridge} ${renderMeter(change.desired.meter)}`
    case 'delete':
      return `del-meter ${bridge} meter=${change.installed.meterId}`
  }
}

function byTable(a: ReturnType<typeof flowOf>, b: ReturnType<typeof flowOf>): number {
  return a.tableId - b.tableId || b.priority - a.priority
}

/** Modify and delete name the owner in the cookie, so that they touch no flow of anybody else. */
function renderModification(change: Change, names: PortNames): string {
  switch (change.kind) {
    case 'add':
    case 'replace':
      return `add ${renderFlow(change.desired.flow, names)}`
    case 'modify':
      return `modify_strict ${withCookieMask(renderFlow(change.desired.flow, names))}`
    case 'delete':
      return `delete_strict ${withCookieMask(renderFlowHead({ ...change.installed, idleTimeout: 0, hardTimeout: 0, flags: 0 }, names))}`
  }
}

function withCookieMask(text: string): string {
  return text.replace(/^(cookie=0x[0-9a-f]+)/, `$1/${renderHex(OWNER_MASK)}`)
}
