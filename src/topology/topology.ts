// The network as one node sees it: manifests joined with the interfaces that are plugged in here, every reference
// resolved. Built whole from its inputs, never changed afterwards.
import type { ManifestSet, Network, Port, Router, RouterInterface, Subnet } from '../manifest/model.js'
import { reachOf } from '../manifest/reach.js'
import type { Ipv4 } from '../values/ipv4.js'
import { TUNNEL_PATCH } from '../values/tunnel-patch.js'
import { type BindingNotice, bindPorts } from './bind.js'
import { type ClusterView, NO_CLUSTER } from './cluster-view.js'
import type { SwitchInterface } from './interfaces.js'
import { buildLookups, type Lookups } from './lookups.js'
import { NOWHERE, placeRemotePorts } from './remote.js'
import { isAlone } from './scope.js'
import { type TunnelEnds, tunnelEnds } from './tunnel-ends.js'

/** A port of the manifests whose interface is plugged into the bridge. */
export interface LocalPort {
  readonly port: Port
  readonly network: Network
  /** OpenFlow port number */
  readonly ofport: number
}

/** A port of the manifests that is on another node, reached through the tunnel bridge. */
export interface RemotePort {
  readonly port: Port
  readonly network: Network
  /** Name of its node, one of the peers. */
  readonly node: string
}

/** `'ofport' in placed`: it is here. */
export type PlacedPort = LocalPort | RemotePort

export interface TopologySubnet {
  readonly subnet: Subnet
  readonly network: Network
}

/** A leg of a router: an address of its own in one subnet. */
export interface RouterLeg extends TopologySubnet {
  readonly router: Router
  readonly interface: RouterInterface
}

/** A node among others has here what its ports can reach, and nothing else (manifest/reach.ts). */
export interface Topology extends Lookups {
  /** Name of this node; undefined where ports are not told apart by host. */
  readonly node: string | undefined
  /** What it is made of: the objects that ports of this node can reach; all of them where the node is alone. */
  readonly scope: ManifestSet
  readonly networks: readonly Network[]
  /** Of the networks that ports of this node are in; all of them where the node is alone. */
  readonly subnets: readonly TopologySubnet[]
  readonly routerLegs: readonly RouterLeg[]
  /** The legs by which packets of ports of this node come to a router; all of them where the node is alone. */
  readonly ingressLegs: readonly RouterLeg[]
  /** By name of the port. */
  readonly localPorts: readonly LocalPort[]
  /** By name of the port; none where there is no way to the tunnel bridge. */
  readonly remotePorts: readonly RemotePort[]
  /** Tunnel addresses of the nodes of `remotePorts`, by name. */
  readonly peers: ReadonlyMap<string, Ipv4>
  /** OpenFlow port number of the patch port to the tunnel bridge, where the bridge has one. */
  readonly tunnelPort: number | undefined
  /** The ports of the tunnel bridge, where there is one. */
  readonly tunnel: TunnelEnds | undefined
  /** Ports that are not as their manifest says. */
  readonly notices: readonly BindingNotice[]
}

export interface TopologyInputs {
  /** Of a node among others what it may reach is enough. */
  readonly manifests: ManifestSet
  /** Name of this node; undefined: ports are not told apart by host. */
  readonly node: string | undefined
  /** What is plugged into the bridge. */
  readonly interfaces: readonly SwitchInterface[]
  /** What is plugged into the tunnel bridge. */
  readonly tunnelInterfaces?: readonly SwitchInterface[] | undefined
  /** What nodes tell each other; nothing unless given. */
  readonly cluster?: ClusterView | undefined
  /** Where the manifests do not say it: the address at which other nodes reach this one; undefined: they cannot. */
  readonly tunnelIp?: Ipv4 | undefined
}

export function buildTopology(inputs: TopologyInputs): Topology {
  const { manifests: all, node, interfaces, tunnelInterfaces = [], cluster = NO_CLUSTER } = inputs
  const alone = isAlone(all, node, cluster)
  const { bound, notices } = bindPorts(all.ports, { node, alone, cluster }, interfaces)
  const ownNetworks = new Set(bound.map(({ port }) => port.network))
  const scope = alone ? all : reachOf(all, ownNetworks)
  const networks = byName(scope.networks)
  const { subnets, routerLegs } = resolve(scope, networks)
  const withNetwork = <T extends { readonly port: Port }>(placed: T) => ({
    ...placed,
    network: required(networks, placed.port.network),
  })
  const isEntered = ({ network }: TopologySubnet) => ownNetworks.has(network.name)
  const localPorts = bound.map(withNetwork)
  const tunnelPort = interfaces.find(({ name, type }) => name === TUNNEL_PATCH && type === 'patch')?.ofport
  const isReached = inputs.tunnelIp !== undefined || all.nodes.some(({ name }) => name === node)
  const isJoined = node !== undefined && tunnelPort !== undefined && isReached
  const remote = isJoined ? placeRemotePorts({ manifests: scope, node, cluster }) : NOWHERE
  const remotePorts = remote.placed.map(withNetwork)
  return {
    ...{ node, scope, networks: scope.networks, routerLegs, localPorts, remotePorts, tunnelPort },
    subnets: alone ? subnets : subnets.filter(isEntered),
    ingressLegs: alone ? routerLegs : routerLegs.filter(isEntered),
    peers: remote.peers,
    tunnel: tunnelEnds(tunnelInterfaces),
    notices: [...notices, ...remote.notices],
    ...buildLookups(scope.ports, [...localPorts, ...remotePorts], routerLegs),
  }
}

function resolve({ subnets: all, routers }: ManifestSet, networks: ReadonlyMap<string, Network>) {
  const subnets = all.map((subnet) => ({ subnet, network: required(networks, subnet.network) }))
  const subnetByName = new Map(subnets.map((resolved) => [resolved.subnet.name, resolved]))
  const routerLegs = routers.flatMap((router) =>
    router.interfaces.map((leg) => ({ ...required(subnetByName, leg.subnet), router, interface: leg })),
  )
  return { subnets, routerLegs }
}

function byName<T extends { readonly name: string }>(objects: readonly T[]): ReadonlyMap<string, T> {
  return new Map(objects.map((object) => [object.name, object]))
}

/** References were checked when the manifests were parsed. */
function required<T>(objects: ReadonlyMap<string, T>, name: string): T {
  const object = objects.get(name)
  if (!object) throw new Error(`unchecked reference to ${name}`)
  return object
}
