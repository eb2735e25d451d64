// Four nodes with four VMs each, all by the same manifests: every pair reaches each other and no packet is lost, the first
// neither; the wire keeps networks apart; what breaks between nodes leaves the traffic inside a node alone.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { writeFile, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { runCli, type RunningCli } from '../support/cli.js'
import { createClusterLab, type ClusterLab, type LabNode } from '../support/cluster-lab.js'
import {
  addGuests,
  allPairs,
  lossOf,
  manifestFolder,
  migrate,
  plugGuest,
  siteManifests,
  startDaemon,
  untilAgreed,
  type Guest,
  type SiteOptions,
} from '../support/cluster-scene.js'
import { startTcp } from '../support/gap.js'
import { ipv4Frame } from '../support/packets.js'
import { geneveFrame } from '../support/tunnel-frames.js'
import { waitFor } from '../support/wait.js'

const NODES = 4
const EACH = 4
/** Segmentation ids of net1 and net2, and one that no manifest has. */
const [NET1, NET2, NO_NETWORK] = [8002, 8003, 9999]
/** Nobody's protocol: frames of the tests alone have it (RFC 3692, section 2.1). */
const PROTOCOL = 253

let cluster: ClusterLab
let guests: readonly Guest[]
let a: LabNode
let b: LabNode
let folder: string
/** Where the manifests say that each guest is. */
let hosts: Record<string, string>
const daemons: RunningCli[] = []

beforeAll(async () => {
  cluster = await createClusterLab(NODES)
  ;[a, b] = cluster.nodes as [LabNode, LabNode]
  guests = await addGuests(cluster, EACH)
  for (const { lab } of cluster.nodes) await lab.addBridge('br-int')
  for (const guest of guests) await plugGuest(guest)
  hosts = Object.fromEntries(guests.map(({ name }, i) => [name, nodeOf(i).name]))
  folder = manifestFolder(cluster)
  await mkdir(folder)
  await write({})
  for (const node of cluster.nodes) daemons.push(startDaemon(node, [folder]))
  await untilAgreed(cluster.nodes, folder)
}, 120_000)

afterAll(() => cluster.destroy())

const nodeOf = (index: number): LabNode => cluster.nodes[Math.floor(index / EACH)] as LabNode

async function write(options: Omit<SiteOptions, 'hosts'>): Promise<void> {
  const manifests = siteManifests(cluster, guests, { ...options, hosts })
  await writeFile(join(folder, 'site.yaml'), manifests.join('\n---\n'))
}

/** Pairs of guests on one node. */
const localPairs = () => allPairs(guests).filter(([from, to]) => hosts[from.name] === hosts[to.name])

describe('four nodes with four VMs each', () => {
  test('all pairs reach each other, and lose no packet, the first neither: reactive', async () => {
    expect(allPairs(guests)).toHaveLength(240)
    expect(await lossOf(allPairs(guests))).toEqual([])
  }, 180_000)

  test('the connections of a node are listed with the ports at both ends, and the nodes of those that are elsewhere', async () => {
    const [vm1, , , , , vm6] = guests as [Guest, Guest, Guest, Guest, Guest, Guest]
    const { stdout } = await runCli(['connections', folder], { env: a.lab.env })
    const line = stdout.split('\n').find((row) => row.includes(`${vm1.ip} `) && row.includes(`${vm6.ip} `))
    expect(line).toMatch(/ vm1 +node-a +\S+ +- +vm6 +node-b /)
  })

  test('and proactive', async () => {
    await write({ forwarding: 'proactive' })
    await untilAgreed(cluster.nodes, folder)
    expect(await lossOf(allPairs(guests))).toEqual([])
  }, 180_000)

  test('a packet as large as the guests may send arrives in one piece', async () => {
    const [vm1, , , , vm5, vm6] = guests as [Guest, Guest, Guest, Guest, Guest, Guest]
    for (const to of [vm5, vm6]) {
      // 28 bytes of it are headers.
      await vm1.vm.exec('ping', '-c2', '-W3', '-M', 'do', '-s', String(1400 - 28), to.ip)
    }
  })

  test('a node whose underlay is cut serves its own guests; when it is mended, all reach each other again', async () => {
    await cluster.cut(b)
    expect(await lossOf(localPairs())).toEqual([])
    const others = guests.filter(({ name }) => hosts[name] !== b.name)
    expect(await lossOf(allPairs(others).slice(0, 30))).toEqual([])
    await cluster.mend(b)
    expect(await lossOf(allPairs(guests).slice(0, 60))).toEqual([])
  }, 120_000)

  test('a switch that was killed gets its flows and its tunnels back', async () => {
    await cluster.restartSwitchd(b, 'SIGKILL')
    await untilAgreed([b], folder)
    const touching = allPairs(guests).filter(([from]) => hosts[from.name] === b.name)
    expect(await lossOf(touching)).toEqual([])
  }, 120_000)
})

