// Whether a node needs all manifests or what its ports can reach, and whose a port is: Nodes and what nodes tell each other in.
import type { ManifestSet, Port } from '../manifest/model.js'
import { type ClusterView, NO_CLUSTER } from './cluster-view.js'

/** A node that is alone needs everything: nobody else has what is not plugged in here. */
export function isAlone(
  { nodes }: Pick<ManifestSet, 'nodes'>,
  node: string | undefined,
  cluster: ClusterView,
): boolean {
  return node === undefined || (cluster === NO_CLUSTER && nodes.every(({ name }) => name === node))
}

/** The node that a port belongs to: that of the manifest, else the one that has bound it; undefined: nobody says. */
export function nodeOfPort(
  { name, host }: Pick<Port, 'name' | 'host'>,
  { bindings }: ClusterView,
): string | undefined {
  return host ?? bindings.get(name)
}
