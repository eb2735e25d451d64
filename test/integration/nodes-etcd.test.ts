// Nodes that tell each other by etcd where ports are: no manifest says it. Ports move and are claimed twice, members of
// etcd and daemons die; nothing is lost but what was on its way to a guest that moved.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
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
  type Guest,
} from '../support/cluster-scene.js'
import { EtcdMembers } from '../support/etcd-members.js'
import { startPings, startTcp } from '../support/gap.js'
import { exited } from '../support/processes.js'
import { manifest } from '../support/scene.js'
import { logOf } from '../support/scene.js'
import { waitFor } from '../support/wait.js'

/** A lease lasts 15 s. */
const LEASE_OVER_MS = 17_000

let cluster: ClusterLab
let etcd: EtcdMembers
let guests: readonly Guest[]
let vm1: Guest
let vm2: Guest
let vm3: Guest
let vm4: Guest
let vm5: Guest
let a: LabNode
let b: LabNode
let c: LabNode
const daemons = new Map<LabNode, RunningCli>()

beforeAll(async () => {
  cluster = await createClusterLab(3)
  ;[a, b, c] = cluster.nodes as [LabNode, LabNode, LabNode]
  etcd = await EtcdMembers.start(cluster.nodes)
  guests = await addGuests(cluster, 2)
  ;[vm1, vm2, vm3, vm4, vm5] = guests as [Guest, Guest, Guest, Guest, Guest]
  for (const { lab } of cluster.nodes) await lab.addBridge('br-int')
  for (const guest of guests) await plugGuest(guest)
  await mkdir(manifestFolder(cluster))
  const manifests = siteManifests(cluster, guests).join('\n---\n')
  await writeFile(join(manifestFolder(cluster), 'site.yaml'), manifests)
  for (const node of cluster.nodes) start(node)
  await untilKnown(guests)
}, 120_000)

afterAll(() => cluster.destroy())

function start(node: LabNode): void {
  daemons.set(node, startDaemon(node, ['--etcd', etcd.urls, manifestFolder(cluster)]))
}

async function kill(node: LabNode): Promise<void> {
  const daemon = daemons.get(node)
  daemon?.child.kill('SIGKILL')
  if (daemon) await exited(daemon.child)
}

/** What leads to a guest on a node: `output:N` where it is, nothing where nobody knows. */
async function wayTo({ mac }: Guest, { lab }: LabNode): Promise<string | undefined> {
  const [flow] = await lab.dumpFlows('br-int', `table=55,dl_dst=${mac}`)
  return flow?.replace(/.*actions=/, '')
}

/** All nodes have a way to all of these. */
async function untilKnown(to: readonly Guest[]): Promise<void> {
  for (const node of cluster.nodes) {
    for (const guest of to) {
      const what = `a way from ${node.name} to ${guest.name}`
      await waitFor(() => wayTo(guest, node), { what, timeoutMs: 30_000 })
    }
  }
}

const untilHere = (guest: Guest, node: LabNode) =>
  waitFor(async () => (await wayTo(guest, node))?.startsWith('output:'), {
    what: `${guest.name} on ${node.name}`,
    timeoutMs: 20_000,
  })

/** The other nodes send what is for a guest to this node. */
async function untilSentTo(guest: Guest, node: LabNode): Promise<void> {
  for (const { lab, name } of cluster.nodes.filter((other) => other !== node)) {
    const look = async (): Promise<boolean> => {
      const flows = await lab.dumpFlows('br-tun', 'table=20')
      const own = flows.filter((flow) => flow.includes(`dl_dst=${guest.mac}`))
      return own.length === 1 && own.every((flow) => flow.includes(`set_field:${node.tunnelIp}->tun_dst`))
    }
    await waitFor(look, { what: `${name} to send to ${guest.name}`, timeoutMs: 30_000 })
  }
}

const statusOfAll = async ({ lab }: LabNode): Promise<string> =>
  (await runCli(['status', '--all'], { env: lab.env })).stdout

