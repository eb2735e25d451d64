// What `openCluster` has to be told: where etcd is, who we are, and how to prove it.

export interface EtcdAccess {
  /** Client addresses of the members, `http://HOST:PORT` or `https://HOST:PORT`; at least one. */
  readonly urls: readonly string[]
  /** What all keys begin with, such as `/ovs-reconcile`; no slash at the end. */
  readonly prefix: string
  /** PEM files; they are read anew for each connection, so that certificates can be renewed. */
  readonly caFile: string | undefined
  readonly certFile: string | undefined
  readonly keyFile: string | undefined
  /** A file with `user:password`. */
  readonly userFile: string | undefined
}

export interface ClusterOptions extends EtcdAccess {
  /** The name under which this node claims ports. */
  readonly node: string
  /** Tells its switch from all others: while an agent of one has the name, no agent of another one gets it. */
  readonly switchId: string
  /** How long etcd keeps what a node said after it was last heard of, in seconds; 15 unless given. */
  readonly leaseSeconds?: number
  /**
   * Called after the view or the state has become another one, once for all that came within a few milliseconds, and
   * not before `openCluster` has resolved.
   */
  readonly onChange: () => void
}

/**
 * Long enough for an election of etcd's, and for a restart of the agent on a machine under load; the time until a dead node's
 * ports are free.
 */
export const LEASE_SECONDS = 15
