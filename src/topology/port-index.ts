// The ports of a set of manifests by node and by network, so that a pass looks only at those that its node needs. Made once
// for each set; it can be lost, and is then made again.
import type { ManifestSet, Port } from '../manifest/model.js'

export interface PortIndex {
  /** By `host`; those without one are under undefined. Each list by name. */
  readonly byHost: ReadonlyMap<string | undefined, readonly Port[]>
  readonly byNetwork: ReadonlyMap<string, readonly Port[]>
}

const indexes = new WeakMap<ManifestSet['ports'], PortIndex>()

export function portIndex(ports: ManifestSet['ports']): PortIndex {
  const known = indexes.get(ports)
  if (known) return known
  const index = { byHost: groupBy(ports, hostOf), byNetwork: groupBy(ports, networkOf) }
  indexes.set(ports, index)
  return index
}

/** Those that are on this node or may be, by name. @param node undefined: all */
export function candidatesFor(ports: ManifestSet['ports'], node: string | undefined): readonly Port[] {
  if (node === undefined) return ports
  const { byHost } = portIndex(ports)
  const [own = [], free = []] = [byHost.get(node), byHost.get(undefined)]
  if (own.length === 0) return free
  return free.length === 0 ? own : [...own, ...free].sort(byName)
}

/** Names of all ports of these networks, wherever they are. */
export function portNamesIn(
  ports: ManifestSet['ports'],
  networks: readonly { readonly name: string }[],
): ReadonlySet<string> {
  const { byNetwork } = portIndex(ports)
  return new Set(networks.flatMap(({ name }) => (byNetwork.get(name) ?? []).map((port) => port.name)))
}

/** By name, in code-unit order, as manifests are. */
export function byName(a: { readonly name: string }, b: { readonly name: string }): number {
  if (a.name === b.name) return 0
  return a.name < b.name ? -1 : 1
}

function hostOf({ host }: Port): string | undefined {
  return host
}

function networkOf({ network }: Port): string {
  return network
}

function groupBy<K>(ports: readonly Port[], keyOf: (port: Port) => K): ReadonlyMap<K, readonly Port[]> {
  const groups = new Map<K, Port[]>()
  for (const port of ports) {
    const group = groups.get(keyOf(port))
    if (group) group.push(port)
    else groups.set(keyOf(port), [port])
  }
  return groups
}
