// One node of a daemon: the worker of br-int, and beside it the one of br-tun as soon as there are other nodes to be reached;
// with the node's part in the cluster.
import type { Logger } from 'pino'
import type { Cluster } from '../cluster/cluster.js'
import type { TunnelSpec } from '../ovsdb/tunnel-bridge.js'
import type { EtcdStatus, Finding } from '../status/condition.js'
import { tunnelFinding } from '../status/tunnel-address.js'
import { type ClusterView, NO_CLUSTER } from '../topology/cluster-view.js'
import type { Topology } from '../topology/topology.js'
import { renderEndpoint } from '../values/endpoint.js'
import type { BridgeWorker, NodeHooks, WorkerOptions } from './bridge-worker.js'
import { hostAddresses } from './host-addresses.js'
import type { GoodManifests, ManifestSource, Reloaded } from './manifest-source.js'
import { tunnelIpOf } from './node.js'
import { linkAddress, linkNode, nodeChange, type NodeInputs, refuseOtherNode } from './node-note.js'
import type { NodeTarget } from './node-target.js'
import { clusterWarnings, isNews, type OpenCluster, portsToClaim } from './node-cluster.js'
import { suspensionOf } from './suspension.js'
import type { BridgeLink, SwitchLink, SwitchTarget } from './switch-link.js'
import { type Session, SwitchSessions } from './switch-session.js'
import { addressWarnings, describeChange, tunnelDuty, tunnellingOf } from './tunnelling.js'

export interface NodeWorkersOptions {
  readonly at: NodeTarget
  readonly log: Logger
  readonly source: ManifestSource
  readonly openCluster: OpenCluster | undefined
  /** Members of the etcd that is the cluster; undefined where none is. */
  readonly etcd: readonly string[] | undefined
  readonly makeWorker: (
    bridge: string,
    own: Pick<WorkerOptions, 'log' | 'node' | 'openflow' | 'sessions' | 'atNode'>,
  ) => BridgeWorker
}

export class NodeWorkers {
  readonly #options: NodeWorkersOptions
  readonly #integration: BridgeWorker
  #tunnel: BridgeWorker | undefined
  /** By bridge. */
  readonly #sessions = new Map<string, SwitchSessions>()
  #cluster: Cluster | undefined
  /** The name under which `#cluster` was opened. */
  #member: string | undefined
  #hasHeardAll = false
  /** What is wrong with the cluster, as the log has it; empty: nothing. */
  #said = ''
  #etcd: EtcdStatus | undefined
  /** What the cluster said last. */
  #seen: ClusterView | undefined
  /** As of the last pass on br-int. */
  #topology: Topology | undefined
  /** Names of the ports in the networks of `#topology`, when somebody has asked. */
  #needed: ReadonlySet<string> | undefined
  #reloaded: Reloaded | undefined
  /** There are other nodes, and no place where the tunnel bridge would listen. */
  #isUnreachable = false
  /** What is to be said of our own tunnel address. */
  #addressWarnings: readonly string[] = []
  #stopped = false

  constructor(options: NodeWorkersOptions) {
    this.#options = options
    this.#integration = this.#makeWorker(options.at.integration, false)
  }

  async open(): Promise<void> {
    await this.#integration.open()
  }

  read(reloaded: Reloaded): void {
    this.#reloaded = reloaded
    for (const worker of this.#workers) worker.read(reloaded)
  }

  lookAtAll(): void {
    for (const worker of this.#workers) worker.lookAtAll()
  }

  async stop(why: string): Promise<void> {
    this.#stopped = true
    await Promise.all(this.#workers.map((worker) => worker.stop(why)))
    await this.#leave()
  }

  get #workers(): readonly BridgeWorker[] {
    return [this.#integration, ...(this.#tunnel ? [this.#tunnel] : [])]
  }

  /** What a cluster that has just been met, or not yet, does not say is no word of others; that of one fallen silent is. */
  get #isBlind(): boolean {
    this.#hasHeardAll ||= this.#cluster?.state.isSettled ?? false
    return this.#options.openCluster !== undefined && !this.#hasHeardAll
  }

  get #view(): ClusterView {
    return this.#cluster?.view ?? NO_CLUSTER
  }

  /** Of etcd: nodes of one process cannot lose each other. */
  get #clusterWarnings(): readonly string[] {
    return this.#cluster && this.#options.etcd ? clusterWarnings(this.#cluster) : []
  }

