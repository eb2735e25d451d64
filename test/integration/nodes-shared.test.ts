// Two switches served by one daemon, whose manifests do not say where ports are, and no etcd: it knows itself.
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { runCli, type RunningCli, startCli } from '../support/cli.js'
import { createClusterLab, type ClusterLab, type LabNode } from '../support/cluster-lab.js'
import {
  addGuests,
  allPairs,
  type Guest,
  lossOf,
  manifestFolder,
  migrate,
  plugGuest,
  siteManifests,
} from '../support/cluster-scene.js'
import { logOf } from '../support/scene.js'
import { exited } from '../support/processes.js'
import { waitFor } from '../support/wait.js'

let cluster: ClusterLab
let guests: readonly Guest[]
let vm1: Guest
let a: LabNode
let b: LabNode
let env: Readonly<Record<string, string>>
let named: readonly string[]
let daemon: RunningCli

beforeAll(async () => {
  cluster = await createClusterLab(2)
  ;[a, b] = cluster.nodes as [LabNode, LabNode]
  guests = await addGuests(cluster, 2)
  ;[vm1] = guests as [Guest]
  for (const { lab } of cluster.nodes) await lab.addBridge('br-int')
  for (const guest of guests) await plugGuest(guest)
  env = { OVS_RUNDIR: cluster.runDir }
  named = cluster.nodes.flatMap(({ name, lab }) => ['--node', `${name}=unix:${join(lab.runDir, 'db.sock')}`])
  await mkdir(manifestFolder(cluster))
  const manifests = siteManifests(cluster, guests).join('\n---\n')
  await writeFile(join(manifestFolder(cluster), 'site.yaml'), manifests)
  start()
  for (const guest of guests) await untilKnown(guest)
}, 120_000)

afterAll(async () => {
  await daemon.stop()
  await cluster.destroy()
})

function start(): void {
  daemon = startCli(['--watch', '-v', ...named, manifestFolder(cluster)], { env })
}

async function wayTo({ mac }: Guest, { lab }: LabNode): Promise<string> {
  const [flow = ''] = await lab.dumpFlows('br-int', `table=55,dl_dst=${mac}`)
  return flow.replace(/.*actions=/, '')
}

async function untilKnown(guest: Guest): Promise<void> {
  for (const node of cluster.nodes)
    await waitFor(() => wayTo(guest, node), { what: `a way from ${node.name} to ${guest.name}` })
}

/** The node has the guest, and the other one sends it what is for it. */
async function untilHere(guest: Guest, node: LabNode, other: LabNode): Promise<void> {
  const what = `${guest.name} on ${node.name}`
  await waitFor(async () => (await wayTo(guest, node)).startsWith('output:'), { what })
  const look = async (): Promise<boolean> => {
    const flows = await other.lab.dumpFlows('br-tun', 'table=20')
    const own = flows.filter((flow) => flow.includes(`dl_dst=${guest.mac}`))
    return own.length === 1 && own.every((flow) => flow.includes(`set_field:${node.tunnelIp}->tun_dst`))
  }
  await waitFor(look, { what: `${other.name} to send to ${what}` })
}

const flowsToOthers = () =>
  Promise.all(
    cluster.nodes.map(async ({ lab }) => [
      (await lab.dumpFlows('br-tun')).sort(),
      (await lab.dumpFlows('br-int', 'table=55')).sort(),
    ]),
  )

test('all pairs reach each other, and lose no packet, the first neither', async () => {
  expect(await lossOf(allPairs(guests))).toEqual([])
  expect(await runCli(['drift', ...named, manifestFolder(cluster)], { env })).toMatchObject({ code: 0 })
}, 60_000)

test('a guest that moves is reached on its new node, and back', async () => {
  const touching = allPairs(guests).filter((pair) => pair.includes(vm1))
  await migrate(cluster, vm1, b)
  await untilHere(vm1, b, a)
  expect(await lossOf(touching)).toEqual([])
  await migrate(cluster, vm1, a)
  await untilHere(vm1, a, b)
  expect(await lossOf(touching)).toEqual([])
}, 60_000)

test('a port that both have stays where it was, is reported, and goes to the other one when it is released', async () => {
  const { mac, ip } = vm1
  const options = { name: 'twin', interface: 'tap-twin', mac, ip: `${ip}/24`, gateway: '10.1.0.1' }
  const twin = await b.lab.addVm(options)
  await twin.plug({ externalIds: { 'iface-id': vm1.name } })
  const statusOfB = async () => (await runCli(['status', '--bridge', 'node-b/br-int'], { env })).stdout
  await waitFor(async () => /Port\/vm1 +False +ClaimedElsewhere +.*node-a/.test(await statusOfB()), {
    what: 'the report',
  })
  expect(await wayTo(vm1, b)).not.toContain('output:')
  await vm1.vm.unplug()
  await untilHere(vm1, b, a)
  await twin.unplug()
  await plugGuest(vm1)
  await untilHere(vm1, a, b)
}, 60_000)

test('a daemon that was killed finds all as it was, and takes nothing away when it comes back', async () => {
  const before = await flowsToOthers()
  daemon.child.kill('SIGKILL')
  await exited(daemon.child)
  start()
  for (const { name } of cluster.nodes)
    expect(await runCli(['status', '--wait=20', '--bridge', `${name}/br-tun`], { env })).toMatchObject({
      code: 0,
    })
  expect(await flowsToOthers()).toEqual(before)
  const removed = logOf(daemon).filter((record) => typeof record.delete === 'number' && record.delete > 0)
  expect(removed).toEqual([])
  expect(logOf(daemon).filter(({ msg }) => msg.includes('etcd'))).toEqual([])
  expect(await lossOf(allPairs(guests))).toEqual([])
}, 60_000)
