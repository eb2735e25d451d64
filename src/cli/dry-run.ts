// `reconcile --dry-run`: the plan, and nothing but the plan.
import { readFile } from 'node:fs/promises'
import { ReconcileError } from '../errors/error.js'
import type { ManifestSet } from '../manifest/model.js'
import type { PlanReport } from '../plan/report.js'
import { requestedNode } from '../reconcile/node.js'
import { type OfflineOptions, planAgainstDump, planBridgesAgainstEmpty } from '../reconcile/offline.js'
import type { Settings } from './arguments.js'
import { type Limits, planSwitches } from './plan-switch.js'

/** @throws ReconcileError USAGE, INVALID_DUMP, PATH_UNREADABLE, and of the switch */
export async function planDryRun(
  manifests: ManifestSet,
  settings: Settings,
  limits: Limits,
): Promise<readonly PlanReport[]> {
  const { against } = settings
  const offline = { ...settings, manifests, ...limits }
  if (against === 'switch') return planSwitches(manifests, settings, limits)
  if (against === 'empty')
    return nodesOf(manifests, settings).flatMap((node) => planBridgesAgainstEmpty(offline, node))
  if (against.startsWith('file:')) return [await planFile(offline, settings, against.slice('file:'.length))]
  throw new ReconcileError('USAGE', `There is nothing called "${against}" to compare with.`, {
    remedy: 'Use --against empty, file:DUMP or switch.',
  })
}

/** Where no switch says which node this is: the one asked for, else every Node, else one without a name. */
function nodesOf({ nodes }: ManifestSet, { node, nodes: named }: Settings): readonly (string | undefined)[] {
  if (named.length > 0) return named.map(({ name }) => requestedNode(nodes, name))
  if (node !== undefined) return [requestedNode(nodes, node)]
  return nodes.length > 0 ? nodes.map(({ name }) => name) : [undefined]
}

async function planFile(offline: OfflineOptions, settings: Settings, file: string): Promise<PlanReport> {
  const [node, ...others] = nodesOf(offline.manifests, settings)
  if (others.length > 0) {
    throw new ReconcileError('USAGE', 'A dump is of one node, and the manifests have several.', {
      remedy: 'Say with --node whose dump it is.',
    })
  }
  return planAgainstDump(offline, node, { file, text: await readDump(file) })
}

async function readDump(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch (cause) {
    throw new ReconcileError('PATH_UNREADABLE', `Cannot read the dump "${file}".`, {
      remedy: 'Save one with: ovs-ofctl -O OpenFlow15 dump-flows br-int > FILE.',
      cause,
    })
  }
}
