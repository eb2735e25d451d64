// A plan for programs. The shape is part of the product: fields are added, never renamed.
import { renderFlow } from '../openflow/text/print.js'
import { type Change, flowOf } from './plan.js'
import { countPlan, type PlanReport, reasonOf } from './report.js'

export function planToJson(report: PlanReport): Readonly<Record<string, unknown>> {
  const { bridge, node, createsBridge, plan, names } = report
  return {
    node: node ?? null,
    bridge,
    createsBridge,
    summary: countPlan(plan),
    changes: plan.changes.map((change) => changeToJson(change, report)),
    conflicts: plan.conflicts.map(({ desired, installed }) => ({
      wanted: renderFlow(desired.flow, names),
      foreign: renderFlow(installed, names),
    })),
  }
}

function changeToJson(change: Change, { names, origins }: PlanReport): Readonly<Record<string, unknown>> {
  const { feature, owner } = reasonOf(change, origins)
  const flow = flowOf(change)
  return {
    change: change.kind,
    table: flow.tableId,
    priority: flow.priority,
    flow: renderFlow(flow, names),
    ...(change.kind === 'modify' || change.kind === 'replace'
      ? { was: renderFlow(change.installed, names) }
      : {}),
    feature,
    object: owner ? { kind: owner.kind, name: owner.name } : null,
    source: owner ? { file: owner.at.file, line: owner.at.line, column: owner.at.column } : null,
  }
}
