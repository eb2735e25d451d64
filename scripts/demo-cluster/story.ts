// The demo's steps, told as they happen on real switches. What it shows is read from the switches, never assumed.
import { setTimeout as sleep } from 'node:timers/promises'
import { runCli } from '../../test/support/cli.js'
import type { ClusterLab, LabNode } from '../../test/support/cluster-lab.js'
import { allPairs, lossOf, migrate, untilSynced, type Guest } from '../../test/support/cluster-scene.js'
import { watchFlows } from '../../test/support/flow-events.js'
import { startPings, startTcp, type Gap } from '../../test/support/gap.js'
import { waitFor } from '../../test/support/wait.js'
import { parseFlow, type ShownFlow } from '../demo/flow-table.js'
import { command, printFlows, say, step } from '../demo/printer.js'
import { commitFile } from '../demo/repository.js'
import {
  buildSite,
  killDaemonOf,
  lastWords,
  routerYaml,
  startDaemonOf,
  writeSite,
  type Site,
} from './site.js'

/** Plays the whole demo; true when nothing was lost and the last look found nothing to do. */
export async function tellStory(cluster: ClusterLab, signal: AbortSignal): Promise<boolean> {
  const site = await showMachines(cluster, signal)
  try {
    await showManifests(site)
    await showDaemons(site)
    const results = [
      await showPings(site),
      await showMigration(site),
      await showKilledDaemon(site),
      await showKilledMember(site),
      await showSecondLook(site),
    ]
    return results.every(Boolean)
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    throw new Error(`${message}\n${lastWords(site)}`, { cause: error })
  }
}

/** Opens a step, unless the demo shall end: between two steps it can do so in good order. */
function begin(signal: AbortSignal, title: string, explanation: string): void {
  signal.throwIfAborted()
  step(title, explanation)
}

async function showMachines(cluster: ClusterLab, signal: AbortSignal): Promise<Site> {
  begin(
    signal,
    'Three machines with two VMs each',
    'Each has its own Open vSwitch and a member of etcd. An underlay network joins them; no VM sees it.',
  )
  const site = await buildSite(cluster, signal)
  for (const [i, { name, tunnelIp, managementIp }] of cluster.nodes.entries()) {
    say(`   ${name}  tunnels from ${tunnelIp}  etcd at ${managementIp}:2379`)
    for (const guest of site.guests.slice(2 * i, 2 * i + 2)) {
      say(`     ${guest.name}  ${guest.ip}  ${guest.mac}  ${guest.network}`)
    }
  }
  return site
}

async function showManifests(site: Site): Promise<void> {
  begin(
    site.signal,
    'Manifests in git, the same for all machines',
    'Two networks, a router, three nodes, six ports. No port says where it is: its machine tells the others by etcd.',
  )
  say(`   ${(await writeSite(site)).join('  ')}`)
}

async function showDaemons(site: Site): Promise<void> {
  begin(
    site.signal,
    'A daemon on each machine',
    'There is no central controller. Each makes br-tun beside br-int, and compiles what its own VMs can reach.',
  )
  command('reconcile --watch --etcd URL,URL,URL manifests      # on each')
  for (const node of site.cluster.nodes) startDaemonOf(site, node)
  await knowEachOther(site)
  for (const node of site.cluster.nodes) {
    const [int, tun] = await Promise.all([flowsOf(node, 'br-int'), flowsOf(node, 'br-tun')])
    say(`   ${node.name}: ${int.length} flows on br-int, ${tun.length} on br-tun`)
  }
  const [first] = site.cluster.nodes as [LabNode]
  say()
  command(`ovs-ofctl -O OpenFlow15 --no-stats dump-flows br-tun      # on ${first.name}`)
  printFlows(await flowsOf(first, 'br-tun'))
}

/** All daemons know where all ports are, and no dry run finds anything. */
async function knowEachOther(site: Site): Promise<void> {
  const { guests, signal } = site
  for (const node of site.cluster.nodes) {
    const look = async (): Promise<boolean> => {
      const flows = await node.lab.dumpFlows('br-int', 'table=55')
      return guests.every(({ mac }) => flows.some((flow) => flow.includes(`dl_dst=${mac}`)))
    }
    await waitFor(look, { what: `all ports on ${node.name}`, timeoutMs: 30_000, signal })
  }
}

async function showPings(site: Site): Promise<boolean> {
  begin(
    site.signal,
    'Everybody pings everybody',
    'In a network by the tunnels alone; between networks the first packet asks the daemon, here and where it arrives.',
  )
  return pingAll(site)
}

