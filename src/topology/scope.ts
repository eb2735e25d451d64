// What a node needs of all manifests: names of the networks that its ports are in go in, the objects that those ports can
// reach come out. Flows and memory of a node follow its own ports, however large the whole is.
import type { ManifestSet, Port } from '../manifest/model.js'
import { type ClusterView, NO_CLUSTER } from './cluster-view.js'
import { byName, portIndex } from './port-index.js'

/**
 * The networks themselves, the routers with a leg in one of them, and the networks of the other legs of these routers; with
 * their subnets and ports. Behind these nothing can be reached: next hops of static routes are ports in them too.
 */
export function scopeOf(manifests: ManifestSet, networks: ReadonlySet<string>): ManifestSet {
  const own = new Set(manifests.subnets.filter(({ network }) => networks.has(network)).map(nameOf))
  const routers = manifests.routers.filter((router) =>
    router.interfaces.some(({ subnet }) => own.has(subnet)),
  )
  const legs = new Set(routers.flatMap((router) => router.interfaces.map(({ subnet }) => subnet)))
  const behind = manifests.subnets.filter(({ name }) => legs.has(name)).map(({ network }) => network)
  const reached = new Set([...networks, ...behind])
  const { byNetwork } = portIndex(manifests.ports)
  return {
    networks: manifests.networks.filter(({ name }) => reached.has(name)),
    subnets: manifests.subnets.filter(({ network }) => reached.has(network)),
    routers,
    ports: [...reached].flatMap((network) => byNetwork.get(network) ?? []).sort(byName),
    nodes: manifests.nodes,
  }
}

/** A node that is alone needs everything: nobody else has what is not plugged in here. */
export function isAlone({ nodes }: ManifestSet, node: string | undefined, cluster: ClusterView): boolean {
  return node === undefined || (cluster === NO_CLUSTER && nodes.every(({ name }) => name === node))
}

/** The node that a port belongs to: that of the manifest, else the one that has bound it; undefined: nobody says. */
export function nodeOfPort(
  { name, host }: Pick<Port, 'name' | 'host'>,
  { bindings }: ClusterView,
): string | undefined {
  return host ?? bindings.get(name)
}

function nameOf({ name }: { readonly name: string }): string {
  return name
}
