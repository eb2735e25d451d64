// One pass: connect, make the switch agree, say what was done.
import type { ManifestSet } from '../manifest/model.js'
import { writeBridgeExternalIds } from '../ovsdb/bridge.js'
import type { Plan } from '../plan/plan.js'
import { buildTopology, type Topology } from '../topology/topology.js'
import { nodeName } from './node.js'
import { Reconciler, type ReconcilerOptions } from './reconciler.js'
import { SwitchLink, type SwitchTarget } from './switch-link.js'

/** Key of Bridge.external_ids under which the applied revision stands. */
export const REVISION_KEY = 'reconcile-revision'

export interface OnceOptions extends ReconcilerOptions {
  readonly target: SwitchTarget
  readonly node: string | undefined
  readonly manifests: ManifestSet
  readonly revision: string
}

export interface OnceResult {
  readonly plan: Plan
  readonly createdBridge: boolean
  /** What was found besides, in people's words. */
  readonly warnings: readonly string[]
}

/** @throws ReconcileError when the switch cannot be reached or refuses; then it is as it was */
export async function reconcileOnce(options: OnceOptions): Promise<OnceResult> {
  const link = await SwitchLink.open(options.target)
  try {
    const createdBridge = link.bridge === undefined
    const connection = await link.connectBridge()
    const topology = linkTopology(link, options)
    const plan = await new Reconciler(options).fullPass(connection, topology)
    await writeRevision(link, options.revision)
    return { plan, createdBridge, warnings: linkWarnings(link, topology, options.manifests) }
  } finally {
    link.close()
  }
}

/** The manifests joined with what the switch has plugged in. */
export function linkTopology(
  link: SwitchLink,
  { manifests, node }: Pick<OnceOptions, 'manifests' | 'node'>,
): Topology {
  return buildTopology({
    manifests,
    node: nodeName(manifests, node, link.switch.hostname),
    interfaces: link.interfaces,
  })
}

/** What a person should know besides: the bridge's fail_mode, ports that are not plugged, manifests that say nothing. */
export function linkWarnings(
  { bridge }: SwitchLink,
  { node, notices }: Topology,
  manifests: ManifestSet,
): readonly string[] {
  const open = bridge !== undefined && bridge.failMode !== 'secure'
  const { nodes } = manifests
  const stranger = nodes.length > 0 && !nodes.some(({ name }) => name === node)
  const empty = Object.values(manifests).every((objects: readonly unknown[]) => objects.length === 0)
  return [
    ...(empty ? ['the manifests hold no object: every network of ours goes from the switch'] : []),
    ...(stranger
      ? [`no Node is named "${node ?? ''}", as this host is: ports with a host are of other nodes`]
      : []),
    ...(open ? [`fail_mode of ${bridge.name} is not secure; it is left as it is`] : []),
    ...notices.map(({ port, message }) => `port "${port.name}": ${message}`),
  ]
}

/** Notes on the bridge which revision it runs, where another stands there. */
export async function writeRevision(link: SwitchLink, revision: string): Promise<void> {
  const { bridge } = link
  if (!bridge || bridge.externalIds.get(REVISION_KEY) === revision) return
  await writeBridgeExternalIds(link.client, bridge.uuid, { [REVISION_KEY]: revision })
}