describe('on the wire', () => {
  /** What a guest of node-b sends to vm1 on node-a. */
  const inner = (ethSrc: string, ethDst: string): Buffer =>
    ipv4Frame({ ethSrc, ethDst, ipSrc: '10.1.0.15', ipDst: '10.1.0.11', protocol: PROTOCOL })

  /** How many frames the switch of a node has dropped so far in this table of br-tun. */
  const droppedIn = async (node: LabNode, table: number): Promise<number> => {
    await node.lab.appctl('revalidator/purge')
    const text = await node.lab.ofctl('--no-names', 'dump-flows', 'br-tun', `table=${table}`)
    const drops = text.split('\n').filter((line) => line.includes('actions=drop'))
    return drops.reduce((sum, line) => sum + Number(/n_packets=(\d+)/.exec(line)?.[1] ?? 0), 0)
  }

  /** Puts frames on the cable to node-a, and gives what any of its guests saw of them. */
  const seen = async (frames: readonly Buffer[]): Promise<readonly string[]> => {
    const here = guests.filter(({ name }) => hosts[name] === a.name)
    const captures = await Promise.all(here.map(({ vm }) => vm.capture(`ip proto ${PROTOCOL}`)))
    await cluster.inject(a, ...frames)
    return (await Promise.all(captures.map((capture) => capture.stop()))).flat()
  }

  const [vm1, vm2, vm5, vm6, vm9] = [0, 1, 4, 5, 8].map((index) => (): Guest => guests[index] as Guest) as [
    () => Guest,
    () => Guest,
    () => Guest,
    () => Guest,
    () => Guest,
  ]

  test('a frame as the peer sends it arrives: what follows can fail', async () => {
    const frame = geneveFrame(inner(vm5().mac, vm1().mac), { tunnelId: NET1, from: b, to: a })
    expect(await seen([frame])).toHaveLength(1)
  })

  test('frames with the id of no network of the node are dropped, and counted', async () => {
    const before = await droppedIn(a, 4)
    const frame = geneveFrame(inner(vm5().mac, vm1().mac), { tunnelId: NO_NETWORK, from: b, to: a })
    expect(await seen([frame, frame])).toEqual([])
    expect(await droppedIn(a, 4)).toBe(before + 2)
  })

  test('frames of somebody who is no peer are dropped, and counted', async () => {
    const before = await droppedIn(a, 0)
    const stranger = { tunnelIp: '192.0.2.99', tunnelMac: '02:ff:00:00:00:99' }
    const frame = geneveFrame(inner(vm5().mac, vm1().mac), { tunnelId: NET1, from: stranger, to: a })
    expect(await seen([frame, frame, frame])).toEqual([])
    expect(await droppedIn(a, 0)).toBe(before + 3)
  })

  test('frames with the MAC address of another guest than those of the peer are dropped, and counted', async () => {
    const before = await droppedIn(a, 10)
    const from = (tunnelId: number, mac: string): Buffer =>
      geneveFrame(inner(mac, vm1().mac), { tunnelId, from: b, to: a })
    const spoofed = [
      from(NET1, vm6().mac), // on this peer, in another network
      from(NET1, vm9().mac), // in this network, on another peer
      from(NET1, vm2().mac), // on this node
      from(NET1, 'fa:16:3e:99:99:99'), // nobody
      from(NET2, vm5().mac), // on this peer, sent into another network
    ]
    expect(await seen(spoofed)).toEqual([])
    expect(await droppedIn(a, 10)).toBe(before + spoofed.length)
  })

  test('a broadcast is heard by the guests of its network alone, wherever they are', async () => {
    const captures = await Promise.all(guests.map(({ vm }) => vm.capture('arp and ether broadcast')))
    await vm1()
      .vm.ping('10.1.0.99', { count: 1 })
      .catch(() => undefined)
    const heard = await Promise.all(captures.map((capture) => capture.stop()))
    const strangers = guests.filter(({ network }, i) => network === 'net2' && heard[i]?.length)
    expect(strangers.map(({ name }) => name)).toEqual([])
    const listeners = guests.filter(({ network }, i) => network === 'net1' && heard[i]?.length)
    expect(listeners).toHaveLength((NODES * EACH) / 2)
  })
})

describe('a guest that moves, when the manifests say so', () => {
  test('is reached by all on its new node, and its TCP connections stay', async () => {
    const [vm1, , , , vm5, vm6] = guests as [Guest, Guest, Guest, Guest, Guest, Guest]
    await write({})
    await untilAgreed(cluster.nodes, folder)
    const tcp = await Promise.all([vm5, vm6].map(({ vm }) => startTcp(vm, vm1.vm, vm1.ip)))
    const to = cluster.nodes.at(-1) as LabNode
    await migrate(cluster, vm1, to)
    hosts = { ...hosts, [vm1.name]: to.name }
    await write({})
    await untilAgreed(cluster.nodes, folder)
    expect(await lossOf(allPairs(guests).filter((pair) => pair.includes(vm1)))).toEqual([])
    for (const connection of tcp) {
      const { sent, received } = await connection.stop()
      expect(received).toBe(sent)
    }
    const flowsOfVm1 = await a.lab.dumpFlows('br-int', `table=55,dl_dst=${vm1.mac}`)
    await waitFor(() => flowsOfVm1.every((flow) => !flow.includes('actions=output')), {
      what: 'no local flow',
    })
  }, 120_000)
})

test('no daemon ended by itself', () => {
  expect(daemons.map(({ child }) => child.exitCode)).toEqual(daemons.map(() => null))
})
