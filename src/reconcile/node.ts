// Which node is this?
import { hostname } from 'node:os'
import { ReconcileError } from '../errors/error.js'
import type { ManifestSet } from '../manifest/model.js'
import type { ManifestStore } from '../manifest/store.js'
import { nearest } from '../manifest/suggest.js'
import { type Ipv4, parseIpv4 } from '../values/ipv4.js'

/** What a switch tells of its host. */
export interface HostFacts {
  /** Open_vSwitch external_ids:hostname */
  readonly hostname: string | undefined
  /** The name under which the host stood among other nodes when a pass was made last. */
  readonly notedNode: string | undefined
  /** Nodes tell each other of themselves: one that has no manifest is a node all the same. */
  readonly isInCluster: boolean
}

/**
 * The name under which this host stands in the manifests: as asked for, else the Node that has the host's name, compared in
 * full and then by first label, else the host's name.
 * @throws ReconcileError USAGE when there are Nodes, and none has the name that was asked for; UNKNOWN_NODE when none has
 * the host's, and there are ports with a `host`, all of which would be taken for ports of another node, or this host had a
 * Node before. Neither in a cluster.
 */
export function nodeName(
  store: Pick<ManifestStore, 'nodes' | 'all'>,
  requested: string | undefined,
  { hostname: switchHostname, notedNode, isInCluster }: HostFacts,
): string {
  const { nodes } = store
  if (requested !== undefined) return isInCluster ? requested : requestedNode(nodes, requested)
  const host = switchHostname ?? hostname()
  const node =
    nodes.find(({ name }) => name === host) ?? nodes.find(({ name }) => label(name) === label(host))
  if (!node && nodes.length > 0 && !isInCluster && (notedNode === host || hasHosts(store)))
    throw unknownNode(host, nodes)
  return node?.name ?? host
}

/** By store, as whoever is no Node asks in each pass. */
const haveHosts = new WeakMap<object, boolean>()

function hasHosts(store: Pick<ManifestStore, 'all'>): boolean {
  const answer = haveHosts.get(store) ?? store.all().ports.some(({ host }) => host !== undefined)
  haveHosts.set(store, answer)
  return answer
}

function unknownNode(host: string, nodes: ManifestSet['nodes']): ReconcileError {
  const names = nodes.map(({ name }) => name).join(', ')
  return new ReconcileError('UNKNOWN_NODE', `No Node of the manifests is named "${host}", as this host is.`, {
    remedy: `Say which one it is with --node: ${names}. Or add a Node, or mend Open_vSwitch external_ids:hostname.`,
  })
}

/** @throws ReconcileError USAGE as `nodeName` */
export function requestedNode(nodes: ManifestSet['nodes'], requested: string): string {
  const names = nodes.map(({ name }) => name)
  if (names.length === 0 || names.includes(requested)) return requested
  const near = nearest(requested, names)
  throw new ReconcileError('USAGE', `There is no Node "${requested}" in the manifests.`, {
    remedy: `${near === undefined ? `Use one of: ${names.join(', ')}.` : `Did you mean "${near}"?`} Or add a Node of that name.`,
  })
}

/** The address at which other nodes reach this one: as the manifests say, else as its own switch does. */
export function tunnelIpOf(
  { nodes }: Pick<ManifestSet, 'nodes'>,
  node: string,
  onSwitch: string | undefined,
): Ipv4 | undefined {
  return nodes.find(({ name }) => name === node)?.tunnelIp ?? parseIpv4(onSwitch ?? '')
}

function label(name: string): string {
  return name.split('.')[0] ?? name
}
