// `reconcile --dry-run` against switches: what a pass on each bridge of each node would do, with all that is there read anew.
import { reactiveOfFlows } from '../compile/observed.js'
import type { ConnectionTimeouts } from '../features/east-west/index.js'
import { FEATURES, TUNNEL_FEATURES } from '../features/index.js'
import type { ManifestSet } from '../manifest/model.js'
import { type ManifestStore, plainStore } from '../manifest/store.js'
import type { Flow } from '../openflow/flow.js'
import { NO_NAMES, type PortNames } from '../openflow/text/port-names.js'
import { meterWarnings } from '../plan/meter-warnings.js'
import { type MetersOnSwitch, NO_METERS, type PacketInLimit, planMeters } from '../plan/meters.js'
import { adoptFlows, diffFlows } from '../plan/plan.js'
import type { PortChange } from '../plan/ports.js'
import type { PlanReport } from '../plan/report.js'
import { joinLink, linkWarnings, NO_NOTICES, switchMemory } from '../reconcile/guarded-pass.js'
import { holdFlows } from '../reconcile/hold-flows.js'
import { holdRemote, LEFT_TO_OTHERS } from '../reconcile/hold-remote.js'
import { linkAddress, nodeChange } from '../reconcile/node-note.js'
import type { NodeTarget } from '../reconcile/node-target.js'
import { originsIn } from '../reconcile/origins.js'
import { desiredFlows } from '../reconcile/planner.js'
import { type Plugged, SwitchLink, type SwitchTarget } from '../reconcile/switch-link.js'
import { portsOf, tunnelDuty, tunnellingOf } from '../reconcile/tunnelling.js'
import { dumpFlows } from '../switch/dump.js'
import { readMeters } from '../switch/switch-meters.js'
import { NO_CLUSTER } from '../topology/cluster-view.js'
import type { SwitchInterface } from '../topology/interfaces.js'
import { isAlone } from '../topology/scope.js'
import { supposedInterface, SupposedPorts } from '../topology/supposed.js'
import type { Settings } from './arguments.js'
import { nodeTargets } from './node-targets.js'

/** What connections and ports may have. */
export interface Limits {
  readonly timeouts: ConnectionTimeouts
  readonly packetInLimit: PacketInLimit
}

/**
 * Each node on its own switch, and both bridges of it.
 * @throws ReconcileError USAGE, and of the switch
 */
export async function planSwitches(
  manifests: ManifestSet,
  settings: Settings,
  limits: Limits,
): Promise<readonly PlanReport[]> {
  const reports: PlanReport[] = []
  const store = plainStore(manifests)
  for (const at of nodeTargets(settings)) reports.push(...(await planNode(store, at, settings, limits)))
  return reports
}

async function planNode(
  store: ManifestStore,
  at: NodeTarget,
  settings: Settings,
  limits: Limits,
): Promise<readonly PlanReport[]> {
  return withLink(at.integration, async (link) => {
    const inputs = { store, at, settings, limits }
    const seen = await see(link)
    const tunnelling = tunnellingOf(store, linkAddress(link, { store, node: at.node }), NO_CLUSTER)
    const duty = tunnelDuty(link, at.integration.bridge, tunnelling)
    if (!duty || !at.tunnel) return [planBridge(link, seen, at.integration, inputs)]
    return withLink(at.tunnel, async (tunnelLink) => {
      const { tunnel = at.integration } = at
      const changes = duty.spec ? tunnelLink.planTunnel(duty.spec) : []
      const ports = portsOf(changes)
      const names = new SupposedPorts(new Map())
      const tunnelSeen = await see(tunnelLink)
      const plugged = {
        interfaces: withPorts(link, at.integration.bridge, ports, names),
        tunnelInterfaces: withPorts(tunnelLink, tunnel.bridge, ports, names),
      }
      return [
        planBridge(link, { ...seen, plugged, names }, at.integration, inputs),
        planBridge(tunnelLink, { ...tunnelSeen, plugged, names, ports }, tunnel, inputs),
      ]
    })
  })
}

async function withLink<T>(target: SwitchTarget, work: (link: SwitchLink) => Promise<T>): Promise<T> {
  const link = await SwitchLink.open(target)
  try {
    return await work(link)
  } finally {
    link.close()
  }
}

/** What a bridge has now, and what the plan for it is to suppose. */
interface Seen {
  readonly installed: readonly Flow[]
  readonly onSwitch: MetersOnSwitch
  readonly plugged?: Plugged
  readonly names?: PortNames
  readonly ports?: readonly PortChange[]
}

async function see(link: SwitchLink): Promise<Seen> {
  if (link.bridge === undefined) return { installed: [], onSwitch: NO_METERS }
  return link.connectBridge(async (connection) => ({
    installed: await dumpFlows(connection),
    onSwitch: await readMeters(connection),
  }))
}

/** What is plugged in, and the ports that would be: by their names, as no switch has given them numbers. */
function withPorts(
  { interfaces }: SwitchLink,
  bridge: string,
  ports: readonly PortChange[],
  names: SupposedPorts,
): readonly SwitchInterface[] {
  const missing = ports.filter(({ kind, port }) => kind === 'add-port' && port.bridge === bridge)
  return [...interfaces, ...missing.map(({ port }) => supposedInterface(port.name, port.type, names))]
}

interface Inputs {
  readonly store: ManifestStore
  readonly at: NodeTarget
  readonly settings: Settings
  readonly limits: Limits
}

function planBridge(
  link: SwitchLink,
  { installed, onSwitch, plugged, names = NO_NAMES, ports = [] }: Seen,
  { bridge, integrationBridge }: SwitchTarget,
  { store, at: { node }, settings, limits: { timeouts, packetInLimit: limit } }: Inputs,
): PlanReport {
  const isTunnelBridge = integrationBridge !== undefined
  const { topology } = joinLink(link, { store, node, ...(plugged && { plugged }) })
  const features = isTunnelBridge ? TUNNEL_FEATURES : FEATURES
  const model = desiredFlows(topology, reactiveOfFlows(installed), timeouts, undefined, features)
  const isBlind = !isAlone(store, topology.node, NO_CLUSTER)
  const wanted = isBlind ? holdRemote(model, installed, topology.scope.ports) : model
  const { desired, meters } = planMeters({ desired: wanted, limit, flows: installed, onSwitch })
  const { held } = holdFlows(desired, store, { installed, ...switchMemory(link) }, settings.maxDeletes)
  const compared = diffFlows(desired, installed)
  const plan = { ...(settings.adopt ? adoptFlows(compared) : compared), meters }
  const notices = isTunnelBridge ? NO_NOTICES : topology
  const left = wanted === model ? [] : [LEFT_TO_OTHERS]
  const change = isTunnelBridge ? undefined : nodeChange(link, { store, node })
  const warnings = [
    ...(change ? [`${change.message} ${change.remedy ?? ''}`] : []),
    ...linkWarnings(link, notices, store),
    ...left,
    ...meterWarnings(meters),
  ]
  return {
    ...{ bridge, node, ports, plan, held, warnings, names },
    createsBridge: link.bridge === undefined,
    endsRestoreWait: link.switch.flowRestoreWait && !isTunnelBridge,
    origins: originsIn(store.all()),
  }
}
