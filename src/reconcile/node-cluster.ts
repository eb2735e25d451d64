// A node's part in the cluster that agrees where ports are: a topology in, what to claim and what to say of it out.
import type { Cluster } from '../cluster/cluster.js'
import type { ClusterOptions } from '../cluster/options.js'
import type { ClusterView } from '../topology/cluster-view.js'
import type { Topology } from '../topology/topology.js'

/**
 * @param self the name under which this node claims ports, and its switch
 * @param onChange called after the view or the state has become another one
 */
export type OpenCluster = (
  self: Pick<ClusterOptions, 'node' | 'switchId'>,
  onChange: () => void,
) => Promise<Cluster>

/**
 * The ports that are plugged in here, also those that another node holds: they are claimed as soon as that one lets go. Where
 * the manifests say the host nobody has to ask.
 */
export function portsToClaim({
  localPorts,
  notices,
}: Pick<Topology, 'localPorts' | 'notices'>): ReadonlySet<string> {
  const claimed = notices.filter(({ reason }) => reason === 'ClaimedElsewhere')
  return new Set(
    [...localPorts, ...claimed].flatMap(({ port }) => (port.host === undefined ? [port.name] : [])),
  )
}

/** What a person should know: empty while the cluster answers. */
export function clusterWarnings({
  state: { connected, since, error, contender },
}: Pick<Cluster, 'state'>): readonly string[] {
  const why = error
    ? ` ${error.code}: ${error.message}${error.remedy === undefined ? '' : ` ${error.remedy}`}`
    : ''
  const rival =
    'another agent, on another switch, asks for the name of this node, and writes nothing as long as this one runs: ' +
    `give it its own --node, or end it; its switch is ${contender ?? ''}`
  if (connected) return [...(error ? [`etcd:${why}`] : []), ...(contender === undefined ? [] : [rival])]
  return [
    `etcd has not answered since ${since.toISOString()}; what was known of other nodes stays in force.${why}`,
  ]
}

/**
 * Does what the others say now ask for a pass? Not where ports have moved that this node has nothing to do with: there may
 * be very many of them.
 * @param isNeeded says of a port, by name, that flows of this node depend on it
 */
export function isNews(
  before: ClusterView,
  now: ClusterView,
  node: string | undefined,
  isNeeded: (port: string) => boolean,
): boolean {
  if (before === now) return true // the state has changed, which people are told
  if (!sameEntries(before.tunnelIps, now.tunnelIps)) return true
  const concerns = (port: string, ...nodes: readonly (string | undefined)[]) =>
    nodes.includes(node) || isNeeded(port)
  for (const [port, at] of now.bindings) {
    const was = before.bindings.get(port)
    if (was !== at && concerns(port, was, at)) return true
  }
  for (const [port, was] of before.bindings) if (!now.bindings.has(port) && concerns(port, was)) return true
  return false
}

function sameEntries<K, V>(a: ReadonlyMap<K, V>, b: ReadonlyMap<K, V>): boolean {
  return a === b || (a.size === b.size && [...a].every(([key, value]) => b.get(key) === value))
}
