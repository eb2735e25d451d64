// `reconcile --dry-run`: the plan, and nothing but the plan.
import { readFile } from 'node:fs/promises'
import { reactiveOfFlows } from '../compile/observed.js'
import { ReconcileError } from '../errors/error.js'
import type { ConnectionTimeouts } from '../features/east-west/index.js'
import type { ManifestSet } from '../manifest/model.js'
import type { OpenFlowConnection } from '../openflow/connection.js'
import { NO_NAMES } from '../openflow/text/port-names.js'
import { meterWarnings } from '../plan/meter-warnings.js'
import { NO_METERS, type PacketInLimit, planMeters } from '../plan/meters.js'
import { adoptFlows, diffFlows } from '../plan/plan.js'
import type { PlanReport } from '../plan/report.js'
import { type OfflineOptions, planAgainstDump, planBridgesAgainstEmpty } from '../reconcile/offline.js'
import { linkTopology, linkWarnings, switchMemory } from '../reconcile/guarded-pass.js'
import { holdFlows } from '../reconcile/hold-flows.js'
import { requestedNode } from '../reconcile/node.js'
import { originsIn } from '../reconcile/origins.js'
import { desiredFlows } from '../reconcile/planner.js'
import { SwitchLink } from '../reconcile/switch-link.js'
import { dumpFlows } from '../switch/dump.js'
import { readMeters } from '../switch/switch-meters.js'
import type { Settings } from './arguments.js'
import { switchTarget } from './switch-target.js'

/** What connections and ports may have. */
export interface Limits {
  readonly timeouts: ConnectionTimeouts
  readonly packetInLimit: PacketInLimit
}

/** @throws ReconcileError USAGE, INVALID_DUMP, PATH_UNREADABLE, and of the switch */
export async function planDryRun(
  manifests: ManifestSet,
  settings: Settings,
  limits: Limits,
): Promise<readonly PlanReport[]> {
  const { against } = settings
  const offline = { ...settings, manifests, ...limits }
  if (against === 'switch') return [await planSwitch(manifests, settings, limits)]
  if (against === 'empty')
    return nodesOf(manifests, settings).flatMap((node) => planBridgesAgainstEmpty(offline, node))
  if (against.startsWith('file:')) return [await planFile(offline, settings, against.slice('file:'.length))]
  throw new ReconcileError('USAGE', `There is nothing called "${against}" to compare with.`, {
    remedy: 'Use --against empty, file:DUMP or switch.',
  })
}

/** Where no switch says which node this is: the one asked for, else every Node, else one without a name. */
function nodesOf({ nodes }: ManifestSet, { node }: Settings): readonly (string | undefined)[] {
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

async function planSwitch(
  manifests: ManifestSet,
  settings: Settings,
  { timeouts, packetInLimit: limit }: Limits,
): Promise<PlanReport> {
  const link = await SwitchLink.open(switchTarget(settings))
  try {
    const createsBridge = link.bridge === undefined
    const { installed, onSwitch } = createsBridge ? NOTHING : await link.connectBridge(readSwitch)
    const topology = linkTopology(link, { manifests, node: settings.node })
    const wanted = desiredFlows(topology, reactiveOfFlows(installed), timeouts)
    const { desired, meters } = planMeters({ desired: wanted, limit, flows: installed, onSwitch })
    const { held } = holdFlows(desired, manifests, { installed, ...switchMemory(link) }, settings.maxDeletes)
    const compared = diffFlows(desired, installed)
    const plan = { ...(settings.adopt ? adoptFlows(compared) : compared), meters }
    const { bridge, node } = settings
    const warnings = [...linkWarnings(link, topology, manifests), ...meterWarnings(meters)]
    const origins = originsIn(manifests)
    const endsRestoreWait = link.switch.flowRestoreWait
    return { bridge, node, createsBridge, endsRestoreWait, plan, held, warnings, names: NO_NAMES, origins }
  } finally {
    link.close()
  }
}

const NOTHING = { installed: [], onSwitch: NO_METERS }

async function readSwitch(connection: OpenFlowConnection) {
  return { installed: await dumpFlows(connection), onSwitch: await readMeters(connection) }
}
