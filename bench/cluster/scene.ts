// Three nodes with two guests each and a daemon on each, in sync: what the measurements of a cluster begin with.
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createClusterLab, type ClusterLab, type LabNode } from '../../test/support/cluster-lab.js'
import {
  addGuests,
  allPairs,
  lossOf,
  manifestFolder,
  plugGuest,
  siteManifests,
  startDaemon,
  type Guest,
  type SiteOptions,
} from '../../test/support/cluster-scene.js'
import { EtcdMembers } from '../../test/support/etcd-members.js'
import { watchFlows, type FlowEvents } from '../../test/support/flow-events.js'
import { waitFor } from '../../test/support/wait.js'

/** How often each thing is done. */
export const ROUNDS = 10

export interface Scene {
  readonly cluster: ClusterLab
  readonly guests: readonly Guest[]
  /** Of br-int on all nodes. */
  readonly events: readonly FlowEvents[]
  /** Of br-tun on all nodes. */
  readonly tunnelEvents: readonly FlowEvents[]
  /** What the daemons follow. */
  readonly folder: string
  /** All manifests; without hosts where etcd is there. */
  readonly site: (options?: SiteOptions, guests?: readonly Guest[]) => string
  /** Gives the manifests to all nodes. */
  readonly write: (options?: SiteOptions) => Promise<void>
  /** The node where each guest is. */
  readonly places: Map<string, LabNode>
  readonly hasEtcd: boolean
}

/** The file that holds all manifests. */
export const SITE = 'site.yaml'

/** Makes the scene, has it measured, and removes it. */
export async function withScene(hasEtcd: boolean, measure: (scene: Scene) => Promise<void>): Promise<void> {
  const cluster = await createClusterLab(3)
  try {
    await measure(await setUp(cluster, hasEtcd))
  } finally {
    await cluster.destroy()
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
  const site: Scene['site'] = (options = {}, all = guests) => {
    const hosts = hasEtcd ? {} : Object.fromEntries([...places].map(([name, node]) => [name, node.name]))
    return siteManifests(cluster, all, { hosts, ...options }).join('\n---\n')
  }
  const write: Scene['write'] = (options) => writeFile(join(folder, SITE), site(options))
  await write()
  for (const node of cluster.nodes) startDaemon(node, [...(etcd ? ['--etcd', etcd.urls] : []), folder])
  await waitFor(async () => (await lossOf(allPairs(guests), { count: 1 })).length === 0, {
    timeoutMs: 60_000,
  })
  const watch = (bridge: string) => Promise.all(cluster.nodes.map(({ lab }) => watchFlows(lab, bridge)))
  const [events, tunnelEvents] = [await watch('br-int'), await watch('br-tun')]
  return { cluster, guests, events, tunnelEvents, folder, site, write, places, hasEtcd }
}
