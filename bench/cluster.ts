// Three nodes: how long a guest is silent while it moves, how long until all switches know of a port that was plugged, and
// of an edit; where etcd tells where ports are, and where the manifests do.
import { setTimeout as sleep } from 'node:timers/promises'
import type { LabNode } from '../test/support/cluster-lab.js'
import { migrate, plugGuest, type Guest } from '../test/support/cluster-scene.js'
import { startPings, startTcp } from '../test/support/gap.js'
import { benchCommits } from './cluster/commits.js'
import { lastChange } from './cluster/desk.js'
import { benchFanOut } from './cluster/fan-out.js'
import { benchMirror } from './cluster/mirror.js'
import { benchReach } from './cluster/reach.js'
import { ROUNDS, withScene, type Scene } from './cluster/scene.js'
import { printFigure, printHeading } from './figures.js'

export async function benchCluster(): Promise<void> {
  for (const hasEtcd of [true, false]) {
    await withScene(hasEtcd, async (scene) => {
      await benchMoves(scene)
      if (hasEtcd) await benchPlugs(scene)
      await benchEdits(scene)
    })
    await withScene(hasEtcd, async (scene) => {
      await benchReach(scene)
      await benchCommits(scene)
    })
  }
  await benchFanOut()
  await benchMirror(100_000, 1_000)
  await benchMirror(1_000_000, 10_000)
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
    samples.push((await lastChange(events, begun)) - begun)
  }
  printHeading('a port is plugged, etcd says where')
  printFigure({ name: 'from the call of ovs-vsctl: flows on all nodes', samples })
}

async function benchEdits({ events, write, hasEtcd }: Scene): Promise<void> {
  const samples: number[] = []
  for (let i = 0; i < ROUNDS; i++) {
    const begun = Date.now()
    await write({ forwarding: i % 2 === 0 ? 'proactive' : 'reactive' })
    samples.push((await lastChange(events, begun)) - begun)
  }
  printHeading(`the router is edited, ${hasEtcd ? 'with etcd' : 'without etcd'}`)
  printFigure({ name: 'from the write of the file: flows on all nodes', samples })
}
