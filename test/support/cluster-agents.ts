// Nodes of a cluster without switches: each opens the cluster as the daemon does, says what it has bound, and keeps
// every view that it was told of.
import { type Cluster, openCluster } from '../../src/cluster/cluster.js'
import type { ClusterOptions } from '../../src/cluster/options.js'
import type { ClusterView } from '../../src/topology/cluster-view.js'
import { parseIpv4 } from '../../src/values/ipv4.js'

export class Agent {
  readonly views: ClusterView[] = []

  private constructor(
    readonly cluster: Cluster,
    readonly address: string,
  ) {}

  static async open(
    options: Partial<ClusterOptions> & Pick<ClusterOptions, 'node' | 'urls'>,
    address = '192.0.2.1',
  ): Promise<Agent> {
    const cluster: Cluster = await openCluster({
      prefix: '/test',
      caFile: undefined,
      certFile: undefined,
      keyFile: undefined,
      userFile: undefined,
      leaseSeconds: 4,
      switchId: `switch of ${options.node}`,
      onChange: () => void agent.views.push(agent.cluster.view),
      ...options,
    })
    const agent = new Agent(cluster, address)
    return agent
  }

  publish(...ports: readonly string[]): void {
    const tunnelIp = parseIpv4(this.address)
    this.cluster.publish({ tunnelIp, ports: new Set(ports) })
  }

  /** Port → node, as this node sees it. */
  get bindings(): Readonly<Record<string, string>> {
    return Object.fromEntries(this.cluster.view.bindings)
  }

  get conflicts(): Readonly<Record<string, string>> {
    return Object.fromEntries(this.cluster.state.conflicts)
  }

  /** Forgets the views so far; those that come later are in `views`. */
  watchViews(): void {
    this.views.length = 0
  }
}
