// What only the running system knows of the other nodes: who has bound which port, and who is reached at which address.
import type { Ipv4 } from '../values/ipv4.js'

/** A snapshot: it never changes, a new one takes its place. */
export interface ClusterView {
  /** The node that has bound a port, by name of the port. */
  readonly bindings: ReadonlyMap<string, string>
  /** Tunnel addresses by name of the node; those that the manifests give go before them. */
  readonly tunnelIps: ReadonlyMap<string, Ipv4>
}

/** Nobody tells: ports are where the manifests say, or where they are plugged in. */
export const NO_CLUSTER: ClusterView = { bindings: new Map(), tunnelIps: new Map() }
