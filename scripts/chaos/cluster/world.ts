// Everything that a fault can hurt: three machines with a switch, a daemon and a member of etcd each, guests with traffic, and
// the manifests that all of them read.
import { mkdir, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { ClusterLab } from '../../../test/support/cluster-lab.js'
import { manifestFolder } from '../../../test/support/cluster-scene.js'
import { EtcdMembers } from '../../../test/support/etcd-members.js'
import type { Vm } from '../../../test/support/vm.js'
import { now } from '../traffic.js'
import { type Circumstances, ClusterChecker, type ClusterLook, describeClusterLook } from './checker.js'
import { Machine } from './machine.js'
import { GUEST_NAMES, GUESTS, type GuestName, manifestsOf, type NodeName, SPARES } from './manifests.js'
import { ClusterTraffic, type Guests } from './traffic.js'

export interface WorldOptions {
  /** Milliseconds between two pings of a stream. */
  readonly pingInterval: number
  /** For how long etcd has no quorum, when it loses it. Seconds. */
  readonly quorumLoss: number
}

const SETTLE_S = 60
const FIRST_SPARES = [0, 1, 2]

export class ClusterWorld {
  /** Where each guest is. */
  readonly places = new Map<GuestName, NodeName>(GUEST_NAMES.map((name) => [name, GUESTS[name].node]))
  readonly checker: ClusterChecker
  #traffic: ClusterTraffic | undefined

  private constructor(
    readonly cluster: ClusterLab,
    readonly machines: readonly Machine[],
    readonly etcd: EtcdMembers,
    readonly guests: Guests,
    readonly options: WorldOptions,
  ) {
    this.checker = new ClusterChecker(manifestFolder(cluster), machines)
  }

  /** Resolves when all switches are as the manifests say and the guests talk. */
  static async create(cluster: ClusterLab, options: WorldOptions): Promise<ClusterWorld> {
    const guests = await bootGuests(cluster)
    const etcd = await EtcdMembers.start(cluster.nodes)
    const args = ['--etcd', etcd.urls, manifestFolder(cluster)]
    const machines = cluster.nodes.map((node) => new Machine(node, cluster, etcd, args))
    const world = new ClusterWorld(cluster, machines, etcd, guests, options)
    await world.#plugAll()
    await mkdir(manifestFolder(cluster))
    await world.writeManifests(FIRST_SPARES)
    for (const { daemon } of machines) daemon.start()
    const look = await world.untilRight(SETTLE_S)
    if (look.right === null) throw new Error(`never right at first:\n${describeClusterLook(look)}`)
    world.#traffic = await ClusterTraffic.start(guests, options.pingInterval)
    return world
  }

  get traffic(): ClusterTraffic {
    if (!this.#traffic) throw new Error('there is no traffic yet')
    return this.#traffic
  }

  machine(name: NodeName): Machine {
    const found = this.machines.find((machine) => machine.name === name)
    if (!found) throw new Error(`no machine ${name}`)
    return found
  }

  /** In one step, as the daemons and the checker may be reading. */
  async writeManifests(spares: readonly number[]): Promise<void> {
    const { runDir, nodes } = this.cluster
    const next = join(runDir, 'site.next')
    await writeFile(next, manifestsOf(nodes, spares))
    await rename(next, join(manifestFolder(this.cluster), 'site.yaml'))
  }

  /** Looks until all is right, or time is out. @param deadlineS seconds */
  async untilRight(deadlineS: number, circumstances?: Circumstances): Promise<ClusterLook> {
    const end = now() + deadlineS
    for (;;) {
      const look = await this.checker.look(circumstances)
      if (look.right !== null || now() > end) return look
      await sleep(20)
    }
  }

  async close(): Promise<void> {
    await this.checker.close()
    await Promise.all(this.machines.map(({ daemon }) => daemon.stop()))
  }

  async #plugAll(): Promise<void> {
    for (const { node } of this.machines) await node.lab.addBridge('br-int')
    for (const name of GUEST_NAMES) await this.guests[name].plug({ externalIds: { 'iface-id': name } })
    for (let i = 0; i < SPARES; i++)
      await this.machines[i % this.machines.length]?.plugPatch(`spare-${i}`, `spare-${i}`)
  }
}

async function bootGuests(cluster: ClusterLab): Promise<Guests> {
  const boot = async (name: GuestName): Promise<readonly [GuestName, Vm]> => [
    name,
    await cluster.node(GUESTS[name].node).lab.addVm(GUESTS[name]),
  ]
  return Object.fromEntries(await Promise.all(GUEST_NAMES.map(boot))) as Guests
}
