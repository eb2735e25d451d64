// Three nodes: how long a guest is silent while it moves, how long until all switches know of a port that was plugged, and
// of an edit; where etcd tells where ports are, and where the manifests do.
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { createClusterLab, type ClusterLab, type LabNode } from '../test/support/cluster-lab.js'
import {
  addGuests,
  allPairs,
  lossOf,
  manifestFolder,
  migrate,
  plugGuest,
  siteManifests,
  startDaemon,
  type Guest,
  type SiteOptions,
} from '../test/support/cluster-scene.js'
import { EtcdMembers } from '../test/support/etcd-members.js'
import { watchFlows, type FlowEvents } from '../test/support/flow-events.js'
import { startPings, startTcp } from '../test/support/gap.js'
import { waitFor } from '../test/support/wait.js'
import { printFigure, printHeading } from './figures.js'

const ROUNDS = 10
/** Milliseconds without a change of flows, after which none is expected any more. */
const QUIET_MS = 700

interface Scene {
  readonly cluster: ClusterLab
  readonly guests: readonly Guest[]
  /** Of all nodes. */
  readonly events: readonly FlowEvents[]
  /** Gives the manifests to all nodes; without hosts where etcd is there. */
  readonly write: (options?: SiteOptions) => Promise<void>
  /** The node where each guest is. */
  readonly places: Map<string, LabNode>
  readonly hasEtcd: boolean
}

export async function benchCluster(): Promise<void> {
  for (const hasEtcd of [true, false]) {
    const cluster = await createClusterLab(3)
    try {
      const scene = await setUp(cluster, hasEtcd)
      await benchMoves(scene)
      if (hasEtcd) await benchPlugs(scene)
      await benchEdits(scene)
    } finally {
      await cluster.destroy()
    }
  }
}

async function setUp(cluster: ClusterLab, hasEtcd: boolean): Promise<Scene> {
  const etcd = hasEtcd ? await EtcdMembers.start(cluster.nodes) : undefined
  const guests = await addGuests(cluster, 2)
  for (const { lab } of cluster.nodes) await lab.addBridge('br-int')
  for (const guest of guests) await plugGuest(guest)
  const places = new Map(guests.map(({ name }, i) => [name, cluster.nodes[Math.floor(i / 2)] as LabNode]))
  const folder = manifestFolder(cluster)
  await mkdir(folder)
  const write = async (options: SiteOptions = {}): Promise<void> => {
    const hosts = hasEtcd ? {} : Object.fromEntries([...places].map(([name, node]) => [name, node.name]))
    const text = siteManifests(cluster, guests, { hosts, ...options }).join('\n---\n')
    await writeFile(join(folder, 'site.yaml'), text)
  }
  await write()
  for (const node of cluster.nodes) startDaemon(node, [...(etcd ? ['--etcd', etcd.urls] : []), folder])
  const events = await Promise.all(cluster.nodes.map(({ lab }) => watchFlows(lab, 'br-int')))
  await waitFor(async () => (await lossOf(allPairs(guests), { count: 1 })).length === 0, {
    timeoutMs: 60_000,
  })
  return { cluster, guests, events, write, places, hasEtcd }
}

/** Longest silences of a ping each millisecond and of a TCP connection, and the part of it that is the lab's. */
async function benchMoves(scene: Scene): Promise<void> {
  const { cluster, guests, write, places, hasEtcd } = scene
  const [vm1, , vm3] = guests as [Guest, Guest, Guest]
  const [ping, tcp, lab]: [number[], number[], number[]] = [[], [], []]
  for (let i = 0; i < ROUNDS; i++) {
    const to = cluster.nodes[i % 2 === 0 ? 2 : 0] as LabNode
    const pings = await startPings(vm3.vm, vm1.ip)
    const connection = await startTcp(vm3.vm, vm1.vm, vm1.ip)
    await sleep(300)
    const begun = performance.now()
    await migrate(cluster, vm1, to)
    lab.push(performance.now() - begun)
    places.set(vm1.name, to)
    if (!hasEtcd) await write()
    await sleep(2500)
    ping.push((await pings.stop()).longestMs)
    tcp.push((await connection.stop()).longestMs)
  }
  printHeading(
    `a guest moves, ${hasEtcd ? 'etcd says where' : 'its manifest says where, as soon as it is there'}`,
  )
  printFigure({ name: 'silence of a ping each millisecond', samples: ping })
  printFigure({ name: 'silence of an open TCP connection', samples: tcp })
  printFigure({ name: "of that the lab's: off one bridge, onto the other", samples: lab })
}

async function benchPlugs({ guests, events }: Scene): Promise<void> {
  const [vm1] = guests as [Guest]
  const samples: number[] = []
  for (let i = 0; i < ROUNDS; i++) {
    await vm1.vm.unplug()
    await sleep(1000)
    const begun = Date.now()
    await plugGuest(vm1)
    samples.push(await quietAfter(events, begun))
  }
  printHeading('a port is plugged, etcd says where')
  printFigure({ name: 'from the call of ovs-vsctl: flows on all nodes', samples })
}

async function benchEdits({ events, write, hasEtcd }: Scene): Promise<void> {
  const samples: number[] = []
  for (let i = 0; i < ROUNDS; i++) {
    const begun = Date.now()
    await write({ forwarding: i % 2 === 0 ? 'proactive' : 'reactive' })
    samples.push(await quietAfter(events, begun))
  }
  printHeading(`the router is edited, ${hasEtcd ? 'with etcd' : 'without etcd'}`)
  printFigure({ name: 'from the write of the file: flows on all nodes', samples })
}

/** Milliseconds from `begun` until the last change on any node; each has to have one. */
async function quietAfter(events: readonly FlowEvents[], begun: number): Promise<number> {
  const look = (): number | undefined => {
    const last = events.map((event) => event.last() ?? 0)
    const isQuiet = last.every((time) => time >= begun && Date.now() - time > QUIET_MS)
    return isQuiet ? Math.max(...last) : undefined
  }
  return (await waitFor(look, { what: 'quiet', timeoutMs: 30_000 })) - begun
}
