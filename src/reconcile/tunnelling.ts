// Whether a node needs a tunnel bridge: manifests, its name and what nodes tell each other in, what it is to be like out. Pure.
import type { ManifestSet } from '../manifest/model.js'
import type { TunnelBridgeChange, TunnelSpec } from '../ovsdb/tunnel-bridge.js'
import { describePort, describePortSettings, type PortChange } from '../plan/ports.js'
import type { ClusterView } from '../topology/cluster-view.js'
import type { Ipv4 } from '../values/ipv4.js'
import { appliedRevision } from './guarded-pass.js'
import type { BridgeLink } from './switch-link.js'

/** Where nodes are known by the cluster alone, nobody says another one. */
const USUAL_ENCAPSULATION = 'geneve'

export type Tunnelling = Pick<TunnelSpec, 'encapsulation'>

/** A node, and the address at which others reach it, as `tunnelIpOf` gives it. */
export interface NodeAddress {
  readonly node: string
  readonly tunnelIp: Ipv4 | undefined
}

/** Undefined where this node has no tunnel address, or there is no other node. */
export function tunnellingOf(
  { nodes }: Pick<ManifestSet, 'nodes'>,
  { node, tunnelIp }: NodeAddress,
  { tunnelIps }: ClusterView,
): Tunnelling | undefined {
  const names = new Set([node, ...nodes.map(({ name }) => name), ...tunnelIps.keys()])
  if (tunnelIp === undefined || names.size < 2) return undefined
  return { encapsulation: nodes[0]?.encapsulation ?? USUAL_ENCAPSULATION }
}

/** For people: others know this node by the cluster, and do not know how to reach it. */
export function addressWarnings(
  { nodes }: Pick<ManifestSet, 'nodes'>,
  { node, tunnelIp }: NodeAddress,
  { tunnelIps }: ClusterView,
): readonly string[] {
  const hasOthers = [...nodes.map(({ name }) => name), ...tunnelIps.keys()].some((name) => name !== node)
  return tunnelIp === undefined && hasOthers ? [withoutAddress(node)] : []
}

const withoutAddress = (node: string): string =>
  `node ${node} has no Node in the manifests and no tunnel address, so no other node can be reached: add its Node, or ` +
  'ovs-vsctl set Open_vSwitch . external_ids:reconcile-tunnel-ip=ADDRESS'

/** What is to be done about br-tun. */
export interface TunnelDuty {
  /** What it has to be like; undefined: no other node is left, and its flows go. */
  readonly spec: TunnelSpec | undefined
}

/**
 * Who has once had flows on br-tun goes on to care for them, also where no other node is left.
 * @returns undefined where there is nothing to do: a br-tun is somebody else's then
 */
export function tunnelDuty(
  { tunnelNotes }: Pick<BridgeLink, 'tunnelNotes'>,
  integrationBridge: string,
  tunnelling: Tunnelling | undefined,
): TunnelDuty | undefined {
  if (tunnelling) return { spec: { ...tunnelling, integrationBridge } }
  return appliedRevision(tunnelNotes) === undefined ? undefined : { spec: undefined }
}

/** The ports among the changes, as a plan shows them. */
export function portsOf(changes: readonly TunnelBridgeChange[]): readonly PortChange[] {
  return changes.filter((change) => change.kind !== 'add-bridge')
}

/** For a log. */
export function describeChange(change: TunnelBridgeChange): string {
  switch (change.kind) {
    case 'add-bridge':
      return `made bridge ${change.bridge} (fail_mode=secure)`
    case 'add-port':
      return `made ${describePort(change.port)}`
    case 'set-port':
      return `set right ${describePort(change.port)}, which had ${describePortSettings(change.was)}`
  }
}
