// The network as one node sees it: manifests joined with the interfaces that are plugged in here, every reference
// resolved. Built whole from its inputs, never changed afterwards.
import type { ManifestSet, Network, Port, Router, RouterInterface, Subnet } from '../manifest/model.js'
import { TUNNEL_PATCH } from '../values/tunnel-patch.js'
import { type BindingNotice, bindPorts } from './bind.js'
import type { SwitchInterface } from './interfaces.js'
import { buildLookups, type Lookups } from './lookups.js'

/** A port of the manifests whose interface is plugged into the bridge. */
export interface LocalPort {
  readonly port: Port
  readonly network: Network
  /** OpenFlow port number */
  readonly ofport: number
}

export interface TopologySubnet {
  readonly subnet: Subnet
  readonly network: Network
}

/** A leg of a router: an address of its own in one subnet. */
export interface RouterLeg extends TopologySubnet {
  readonly router: Router
  readonly interface: RouterInterface
}

export interface Topology extends Lookups {
  /** Name of this node; undefined where ports are not told apart by host. */
  readonly node: string | undefined
  readonly networks: readonly Network[]
  readonly subnets: readonly TopologySubnet[]
  readonly routerLegs: readonly RouterLeg[]
  /** By name of the port. */
  readonly localPorts: readonly LocalPort[]
  /** OpenFlow port number of the patch port to the tunnel bridge, where the bridge has one. */
  readonly tunnelPort: number | undefined
  /** Ports that are not as their manifest says. */
  readonly notices: readonly BindingNotice[]
}

export interface TopologyInputs {
  readonly manifests: ManifestSet
  /** Name of this node; undefined: ports are not told apart by host. */
  readonly node: string | undefined
  /** What is plugged into the bridge. */
  readonly interfaces: readonly SwitchInterface[]
}

export function buildTopology({ manifests, node, interfaces }: TopologyInputs): Topology {
  const networks = byName(manifests.networks)
  const subnets = manifests.subnets.map((subnet) => ({ subnet, network: required(networks, subnet.network) }))
  const subnetByName = new Map(subnets.map((resolved) => [resolved.subnet.name, resolved]))
  const routerLegs = manifests.routers.flatMap((router) =>
    router.interfaces.map((leg) => ({ ...required(subnetByName, leg.subnet), router, interface: leg })),
  )
  const { bound, notices } = bindPorts(manifests.ports, node, interfaces)
  const localPorts = bound.map(({ port, ofport }) => ({
    port,
    ofport,
    network: required(networks, port.network),
  }))
  return {
    node,
    networks: manifests.networks,
    subnets,
    routerLegs,
    localPorts,
    tunnelPort: interfaces.find(({ name, type }) => name === TUNNEL_PATCH && type === 'patch')?.ofport,
    notices,
    ...buildLookups(manifests.ports, localPorts, routerLegs),
  }
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