const textOfStatus = async ({ lab }: LabNode): Promise<string> =>
  (await runCli(['status', '-o', 'json'], { env: lab.env })).stdout

test('all pairs reach each other, and lose no packet, the first neither', async () => {
  expect(await lossOf(allPairs(guests))).toEqual([])
}, 60_000)

describe('a guest that moves', () => {
  test('is reached by all on its new node; its TCP connections lose nothing', async () => {
    const tcp = await Promise.all([vm3, vm4].map(({ vm }) => startTcp(vm, vm1.vm, vm1.ip)))
    await migrate(cluster, vm1, c)
    await untilHere(vm1, c)
    await untilSentTo(vm1, c)
    for (const connection of tcp) {
      const { sent, received } = await connection.stop()
      expect(received).toBe(sent)
    }
    expect(await lossOf(allPairs(guests).filter((pair) => pair.includes(vm1)))).toEqual([])
  }, 60_000)

  test('and back', async () => {
    await migrate(cluster, vm1, a)
    await untilHere(vm1, a)
    await untilSentTo(vm1, a)
    expect(await lossOf(allPairs(guests).filter((pair) => pair.includes(vm1)))).toEqual([])
  }, 60_000)
})

test('the status of a node says where a port is that it has nothing to do with, also after it moved', async () => {
  const file = join(manifestFolder(cluster), 'solo.yaml')
  const port = manifest('Port', 'solo', { network: 'net3', macAddress: 'fa:16:3e:00:03:01' })
  await writeFile(file, [manifest('Network', 'net3', { segmentationId: 8005 }), port].join('\n---\n'))
  const attach = ['type=internal', 'external_ids:iface-id=solo']
  for (const { lab, name } of [b, c]) {
    await lab.vsctl('add-port', 'br-int', 'solo', '--', 'set', 'Interface', 'solo', ...attach)
    await waitFor(async () => (await statusOfAll(a)).includes(`it is on node ${name}`), {
      what: `${name} in the status`,
    })
    await lab.vsctl('del-port', 'br-int', 'solo')
  }
  await waitFor(async () => /Port\/solo +True +NotNeeded/.test(await statusOfAll(a)), { what: 'its end' })
  await rm(file)
}, 60_000)

describe('a port that two nodes claim', () => {
  test('stays where it was, is reported, and goes to the other one when it is released', async () => {
    const { mac, ip } = vm1
    const twin = await b.lab.addVm({
      name: 'twin',
      interface: 'tap-twin',
      mac,
      ip: `${ip}/24`,
      gateway: '10.1.0.1',
    })
    const pings = await startPings(vm3.vm, ip)
    await twin.plug({ externalIds: { 'iface-id': vm1.name } })
    await waitFor(async () => (await textOfStatus(b)).includes('ClaimedElsewhere'), { what: 'the report' })
    expect(await textOfStatus(b)).toContain('node-a')
    expect((await pings.stop()).longestMs).toBeLessThan(1000)
    expect(await wayTo(vm1, b)).toContain('tun_id')
    await vm1.vm.unplug()
    await untilHere(vm1, b)
    await untilSentTo(vm1, b)
    expect((await vm3.vm.ping(ip, { count: 2 })).received).toBe(2)
    await twin.unplug()
    await plugGuest(vm1)
    await untilHere(vm1, a)
    await untilSentTo(vm1, a)
  }, 60_000)
})

