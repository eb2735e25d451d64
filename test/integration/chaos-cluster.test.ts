// Faults drawn at random on three nodes for less than a minute; set CHAOS_SEED to repeat a run. And the checker that judges
// them can fail: flows that are wrong are put on the switches, and it finds each.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { clusterRowsOf, renderClusterRows } from '../../scripts/chaos/cluster/report.js'
import { runClusterChaos } from '../../scripts/chaos/cluster/run.js'
import { ClusterWorld } from '../../scripts/chaos/cluster/world.js'
import { type ClusterLab, createClusterLab } from '../support/cluster-lab.js'

const seed = Number(process.env.CHAOS_SEED ?? Date.now() % 1_000_000)
const OURS = 'cookie=0xdf01430000000000'

/** All but those that wait until a lease is over. */
const SHORT = [
  ...['nothing', 'commit', 'daemon-kill', 'daemons-kill-all', 'vswitchd-kill', 'node-kill'],
  ...['underlay-cut', 'underlay-cut-all', 'etcd-cut', 'etcd-leader-kill', 'etcd-quorum-lost'],
  ...['port-claimed-twice', 'port-raced-for', 'guest-moves', 'flows-delete-int', 'flows-delete-tun'],
  ...['flows-change-tun', 'tunnel-port-deleted', 'patch-port-deleted'],
]

test(`after every fault all nodes are right again, local pings are answered and no frame crosses, seed ${seed}`, async () => {
  const { rounds, sniffed, findings } = await runClusterChaos({
    ...{ seed, seconds: 45, deadline: 60, quorumLoss: 5, only: SHORT },
  })
  expect(findings).toEqual([])
  const rows = clusterRowsOf(rounds)
  expect(rows.filter(({ wrong, injected, converged }) => wrong > 0 || injected > converged)).toEqual([])
  expect(sniffed).toMatchObject({ strange: 0 })
  // It did look, and there was something to see.
  expect(rounds.length).toBeGreaterThan(3)
  expect(sniffed.frames).toBeGreaterThan(1_000)
  expect(rows.at(-1)?.local).toMatchObject({ lost: 0 })
  expect(rows.at(-1)?.local.sent).toBeGreaterThan(100)
  expect(renderClusterRows(rows)).toContain('flows wrong')
}, 600_000)

describe('the independent checker of many nodes', () => {
  let cluster: ClusterLab
  let world: ClusterWorld

  beforeAll(async () => {
    cluster = await createClusterLab(3)
    world = await ClusterWorld.create(cluster, { pingInterval: 50, quorumLoss: 5 })
    await world.traffic.finish()
    for (const { daemon } of world.machines) await daemon.stop()
  }, 120_000)
  afterAll(async () => {
    await world.close()
    await cluster.destroy()
  })

  /** Puts a flow on a switch, looks, and takes it away again. */
  async function foundWith(node: string, bridge: string, ...words: readonly string[]) {
    const { lab } = cluster.node(node)
    const file = join(lab.runDir, 'flows')
    await writeFile(file, (await lab.dumpFlows(bridge)).join('\n'))
    const [command = '', ...rest] = words
    await lab.ofctl(command, bridge, ...rest)
    const { right, candidates } = await world.checker.look()
    await lab.ofctl('del-flows', bridge)
    await lab.ofctl('add-flows', bridge, file)
    expect(await world.checker.look()).toMatchObject({ right: 0 })
    expect(right).toBeNull()
    return candidates?.[0]?.flows[`${node} ${bridge}`]
  }

  test.each([
    ['node-a', 'br-int', 'table=55,metadata=0x1f42,dl_dst=fa:16:3e:00:00:21'],
    ['node-b', 'br-int', 'table=51,arp,arp_tpa=10.1.0.31'],
    ['node-c', 'br-int', 'table=54,ip,nw_dst=10.2.0.40'],
    ['node-a', 'br-int', 'table=60'],
    ['node-a', 'br-tun', 'table=0,tun_src=192.0.2.12'],
    ['node-b', 'br-tun', 'table=4,tun_id=0x1f42'],
    ['node-c', 'br-tun', 'table=10,tun_id=0x1f44'],
    ['node-a', 'br-tun', 'table=20,pkt_mark=0x1f43'],
  ])('misses a flow of %s, %s: %s', async (node, bridge, flow) => {
    const found = await foundWith(node, bridge, 'del-flows', flow)
    expect(found?.missing?.length).toBeGreaterThan(0)
  })

  test.each([
    ['br-tun', 'table=20,pkt_mark=0x1f42,dl_dst=fa:16:3e:00:00:21,actions=drop'],
    [
      'br-int',
      'table=55,metadata=0x1f44,dl_dst=fa:16:3e:02:00:12,actions=set_field:0x1f42->tun_id,goto_table:60',
    ],
  ])('sees other actions on %s: %s', async (bridge, flow) => {
    expect(await foundWith('node-a', bridge, 'mod-flows', flow)).toMatchObject({
      different: expect.any(Array) as unknown,
    })
  })

  test.each([
    ['br-tun', 'table=20,priority=100,pkt_mark=0x1f44,dl_dst=fa:16:3e:00:00:21,actions=output:1'],
    ['br-int', 'table=55,priority=100,metadata=0x1f44,dl_dst=fa:16:3e:00:00:11,actions=output:1'],
  ])('finds a flow too many on %s: %s', async (bridge, flow) => {
    const found = await foundWith('node-b', bridge, 'add-flow', `${OURS},${flow}`)
    expect(found?.extra).toHaveLength(1)
  })

  test('is told who has a port that two nodes claim, and believes nothing else', async () => {
    const [first] = world.machines
    await first?.plugPatch('twin', 'wanderer')
    const candidates = [{ wanderer: 'node-a' }, { wanderer: 'node-b' }] as const
    expect(await world.checker.look({ candidates })).toMatchObject({ right: 1 })
    expect(await world.checker.look()).toMatchObject({ right: null })
    await first?.unplug('twin')
  })
})
