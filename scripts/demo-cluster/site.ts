// The demo's site: its manifests as people write them, in git, and what runs on each of its machines.
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { RunningCli } from '../../test/support/cli.js'
import type { ClusterLab, LabNode } from '../../test/support/cluster-lab.js'
import {
  addGuests,
  manifestFolder,
  plugGuest,
  startDaemon,
  type Guest,
} from '../../test/support/cluster-scene.js'
import { EtcdMembers } from '../../test/support/etcd-members.js'
import { exited } from '../../test/support/processes.js'
import { startRepository } from '../demo/repository.js'

export interface Site {
  readonly cluster: ClusterLab
  readonly guests: readonly Guest[]
  readonly etcd: EtcdMembers
  /** The repository of manifests. */
  readonly folder: string
  readonly daemons: Map<LabNode, RunningCli>
  /** Aborted when the demo shall end early. */
  readonly signal: AbortSignal
}

/** Two guests on each node, plugged in; nothing forwards yet. */
export async function buildSite(cluster: ClusterLab, signal: AbortSignal): Promise<Site> {
  const guests = await addGuests(cluster, 2)
  for (const { lab } of cluster.nodes) await lab.addBridge('br-int')
  for (const guest of guests) await plugGuest(guest)
  const etcd = await EtcdMembers.start(cluster.nodes)
  return { cluster, guests, etcd, folder: manifestFolder(cluster), daemons: new Map(), signal }
}

/** A file a kind. No port says where it is. */
export async function writeSite({ cluster, guests, folder }: Site): Promise<readonly string[]> {
  const files = {
    'networks.yaml': networksYaml(),
    'nodes.yaml': cluster.nodes.map(nodeYaml).join('---\n'),
    'ports.yaml': guests.map(portYaml).join('---\n'),
    'router.yaml': routerYaml('reactive'),
  }
  await mkdir(folder)
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text)
  await startRepository(folder, 'Two networks on three machines')
  return Object.keys(files)
}

/** Starts the daemon of a node. It should never end by itself. */
export function startDaemonOf(site: Site, node: LabNode): void {
  const daemon = startDaemon(node, ['--etcd', site.etcd.urls, site.folder])
  site.daemons.set(node, daemon)
}

/** SIGKILL: it has no time for a word. */
export async function killDaemonOf(site: Site, node: LabNode): Promise<void> {
  const daemon = site.daemons.get(node)
  daemon?.child.kill('SIGKILL')
  if (daemon) await exited(daemon.child)
}

/** The last words of all daemons, for when something failed. */
export function lastWords({ daemons }: Site): string {
  const words = [...daemons].map(([{ name }, daemon]) => {
    const lines = daemon.stderr().trimEnd().split('\n').slice(-8)
    return [`${name}:`, ...lines].join('\n')
  })
  return words.join('\n')
}

function networksYaml(): string {
  const one = (k: number): string => `apiVersion: reconcile/v1
kind: Network
metadata: { name: net${k} }
spec: { segmentationId: ${8001 + k} }
---
apiVersion: reconcile/v1
kind: Subnet
metadata: { name: net${k}-v4 }
spec: { network: net${k}, cidr: 10.${k}.0.0/24 }
`
  return [one(1), one(2)].join('---\n')
}

function nodeYaml({ name, tunnelIp }: LabNode): string {
  return `apiVersion: reconcile/v1
kind: Node
metadata: { name: ${name} }
spec: { tunnelIp: ${tunnelIp}, encapsulation: geneve }
`
}

function portYaml({ name, network, mac, ip }: Guest): string {
  return `apiVersion: reconcile/v1
kind: Port
metadata: { name: ${name} }
spec:
  network: ${network}
  macAddress: '${mac}'
  fixedIps: [{ subnet: ${network}-v4, ipAddress: ${ip} }]
`
}

export function routerYaml(forwarding: 'reactive' | 'proactive'): string {
  return `apiVersion: reconcile/v1
kind: Router
metadata: { name: r1 }
spec:
  interfaces: [{ subnet: net1-v4 }, { subnet: net2-v4 }]
  forwarding: ${forwarding}
`
}