describe('a daemon that dies', () => {
  test('loses nothing while its lease lasts, and its ports when it ends; they return with it', async () => {
    expect(await lossOf(allPairs(guests))).toEqual([]) // a connection that is open needs no daemon
    await kill(b)
    // A single run does not know where the others' ports are, and leaves what leads to them.
    const run = await runCli(['-q', manifestFolder(cluster)], { env: b.lab.env })
    expect(run).toMatchObject({ code: 0 })
    expect((await runCli(['drift', manifestFolder(cluster)], { env: b.lab.env })).code).toBe(0)
    expect(await lossOf(allPairs(guests))).toEqual([])
    await waitFor(async () => (await wayTo(vm3, a)) === undefined, {
      what: 'the end of the lease',
      timeoutMs: 30_000,
    })
    expect(await lossOf([[vm1, vm2], [vm2, vm1]])).toEqual([]) // prettier-ignore
    start(b)
    await untilKnown(guests)
    expect(await lossOf(allPairs(guests))).toEqual([])
  }, 90_000)
})

describe('all daemons, dead for longer than leases last', () => {
  test('lose no packet: the first that is back leaves what leads to the others, for as long as a lease', async () => {
    const pings = await startPings(vm1.vm, vm3.ip)
    for (const node of cluster.nodes) await kill(node)
    await sleep(LEASE_OVER_MS)
    start(a)
    await daemons.get(a)?.waitForLine(/in sync/, 60_000)
    expect(await wayTo(vm5, a)).toContain('tun_id')
    start(b)
    await waitFor(async () => (await wayTo(vm5, a)) === undefined, {
      what: 'the end of it',
      timeoutMs: 30_000,
    })
    const { sent, received } = await pings.stop()
    expect(sent - received).toBeLessThanOrEqual(1) // the last one may still be on its way
    expect(sent).toBeGreaterThan(10_000)
    start(c)
    await untilKnown(guests)
    expect(await lossOf(allPairs(guests))).toEqual([])
  }, 120_000)
})

describe('an etcd', () => {
  test('whose leader dies is not missed: no packet is lost, and a port that is plugged then is known', async () => {
    const leader = await etcd.leader()
    await vm4.vm.unplug()
    await etcd.stop(leader)
    expect(await lossOf(allPairs(guests.filter((guest) => guest !== vm4)))).toEqual([])
    await plugGuest(vm4)
    await untilKnown([vm4])
    expect(await lossOf(allPairs(guests))).toEqual([])
    await etcd.start(leader)
  }, 90_000)

  test('without a quorum leaves all flows as they are, longer than leases last, and then catches up', async () => {
    const flows = () =>
      Promise.all(cluster.nodes.map(async ({ lab }) => (await lab.dumpFlows('br-tun')).sort()))
    const before = await flows()
    await etcd.stop(a)
    await etcd.stop(b)
    const silent = /^ {2}node node-c, etcd http:\S+: silent for \d+s$/m
    const human = async (): Promise<string> => (await runCli(['status'], { env: c.lab.env })).stdout
    await waitFor(async () => silent.test(await human()), { what: 'the status to say so', timeoutMs: 30_000 })
    await sleep(LEASE_OVER_MS)
    expect(await flows()).toEqual(before)
    expect(await lossOf(allPairs(guests))).toEqual([])
    await kill(a)
    start(a)
    await daemons.get(a)?.waitForLine(/in sync/, 60_000) // of br-int
    await sleep(3_000)
    expect(await flows()).toEqual(before)
    expect(await lossOf(allPairs(guests))).toEqual([])
    await etcd.start(a)
    await etcd.start(b)
    const ofEtcd = () => logOf(daemons.get(c)!).filter(({ msg }) => msg.startsWith('etcd'))
    await waitFor(() => ofEtcd().at(-1)?.msg === 'etcd answers again', { what: 'etcd', timeoutMs: 20_000 })
    expect(
      ofEtcd()
        .slice(-2)
        .map(({ msg }) => msg.slice(0, 22)),
    ).toEqual(['etcd has not answered ', 'etcd answers again'])
    expect(ofEtcd().filter(({ msg }) => msg.startsWith('etcd has not'))).toHaveLength(ofEtcd().length / 2)
    await migrate(cluster, vm2, c)
    await untilHere(vm2, c)
    await untilSentTo(vm2, c)
    expect(await lossOf(allPairs(guests))).toEqual([])
  }, 120_000)
})
