// A plan for programs. The shape is part of the product: fields are added, never renamed.
import { renderFlow } from '../openflow/text/print.js'
import { renderMeter } from '../openflow/text/print-meter.js'
import type { FlowOwner } from '../pipeline/feature.js'
import type { MeterChange, MeterPlan } from './meters.js'
import { type Change, flowOf } from './plan.js'
import { countPlan, ownerOfConflict, type PlanReport, reasonOf } from './report.js'

export function planToJson(report: PlanReport): Readonly<Record<string, unknown>> {
  const { bridge, node, createsBridge, ports = [], endsRestoreWait = false } = report
  const { plan, held, warnings, names } = report
  return {
    node: node ?? null,
    bridge,
    createsBridge,
    ports: ports.map(({ kind, port, was }) => ({
      change: kind === 'add-port' ? 'add' : 'modify',
      ...port,
      ...(was && { was }),
    })),
    endsRestoreWait,
    summary: countPlan(plan),
    changes: plan.changes.map((change) => changeToJson(change, report)),
    conflicts: plan.conflicts.map((conflict) => ({
      wanted: renderFlow(conflict.desired.flow, names),
      foreign: renderFlow(conflict.installed, names),
      ...ownerToJson(ownerOfConflict(conflict)),
    })),
    meters: plan.meters ? metersToJson(plan.meters) : null,
    held: held ? { objects: Object.fromEntries(held.objects), names: held.names, blocks: held.blocks } : null,
    warnings,
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
    ...ownerToJson(owner),
  }
}

function metersToJson({ changes, conflicts, unchanged }: MeterPlan): Readonly<Record<string, unknown>> {
  return {
    unchanged,
    changes: changes.map(meterToJson),
    conflicts: conflicts.map(({ desired, installed }) => ({
      wanted: renderMeter(desired.meter),
      foreign: renderMeter(installed),
      ...ownerToJson(desired.owner),
    })),
  }
}

function meterToJson(change: MeterChange): Readonly<Record<string, unknown>> {
  if (change.kind === 'delete')
    return { change: change.kind, meter: renderMeter(change.installed), ...ownerToJson(undefined) }
  return {
    change: change.kind,
    meter: renderMeter(change.desired.meter),
    ...(change.kind === 'modify' ? { was: renderMeter(change.installed) } : {}),
    ...ownerToJson(change.desired.owner),
  }
}

function ownerToJson(owner: FlowOwner | undefined): Readonly<Record<string, unknown>> {
  if (!owner) return { object: null, source: null }
  const { kind, name, at } = owner
  return { object: { kind, name }, source: { file: at.file, line: at.line, column: at.column } }
}
