// What the tests and the demo of many nodes have in common: guests spread over the nodes of a lab, their manifests, a
// daemon on each node, and pings between all of them.
import { join } from 'node:path'
import { runCli, startCli, type RunningCli } from './cli.js'
import type { ClusterLab, LabNode } from './cluster-lab.js'
import { GATEWAY1_MAC, GATEWAY2_MAC, manifest, networkWithSubnet } from './scene.js'
import type { PingOptions, Vm, VmOptions } from './vm.js'
import { waitFor } from './wait.js'

export const NETWORKS = ['net1', 'net2'] as const

/** What geneve leaves of 1500 bytes, the underlay's (RFC 8926, section 3.1): 20 IPv4, 8 UDP, 8 Geneve, 14 Ethernet, and room for options. */
export const GUEST_MTU = 1400

export interface Guest {
  readonly name: string
  readonly network: (typeof NETWORKS)[number]
  readonly mac: string
  /** Without prefix length. */
  readonly ip: string
  readonly vm: Vm
}

/** The guests of a cluster in the order of the nodes, `each` on a node: the odd ones in net1, the even ones in net2. */
export async function addGuests(cluster: ClusterLab, each: number): Promise<readonly Guest[]> {
  const ofNode = async (node: LabNode, index: number): Promise<readonly Guest[]> => {
    const guests: Guest[] = []
    for (let i = 0; i < each; i++) guests.push(await addGuest(node, index * each + i + 1))
    return guests
  }
  return (await Promise.all(cluster.nodes.map(ofNode))).flat()
}

/** @param number from 1, unique in the cluster */
async function addGuest(node: LabNode, number: number): Promise<Guest> {
  const k = ((number - 1) % 2) + 1
  const hex = number.toString(16).padStart(2, '0')
  const options = {
    name: `vm${number}`,
    interface: `tap-vm${number}`,
    mac: `fa:16:3e:00:0${k}:${hex}`,
    ip: `10.${k}.0.${10 + number}/24`,
    gateway: `10.${k}.0.1`,
    mtu: GUEST_MTU,
  } satisfies VmOptions
  const vm = await node.lab.addVm(options)
  return { ...options, network: k === 1 ? 'net1' : 'net2', ip: options.ip.replace('/24', ''), vm }
}

/** Gives a guest a port on the node where it is. */
export async function plugGuest({ name, vm }: Guest): Promise<void> {
  await vm.plug({ externalIds: { 'iface-id': name } })
}

/** The guest goes on, on another node. */
export async function migrate(cluster: ClusterLab, { name, vm }: Guest, to: LabNode): Promise<void> {
  await cluster.move(vm, to, { externalIds: { 'iface-id': name } })
}

export interface SiteOptions {
  /** Of the router; `reactive` unless given. */
  readonly forwarding?: 'reactive' | 'proactive'
  readonly encapsulation?: 'geneve' | 'vxlan' | 'gre'
  /** The node of each guest by its name; a guest that has none is wherever it is plugged. */
  readonly hosts?: Readonly<Record<string, string>>
}

/** All manifests: the nodes, two networks with a router between them, a port for each guest. */
export function siteManifests(
  cluster: ClusterLab,
  guests: readonly Guest[],
  { forwarding = 'reactive', encapsulation = 'geneve', hosts = {} }: SiteOptions = {},
): readonly string[] {
  const legs = [
    { subnet: 'net1-v4', macAddress: GATEWAY1_MAC },
    { subnet: 'net2-v4', macAddress: GATEWAY2_MAC },
  ]
  return [
    ...networkWithSubnet('net1', 8002, '10.1.0.0/24'),
    ...networkWithSubnet('net2', 8003, '10.2.0.0/24'),
    manifest('Router', 'r1', { interfaces: legs, forwarding }),
    ...cluster.nodes.map(({ name, tunnelIp }) => manifest('Node', name, { tunnelIp, encapsulation })),
    ...guests.map((guest) => portManifest(guest, hosts[guest.name])),
  ]
}

function portManifest({ name, network, mac, ip }: Guest, host: string | undefined): string {
  const fixedIps = [{ subnet: `${network}-v4`, ipAddress: ip }]
  return manifest('Port', name, { network, macAddress: mac, fixedIps, ...(host !== undefined && { host }) })
}

/** Starts `reconcile --watch` on a node. */
export function startDaemon({ lab }: LabNode, args: readonly string[]): RunningCli {
  return startCli(['--watch', '-v', ...args], { lab })
}

interface Status {
  readonly phase: string
  readonly message: string
  readonly revision: { readonly wanted: string | null; readonly applied: string | null }
}

/** What the daemon of a node says of itself. */
export async function statusOf({ lab }: LabNode): Promise<Status> {
  const { stdout } = await runCli(['status', '-o', 'json'], { env: lab.env })
  return JSON.parse(stdout) as Status
}

/** The daemons say that their switches agree with the manifests as they last read them. */
export async function untilSynced(nodes: readonly LabNode[]): Promise<void> {
  for (const node of nodes) {
    const look = async (): Promise<boolean> => {
      const { phase, message, revision } = await statusOf(node)
      if (phase === 'Synced' && revision.applied === revision.wanted) return true
      throw new Error(`${phase}: ${message}`)
    }
    await waitFor(look, { what: `${node.name} to be in sync`, timeoutMs: 30_000, everyMs: 100 })
  }
}

/** A dry run that finds nothing to do on any node: the manifests, as they are now, are on the switches. */
export async function untilAgreed(nodes: readonly LabNode[], manifests: string): Promise<void> {
  for (const { lab, name } of nodes) {
    const look = async (): Promise<boolean> => {
      const dryRun = ['--dry-run', '--detailed-exitcode', manifests]
      const { code, stdout, stderr } = await runCli(dryRun, { env: lab.env })
      if (code === 0) return true
      throw new Error(`exit code ${code ?? 'none'}\n${stdout}${stderr}`)
    }
    await waitFor(look, { what: `${name} to agree`, timeoutMs: 20_000, everyMs: 100 })
  }
}

/** Everybody who may speak to somebody else. */
export function allPairs(guests: readonly Guest[]): readonly (readonly [Guest, Guest])[] {
  return guests.flatMap((from) => guests.filter((to) => to !== from).map((to) => [from, to] as const))
}

/** Pings by these pairs, a few at a time; gives those that lost a packet, in words. */
export async function lossOf(
  pairs: readonly (readonly [Guest, Guest])[],
  { count = 2, intervalMs = 100, timeoutS = 3 }: PingOptions = {},
): Promise<readonly string[]> {
  const waiting = [...pairs]
  const lost: string[] = []
  const work = async (): Promise<void> => {
    for (let pair = waiting.shift(); pair; pair = waiting.shift()) {
      const [from, to] = pair
      const { transmitted, received } = await from.vm.ping(to.ip, { count, intervalMs, timeoutS })
      if (received !== transmitted) lost.push(`${from.name} > ${to.name}: ${received} of ${transmitted}`)
    }
  }
  await Promise.all(Array.from({ length: 8 }, work))
  return lost
}

/** Where the manifests of a cluster are. */
export function manifestFolder(cluster: ClusterLab): string {
  return join(cluster.runDir, 'manifests')
}
