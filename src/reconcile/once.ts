// One pass on each bridge of a node: connect, make the switch agree, say what was done.
import { ReconcileError } from '../errors/error.js'
import { FEATURES, TUNNEL_FEATURES } from '../features/index.js'
import type { ManifestStore } from '../manifest/store.js'
import type { DeleteLimit } from '../plan/guard.js'
import { meterWarnings } from '../plan/meter-warnings.js'
import type { Plan } from '../plan/plan.js'
import type { PortChange } from '../plan/ports.js'
import { SwitchTable } from '../switch/switch-table.js'
import { NO_CLUSTER } from '../topology/cluster-view.js'
import { isAlone } from '../topology/scope.js'
import { INTEGRATION_PATCH, TUNNEL_INTERFACE, TUNNEL_PATCH } from '../values/tunnel-patch.js'
import { DeletionGuard } from './deletion-guard.js'
import {
  blindHold,
  linkWarnings,
  NO_NOTICES,
  notePass,
  preparePass,
  type Rest,
  type Wanted,
} from './guarded-pass.js'
import { LEFT_TO_OTHERS } from './hold-remote.js'
import { linkAddress, refuseOtherNode } from './node-note.js'
import type { NodeTarget } from './node-target.js'
import { Reconciler, type ReconcilerOptions } from './reconciler.js'
import { suspendedError, suspensionOf } from './suspension.js'
import { SwitchLink, type SwitchTarget } from './switch-link.js'
import { portsOf, type TunnelDuty, tunnelDuty, tunnellingOf } from './tunnelling.js'

export interface OnceOptions extends ReconcilerOptions {
  readonly at: Pick<NodeTarget, 'node' | 'integration' | 'tunnel'>
  readonly store: ManifestStore
  readonly revision: string
  /** What may be deleted; undefined: the usual. */
  readonly maxDeletes: DeleteLimit | undefined
}

export interface BridgeResult extends Rest {
  readonly bridge: string
  readonly plan: Plan
  readonly createdBridge: boolean
  /** Ports of ours that were made or set right. */
  readonly ports: readonly PortChange[]
  /** The switch waited for its flows before it passed a packet, and was told that they are there. */
  readonly endedRestoreWait: boolean
  /** What was found besides, in people's words. */
  readonly warnings: readonly string[]
}

/** A bridge that is ready for its pass, and what it took. */
interface Ready {
  readonly link: SwitchLink
  readonly target: SwitchTarget
  readonly table: SwitchTable
  readonly createdBridge: boolean
  readonly ports: readonly PortChange[]
}

/**
 * @returns what was done to br-int, and to br-tun where the node has one
 * @throws ReconcileError LOCK_HELD, NODE_CHANGED, and when the switch cannot be reached or refuses; that bridge is as it was then
 */
export async function reconcileOnce(options: OnceOptions): Promise<readonly BridgeResult[]> {
  const { store, at } = options
  return withBridge(at.integration, async (link) => {
    const endedRestoreWait = link.switch.flowRestoreWait
    const tunnelling = tunnellingOf(store, linkAddress(link, { store, node: at.node }), NO_CLUSTER)
    const duty = tunnelDuty(link, at.integration.bridge, tunnelling)
    const results =
      duty && at.tunnel
        ? await withBridge(at.tunnel, (tunnel) => passBoth(link, tunnel, duty, options))
        : [await pass(await connectOwn(link, options), options)]
    if (endedRestoreWait) await link.endFlowRestoreWait()
    return results.map((result, i) => ({ ...result, endedRestoreWait: endedRestoreWait && i === 0 }))
  })
}

/** @param work is done with the lock of the bridge */
async function withBridge<T>(target: SwitchTarget, work: (link: SwitchLink) => Promise<T>): Promise<T> {
  const link = await SwitchLink.open(target)
  try {
    if (!(await link.lock()).held) throw lockHeld(target.bridge)
    const suspension = suspensionOf(link.notes)
    if (suspension) throw suspendedError(target.bridge, suspension)
    return await work(link)
  } finally {
    link.close()
  }
}

/** @throws ReconcileError NODE_CHANGED */
async function connectOwn(link: SwitchLink, { at, store }: OnceOptions): Promise<Ready> {
  const ready = await connect(link, at.integration)
  await refuseOtherNode(link, ready.table, { store, node: at.node })
  return ready
}

async function connect(link: SwitchLink, target: SwitchTarget): Promise<Ready> {
  const createdBridge = link.bridge === undefined
  const table = await link.connectBridge((connection) => new SwitchTable(connection))
  return { link, target, table, createdBridge, ports: [] }
}

/** Both bridges are joined before either has its flows: these speak of the ports between them. */
async function passBoth(
  link: SwitchLink,
  tunnelLink: SwitchLink,
  { spec }: TunnelDuty,
  options: OnceOptions,
): Promise<readonly BridgeResult[]> {
  const { integration, tunnel = integration } = options.at
  const ready = await connectOwn(link, options)
  const changes = spec ? await tunnelLink.ensureTunnel(spec) : []
  const tunnelReady = { ...(await connect(tunnelLink, tunnel)), ports: portsOf(changes) }
  if (changes.length > 0) {
    await link.awaitPorts([TUNNEL_PATCH])
    await tunnelLink.awaitPorts([INTEGRATION_PATCH, TUNNEL_INTERFACE])
  }
  const plugged = { interfaces: link.interfaces, tunnelInterfaces: tunnelLink.interfaces }
  const createdBridge = changes.some(({ kind }) => kind === 'add-bridge')
  return [
    await pass(ready, options, { plugged }),
    await pass({ ...tunnelReady, createdBridge }, options, { plugged }),
  ]
}

async function pass(
  { link, target, table, createdBridge, ports }: Ready,
  options: OnceOptions,
  joined: Pick<Wanted, 'plugged'> = {},
): Promise<BridgeResult> {
  const { at, store, revision, maxDeletes } = options
  const isTunnelBridge = target.integrationBridge !== undefined
  const reconciler = new Reconciler({ ...options, features: isTunnelBridge ? TUNNEL_FEATURES : FEATURES })
  const guard = new DeletionGuard(maxDeletes)
  const prepared = preparePass(link, guard, { store, node: at.node, ...joined })
  const said: string[] = []
  // A single run hears nobody: among others it does not know where ports without a host are.
  const isBlind = !isAlone(store, prepared.topology.node, NO_CLUSTER)
  const hold = isBlind ? blindHold(prepared, NO_CLUSTER, () => said.push(LEFT_TO_OTHERS)) : prepared.hold
  const plan = await reconciler.fullPass(table, prepared.topology, [], hold)
  await notePass(link, guard, prepared, revision, reconciler)
  const notices = isTunnelBridge ? NO_NOTICES : prepared.topology
  const warnings = [...linkWarnings(link, notices, store), ...said, ...meterWarnings(plan.meters)]
  const { held, refused } = reconciler
  const { bridge } = target
  return { bridge, plan, createdBridge, ports, endedRestoreWait: false, held, refused, warnings }
}

function lockHeld(bridge: string): ReconcileError {
  return new ReconcileError('LOCK_HELD', `Another reconciler works on ${bridge}; nothing was applied.`, {
    remedy:
      'Use --dry-run to see what would change, commit to the manifests that it follows, or stop it first.',
  })
}