  #makeWorker(target: SwitchTarget, isTunnelBridge: boolean): BridgeWorker {
    const { at, makeWorker } = this.#options
    const bridge = at.titleOf(target.bridge)
    const isPlain = bridge === at.integration.bridge
    const log = isPlain ? this.#options.log : this.#options.log.child({ bridge })
    const prepare = async (link: SwitchLink): Promise<void> => {
      if (isTunnelBridge) await this.#prepareTunnel(link, log)
      else await this.#join(link)
    }
    return makeWorker(bridge, {
      ...{ log, node: at.node, openflow: renderEndpoint(target.openflow) },
      sessions: (hooks) => {
        const areAllComplete = () => [...this.#sessions.values()].every(({ isComplete }) => isComplete)
        const sessions = new SwitchSessions({ ...hooks, target, log, prepare, areAllComplete })
        this.#sessions.set(target.bridge, sessions)
        return sessions
      },
      atNode: this.#hooks(isTunnelBridge),
    })
  }

  #hooks(isTunnelBridge: boolean): NodeHooks {
    return {
      isTunnelBridge,
      before: (session, good) => (isTunnelBridge ? Promise.resolve() : this.#takeName(session, good)),
      joined: (link, topology) => {
        if (!isTunnelBridge) this.#joined(link, topology)
      },
      standsBy: () => {
        if (!isTunnelBridge) void this.#leave()
      },
      cluster: () => this.#cluster?.view,
      isBlind: () => this.#isBlind,
      isInEtcd: this.#options.etcd !== undefined,
      etcd: () => this.#etcdStatus(),
      clusterWarnings: () => this.#clusterWarnings,
      warnings: () => [...(this.#isUnreachable ? [UNREACHABLE] : []), ...this.#addressWarnings],
      finding: (link, topology) => this.#finding(link, topology),
    }
  }

  /** What the name of the node follows from. */
  #inputs({ store }: GoodManifests): NodeInputs {
    const { at, etcd } = this.#options
    return { store, node: at.node, isInEtcd: etcd !== undefined }
  }

  /**
   * The first pass waits for what the others say, as far as it is to be had: a port that has moved is not taken back. Comes
   * before anything is made on a switch.
   * @throws ReconcileError NODE_NAME_TAKEN
   */
  async #join(link: BridgeLink): Promise<void> {
    const { good } = this.#options.source
    if (!this.#options.openCluster || !good) return
    const inputs = this.#inputs(good)
    const node = linkNode(link, inputs)
    if (!this.#cluster || !nodeChange(link, inputs)) await this.#enter(link, node)
    this.#refuseTaken()
  }

  /** @throws ReconcileError NODE_CHANGED, NODE_NAME_TAKEN */
  async #takeName({ link, table }: Session, good: GoodManifests): Promise<void> {
    const inputs = this.#inputs(good)
    await refuseOtherNode(link, table, inputs)
    const { node, tunnelIp } = linkAddress(link, inputs)
    await this.#enter(link, node)
    await this.#cluster?.takeName(tunnelIp)
    this.#refuseTaken()
  }

  async #enter({ switchId }: BridgeLink, node: string): Promise<void> {
    const { openCluster } = this.#options
    if (!openCluster || (this.#cluster && this.#member === node)) return
    await this.#leave()
    this.#cluster = await openCluster({ node, switchId }, () => this.#heard())
    this.#member = node
    this.#seen = this.#cluster.view
    this.#sayOfCluster()
    if (this.#stopped) await this.#leave()
  }

  /** Its agent is at work elsewhere: neither its switch nor ours is to have two of them. */
  #refuseTaken(): void {
    const { isTaken, error } = this.#cluster?.state ?? {}
    if (isTaken && error) throw error
  }

  #heard(): void {
    this.#sayOfCluster()
    const [before, now] = [this.#seen, this.#view]
    const wasBlind = !this.#hasHeardAll
    this.#seen = now
    const sees = wasBlind && !this.#isBlind // what was left for those who were not heard can go
    if (!sees && before && !isNews(before, now, this.#topology?.node, (port) => this.#needs(port))) return
    for (const worker of this.#workers) worker.requestPass()
  }

  /** One line when the cluster falls silent, or something is wrong with it, and one when all is well again. */
  #sayOfCluster(): void {
    const { at, etcd, log: all } = this.#options
    if (!this.#cluster || !etcd) return
    const { connected, error, contender } = this.#cluster.state
    const wrong = connected ? (error?.code ?? (contender === undefined ? '' : CONTENDED)) : 'silent'
    const before = this.#said
    if (wrong === before) return
    this.#said = wrong
    const log = at.titleOf('') === '' ? all : all.child({ node: at.node })
    if (wrong === '') log.info(RELIEF.get(before) ?? 'etcd answers again')
    for (const warning of this.#clusterWarnings) log.warn(warning)
  }

  /** The same record until something changes. */
  #etcdStatus(): EtcdStatus | undefined {
    const { etcd: urls } = this.#options
    if (!urls || !this.#cluster) return undefined
    const { connected, since: date } = this.#cluster.state
    const since = date.toISOString()
    if (this.#etcd?.connected !== connected || this.#etcd.since !== since)
      this.#etcd = { urls, connected, since }
    return this.#etcd
  }

  #needs(port: string): boolean {
    if (!this.#topology) return true
    this.#needed ??= new Set(this.#topology.scope.ports.map(({ name }) => name))
    return this.#needed.has(port)
  }

  /** Whoever works on this node now speaks for it. */
  async #leave(): Promise<void> {
    const cluster = this.#cluster
    this.#cluster = undefined
    this.#hasHeardAll = false
    await cluster?.close()
  }

  #joined(link: BridgeLink, topology: Topology): void {
    this.#topology = topology
    this.#needed = undefined
    this.#publish(link, topology)
    this.#staff(link, topology)
  }

  #publish(link: BridgeLink, topology: Topology): void {
    const { good } = this.#options.source
    if (!this.#cluster || !good || topology.node === undefined) return
    const tunnelIp = tunnelIpOf(good.store, topology.node, link.tunnelIp)
    this.#cluster.publish({ tunnelIp, ports: portsToClaim(topology) })
  }

  /** The tunnel bridge has a worker as long as there is something to do for it. */
  #staff(link: BridgeLink, { node }: Topology): void {
    const { source, at, etcd } = this.#options
    if (!source.good || node === undefined || this.#stopped) return
    const { store } = source.good
    const self = { node, tunnelIp: tunnelIpOf(store, node, link.tunnelIp) }
    const tunnelling = tunnellingOf(store, self, this.#view)
    this.#addressWarnings = etcd ? addressWarnings(store, self, this.#view) : []
    const duty = tunnelDuty(link, at.integration.bridge, tunnelling)
    this.#isUnreachable = tunnelling !== undefined && !at.tunnel
    if (duty && at.tunnel && !this.#tunnel) void this.#startTunnel(at.tunnel)
    else if (!duty && this.#tunnel) void this.#stopTunnel(this.#tunnel)
  }

  async #startTunnel(target: SwitchTarget): Promise<void> {
    const worker = this.#makeWorker(target, true)
    this.#tunnel = worker
    if (this.#reloaded) worker.read(this.#reloaded)
    worker.requestPass()
    await worker.open()
  }

  async #stopTunnel(worker: BridgeWorker): Promise<void> {
    this.#tunnel = undefined
    const { tunnel } = this.#options.at
    if (tunnel) this.#sessions.delete(tunnel.bridge)
    await worker.stop('there is no other node, and no tunnel bridge of ours')
  }

  /** @throws ReconcileError NODE_NAME_TAKEN, NODE_CHANGED until br-int has flows under the other name */
  async #prepareTunnel(link: SwitchLink, log: Logger): Promise<void> {
    const { good } = this.#options.source
    if (!good) return
    this.#refuseTaken()
    const change = nodeChange(link, this.#inputs(good))
    if (change) throw change
    const spec = this.#tunnelSpec(link, good)
    const isSuspended = suspensionOf(link.integrationNotes) ?? suspensionOf(link.notes)
    if (!spec || isSuspended) return
    for (const change of await link.ensureTunnel(spec)) log.info(describeChange(change))
  }

  #tunnelSpec(link: SwitchLink, good: GoodManifests): TunnelSpec | undefined {
    const tunnelling = tunnellingOf(good.store, linkAddress(link, this.#inputs(good)), this.#view)
    return tunnelDuty(link, this.#options.at.integration.bridge, tunnelling)?.spec
  }

  /** Only guests that reach others through the tunnel have to make room for its headers. */
  #finding({ plugged }: BridgeLink, { node: name, localPorts, remotePorts }: Topology): Finding | undefined {
    const { source, at } = this.#options
    const { store } = source.good ?? {}
    const node = store?.nodes.find((each) => each.name === name)
    if (!store || !node || !at.isThisHost) return undefined
    if (!tunnellingOf(store, { node: node.name, tunnelIp: node.tunnelIp }, this.#view)) return undefined
    const ofports = new Set(remotePorts.length > 0 ? localPorts.map(({ ofport }) => ofport) : [])
    const guests = plugged.interfaces.filter(({ ofport }) => ofport !== undefined && ofports.has(ofport))
    return tunnelFinding(node, hostAddresses(), guests)
  }
}

const CONTENDED = 'contended'

/** What is said when something that was wrong with the cluster is over; of all else, that etcd answers. */
const RELIEF: ReadonlyMap<string, string> = new Map([
  [CONTENDED, 'nobody else asks for our name'],
  ['NODE_NAME_TAKEN', 'we have the name of this node'],
])

const UNREACHABLE =
  'other nodes cannot be reached: with OVSDB and OpenFlow over TCP there is no way to know where br-tun listens'
