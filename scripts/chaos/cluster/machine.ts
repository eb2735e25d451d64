// A machine of a chaos run: its switch, its database, its daemon and its member of etcd, each of which can be killed alone, or
// all of them with the cables.
import type { ClusterLab, LabNode } from '../../../test/support/cluster-lab.js'
import type { EtcdMembers } from '../../../test/support/etcd-members.js'
import { Daemon, Database } from '../processes.js'
import type { NodeName } from './manifests.js'

export class Machine {
  readonly name: NodeName
  readonly daemon: Daemon
  readonly #database: Database

  /** @param args of its daemon, behind `--watch` */
  constructor(
    readonly node: LabNode,
    readonly cluster: ClusterLab,
    readonly etcd: EtcdMembers,
    args: readonly string[],
  ) {
    this.name = node.name as NodeName
    this.daemon = new Daemon(node.lab, args)
    this.#database = new Database(node.lab)
  }

  /** Plugs a patch port without a peer, which needs no device, into br-int. */
  async plugPatch(name: string, ifaceId: string): Promise<void> {
    const settings = ['type=patch', `options:peer=${name}-nobody`, `external_ids:iface-id=${ifaceId}`]
    await this.node.lab.vsctl('add-port', 'br-int', name, '--', 'set', 'Interface', name, ...settings)
  }

  async unplug(name: string): Promise<void> {
    await this.node.lab.vsctl('del-port', 'br-int', name)
  }

  /** As when the power fails. The guests are left, with nobody at the other end of their cables. */
  async kill(): Promise<void> {
    await Promise.all([this.cluster.cut(this.node), this.cluster.setManagement(this.node, 'down')])
    await Promise.all([
      this.daemon.stop('SIGKILL'),
      this.node.lab.stopSwitchd('SIGKILL'),
      this.#database.stop('SIGKILL'),
      this.etcd.stop(this.node),
    ])
  }

  async boot(): Promise<void> {
    await Promise.all([this.cluster.mend(this.node), this.cluster.setManagement(this.node, 'up')])
    await Promise.all([this.etcd.start(this.node), this.#bootSwitch()])
    this.daemon.start()
  }

  async #bootSwitch(): Promise<void> {
    await this.#database.start()
    await this.cluster.restartSwitchd(this.node)
  }
}
