// A node's part in the cluster that agrees where ports are: a topology in, what to claim and what to say of it out.
import type { Cluster } from '../cluster/cluster.js'
import type { Topology } from '../topology/topology.js'

/**
 * @param node the name under which this node claims ports
 * @param onChange called after the view or the state has become another one
 */
export type OpenCluster = (node: string, onChange: () => void) => Promise<Cluster>

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
  state: { connected, since, error },
}: Pick<Cluster, 'state'>): readonly string[] {
  if (connected) return error ? [`etcd: ${error.message}`] : []
  const why = error ? `: ${error.message}` : ''
  return [`etcd has not answered since ${since.toISOString()}; what it said last stays in force${why}`]
}
