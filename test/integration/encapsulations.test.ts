// Two nodes joined by each of the encapsulations that a Node may ask for, one after the other on the same bridges: what
// changes is the tunnel port alone.
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createClusterLab, type ClusterLab } from '../support/cluster-lab.js'
import {
  addGuests,
  allPairs,
  lossOf,
  manifestFolder,
  plugGuest,
  siteManifests,
  startDaemon,
  untilAgreed,
  type Guest,
} from '../support/cluster-scene.js'
import { waitFor } from '../support/wait.js'

let cluster: ClusterLab
let guests: readonly Guest[]

beforeAll(async () => {
  cluster = await createClusterLab(2)
  guests = await addGuests(cluster, 2)
  for (const { lab } of cluster.nodes) await lab.addBridge('br-int')
  for (const guest of guests) await plugGuest(guest)
  await mkdir(manifestFolder(cluster))
}, 60_000)

afterAll(() => cluster.destroy())

test.each(['vxlan', 'gre', 'geneve'] as const)(
  '%s carries all pairs, and loses no packet',
  async (encapsulation) => {
    const folder = manifestFolder(cluster)
    const hosts = Object.fromEntries(guests.map(({ name }, i) => [name, cluster.nodes[i >> 1]?.name ?? '']))
    const manifests = siteManifests(cluster, guests, { encapsulation, hosts })
    await writeFile(join(folder, 'site.yaml'), manifests.join('\n---\n'))
    const isFirst = encapsulation === 'vxlan'
    if (isFirst) for (const node of cluster.nodes) startDaemon(node, [folder])
    await untilAgreed(cluster.nodes, folder)
    for (const { lab } of cluster.nodes) {
      const type = () => lab.vsctl('get', 'interface', 'tun', 'type')
      await waitFor(async () => (await type()).trim() === encapsulation, { what: encapsulation })
    }
    for (const node of cluster.nodes) await cluster.warm(node)
    expect(await lossOf(allPairs(guests))).toEqual([])
  },
  60_000,
)
