// Joins the ports of the manifests to the interfaces of the bridge: by interface name, or by external_ids:iface-id.
import type { Port } from '../manifest/model.js'
import { type ClusterView, NO_CLUSTER } from './cluster-view.js'
import type { SwitchInterface } from './interfaces.js'
import { nodeOfPort } from './scope.js'

export type BindingReason =
  | 'NotPlugged'
  | 'NoDevice'
  | 'Taken'
  | 'MacDiffers'
  | 'Ambiguous'
  /** It is plugged in here, and another node has bound it. */
  | 'ClaimedElsewhere'
  /** It is on a node that nobody knows the tunnel address of. */
  | 'NoTunnelAddress'

/** A port that is not on the switch as its manifest says. The rest of the network is not held up by it. */
export interface BindingNotice {
  readonly port: Port
  readonly reason: BindingReason
  readonly message: string
  /** Where it is another one than usual for the reason. */
  readonly remedy?: string
}

interface BoundPort {
  readonly port: Port
  readonly ofport: number
}

interface Binding {
  readonly bound: BoundPort[]
  readonly notices: BindingNotice[]
}

interface BindingDraft extends Binding {
  /** Whose a port number is. */
  readonly taken: Map<number, Port>
}

/** The node whose ports are bound. */
export interface BindingPlace {
  /** Ports of other nodes are passed over; undefined: all are taken. */
  readonly node: string | undefined
  /** There is no other node where a port without `host` may be. */
  readonly alone: boolean
  /** Says whose a port without `host` is. */
  readonly cluster: ClusterView
}

/** An interface goes to one port, the first by name that claims it. */
export function bindPorts(
  ports: readonly Port[],
  place: BindingPlace,
  interfaces: readonly SwitchInterface[],
): Binding {
  const { node, cluster } = place
  const byName = new Map(interfaces.map((item) => [item.name, [item]]))
  const byIfaceId = groupByIfaceId(interfaces)
  const binding: BindingDraft = { bound: [], notices: [], taken: new Map() }
  for (const port of candidatesFor(ports, node)) {
    const candidates =
      (port.interface === undefined
        ? byIfaceId.get(port.ifaceId ?? port.name)
        : byName.get(port.interface)) ?? []
    const owner = node === undefined ? undefined : nodeOfPort(port, cluster)
    const isNowhere = candidates.length === 0 && owner === undefined && !place.alone
    if (isNowhere) binding.notices.push(nowhere(port, cluster))
    else if (owner === undefined || owner === node) bindPort(binding, port, candidates)
    else if (port.host === undefined && candidates.length > 0) binding.notices.push(claimed(port, owner))
  }
  return binding
}

/** It may be plugged in at another node, which nobody tells. */
function nowhere(port: Port, cluster: ClusterView): BindingNotice {
  const [told, remedy] =
    cluster === NO_CLUSTER
      ? [
          'no node is told to have the port',
          'Plug it in, or say in its Port.spec.host which node has it, or use --etcd, by which nodes tell each other.',
        ]
      : ['no node has bound the port', 'Plug it in at the node where it is to be.']
  const message = `${wanted(port)} is not plugged in here, and ${told}`
  return { port, reason: 'NotPlugged', message, remedy }
}

/** Those that are on this node or may be. @param node undefined: all */
function candidatesFor(ports: readonly Port[], node: string | undefined): readonly Port[] {
  return node === undefined ? ports : ports.filter(({ host }) => host === undefined || host === node)
}

/** The manifests say nothing of its node, so the interface may be meant to be here. */
function claimed(port: Port, owner: string): BindingNotice {
  const message = `${wanted(port)} is plugged in here, and node ${owner} has bound the port`
  return { port, reason: 'ClaimedElsewhere', message }
}

/** Interfaces of each iface-id, by name. */
function groupByIfaceId(
  interfaces: readonly SwitchInterface[],
): ReadonlyMap<string, readonly SwitchInterface[]> {
  const groups = new Map<string, SwitchInterface[]>()
  for (const item of interfaces) {
    if (item.ifaceId !== undefined) groups.set(item.ifaceId, [...(groups.get(item.ifaceId) ?? []), item])
  }
  return groups
}

function bindPort(binding: BindingDraft, port: Port, candidates: readonly SwitchInterface[]): void {
  const { bound, notices, taken } = binding
  const notice = (reason: BindingNotice['reason'], message: string) => notices.push({ port, reason, message })
  const [first, second] = candidates
  if (!first) {
    notice('NotPlugged', `${wanted(port)} is not plugged into the bridge`)
    return
  }
  if (second)
    notice(
      'Ambiguous',
      `${wanted(port)} is carried by ${first.name} and ${second.name}; ${first.name} is used`,
    )
  if (first.ofport === undefined) {
    notice(
      'NoDevice',
      `interface ${first.name} has no port number yet${first.error ? `: ${first.error}` : ''}`,
    )
    return
  }
  // One port may name the interface and another the iface-id that the same interface carries.
  const owner = taken.get(first.ofport)
  if (owner) {
    notice('Taken', `interface ${first.name} is already that of port ${owner.name}`)
    return
  }
  taken.set(first.ofport, port)
  if (first.attachedMac !== undefined && first.attachedMac.toLowerCase() !== port.macAddress) {
    notice(
      'MacDiffers',
      `interface ${first.name} says attached-mac ${first.attachedMac}, the manifest says ${port.macAddress}`,
    )
  }
  bound.push({ port, ofport: first.ofport })
}

function wanted(port: Port): string {
  return port.interface === undefined
    ? `iface-id ${port.ifaceId ?? port.name}`
    : `interface ${port.interface}`
}
