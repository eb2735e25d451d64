// What the ports of a node can reach: all objects and the networks that these ports are in go in, the objects that packets
// of theirs can come to go out. Flows and memory of a node follow its own ports, however large the whole is.
import type { ManifestSet, Port } from './model.js'

/** The place of a node. */
export interface Here {
  /** Name of the node. */
  readonly node: string
  /** Names and iface-ids of the interfaces that are plugged in here. */
  readonly claims: ReadonlySet<string>
}

/**
 * The networks themselves, the routers with a leg in one of them, and the networks of the other legs of these routers; with
 * their subnets and ports. Behind these nothing can be reached: next hops of static routes are ports in them too. Nodes are
 * needed by all.
 */
export function reachOf(manifests: ManifestSet, networks: ReadonlySet<string>): ManifestSet {
  const own = new Set(manifests.subnets.filter(({ network }) => networks.has(network)).map(nameOf))
  const routers = manifests.routers.filter((router) =>
    router.interfaces.some(({ subnet }) => own.has(subnet)),
  )
  const legs = new Set(routers.flatMap((router) => router.interfaces.map(({ subnet }) => subnet)))
  const behind = manifests.subnets.filter(({ name }) => legs.has(name)).map(({ network }) => network)
  const reached = new Set([...networks, ...behind])
  return {
    networks: manifests.networks.filter(({ name }) => reached.has(name)),
    subnets: manifests.subnets.filter(({ network }) => reached.has(network)),
    routers,
    ports: manifests.ports.filter(({ network }) => reached.has(network)),
    nodes: manifests.nodes,
  }
}

/** The networks of all ports that are on this node, or may be: by name, in code-unit order. */
export function networksHere(ports: readonly Port[], here: Here): ReadonlySet<string> {
  return new Set(ports.flatMap((port) => (isHere(port, here) ? port.network : [])).toSorted())
}

/** Is it said to be here, or plugged in here while nothing is said of its host? */
export function isHere(
  { name, host, interface: interfaceName, ifaceId }: Port,
  { node, claims }: Here,
): boolean {
  return host === undefined ? claims.has(interfaceName ?? ifaceId ?? name) : host === node
}

function nameOf({ name }: { readonly name: string }): string {
  return name
}