async function pingAll({ guests }: Site): Promise<boolean> {
  const pairs = allPairs(guests)
  const lost = await lossOf(pairs)
  for (const line of lost) say(`   lost: ${line}`, 'red')
  say(`   ${pairs.length} pairs, the first packet counted: ${pairs.length - lost.length} lost nothing`)
  return lost.length === 0
}

async function showMigration(site: Site): Promise<boolean> {
  const [a, , c] = site.cluster.nodes as [LabNode, LabNode, LabNode]
  const [vm1, , vm3, vm4] = site.guests as [Guest, Guest, Guest, Guest]
  begin(
    site.signal,
    `vm1 moves from ${a.name} to ${c.name}, and keeps running`,
    'Its interface appears there with the same iface-id. The daemons settle by etcd who has the port.',
  )
  const pings = await startPings(vm3.vm, vm1.ip)
  const tcp = await startTcp(vm4.vm, vm1.vm, vm1.ip)
  const begun = Date.now()
  await migrate(site.cluster, vm1, c)
  const pluggedMs = Date.now() - begun
  await sleep(3000)
  say(`   taken from one bridge and put on the other in ${pluggedMs} ms, which is the lab's time`)
  printGap('   a ping each millisecond, from vm3 in its network', await pings.stop())
  const tcpGap = await tcp.stop()
  printGap('   an open TCP connection, from vm4 in the other one', tcpGap)
  return (await pingAll(site)) && tcpGap.received === tcpGap.sent
}

function printGap(what: string, { longestMs }: Gap): void {
  say(`${what}: ${longestMs.toFixed(0)} ms of silence`)
}

async function showKilledDaemon(site: Site): Promise<boolean> {
  const [, b] = site.cluster.nodes as [LabNode, LabNode]
  begin(
    site.signal,
    `The daemon of ${b.name} is killed`,
    'Its switch forwards what it knows. For the time of its lease, 15 s, the others count on it; it comes back before.',
  )
  command('kill -9 PID')
  await killDaemonOf(site, b)
  const isGood = await pingAll(site)
  startDaemonOf(site, b)
  await untilSynced([b])
  say(`   started again: in sync with what its switch has`)
  return isGood
}

async function showKilledMember(site: Site): Promise<boolean> {
  const leader = await site.etcd.leader()
  begin(
    site.signal,
    `The leader of etcd, on ${leader.name}, is killed, and a change is committed`,
    'Two of three members go on. The change comes by git: it would reach every machine with no etcd at all.',
  )
  command('kill -9 PID')
  await site.etcd.stop(leader)
  await showCommit(site)
  const isGood = await pingAll(site)
  await site.etcd.start(leader)
  return isGood
}

/** From reactive to proactive: routes to all hosts are in every switch, and no packet asks a daemon any more. */
async function showCommit(site: Site): Promise<void> {
  const { nodes } = site.cluster
  const events = await Promise.all(nodes.map(({ lab }) => watchFlows(lab, 'br-int')))
  const edited = Date.now()
  const lines = await commitFile(site.folder, 'router.yaml', routerYaml('proactive'), 'Route without asking')
  command('git commit -a')
  for (const line of lines) say(`   ${line}`, line.startsWith('+') ? 'green' : 'red')
  const isTold = (): boolean => events.every((event) => event.last() !== undefined)
  await waitFor(isTold, { what: 'changes on all switches', timeoutMs: 20_000, signal: site.signal })
  await sleep(1000) // and whatever comes after the first
  await untilSynced(nodes)
  for (const [i, { name }] of nodes.entries()) {
    say(`   ${name}: all flows ${(events[i]?.last() ?? Infinity) - edited} ms after the edit`)
  }
  await Promise.all(events.map((event) => event.stop()))
}

async function showSecondLook(site: Site): Promise<boolean> {
  begin(
    site.signal,
    'A second look',
    'Each daemon reads all flows back from its switch and compares them with the manifests once more.',
  )
  command('reconcile reconcile-now      # on each')
  const { nodes } = site.cluster
  const before = await allFlows(nodes)
  for (const { name, lab } of nodes) {
    const { code, stdout } = await runCli(['reconcile-now'], { env: lab.env })
    say(`   ${name}: ${stdout.split('\n')[0] ?? ''}`)
    if (code !== 0) return false
  }
  await untilSynced(nodes)
  return (await allFlows(nodes)) === before
}

/** As one text. */
async function allFlows(nodes: readonly LabNode[]): Promise<string> {
  const dumps = nodes.flatMap(({ lab }) => ['br-int', 'br-tun'].map((bridge) => lab.dumpFlows(bridge)))
  return (await Promise.all(dumps)).map((flows) => flows.sort().join('\n')).join('\n\n')
}

async function flowsOf({ lab }: LabNode, bridge: string): Promise<ShownFlow[]> {
  return (await lab.dumpFlows(bridge)).map(parseFlow)
}
