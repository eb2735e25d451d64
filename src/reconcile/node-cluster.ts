// What a node wants of a cluster that agrees where ports are, whatever it is made of: a view of the others in, what is here out.
import type { ClusterView } from '../topology/cluster-view.js'
import type { Topology } from '../topology/topology.js'
import type { Ipv4 } from '../values/ipv4.js'

/** What a node tells the others. */
export interface Wishes {
  /** Undefined where the node has no tunnels. */
  readonly tunnelIp: Ipv4 | undefined
  /** Names of the ports that are plugged in here and belong here. */
  readonly ports: ReadonlySet<string>
}

export interface NodeCluster {
  /** The same object until it changes. */
  readonly view: ClusterView
  readonly state: {
    readonly connected: boolean
    /** When `connected` became what it is. */
    readonly since: Date
    readonly error?: { readonly message: string }
  }
  publish(wishes: Wishes): void
  close(): Promise<void>
}

/**
 * @param node the name under which this node claims ports
 * @param onChange called after the view or the state has become another one
 */
export type OpenCluster = (node: string, onChange: () => void) => Promise<NodeCluster>

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
export function clusterWarnings({ state: { connected, since, error } }: NodeCluster): readonly string[] {
  if (connected) return error ? [`etcd: ${error.message}`] : []
  const why = error ? `: ${error.message}` : ''
  return [`etcd has not answered since ${since.toISOString()}; what it said last stays in force${why}`]
}
