// Whose a name is: an agent that is started under the name of another node, or on a switch that was another node's, writes
// nothing; and a node whose manifest goes while it runs keeps what it had, or follows the cluster.
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Summary } from '../../src/status/condition.js'
import { runCli, startCli, type RunningCli } from '../support/cli.js'
import { createClusterLab, type ClusterLab, type LabNode } from '../support/cluster-lab.js'
import { EtcdMembers } from '../support/etcd-members.js'
import { logOf, manifest, networkWithSubnet, writeManifests } from '../support/scene.js'
import { waitFor } from '../support/wait.js'

const NODES: Readonly<Record<string, string>> = {
  'node-a': manifest('Node', 'node-a', { tunnelIp: '192.0.2.11', encapsulation: 'geneve' }),
  'node-b': manifest('Node', 'node-b', { tunnelIp: '192.0.2.12', encapsulation: 'geneve' }),
}
const NODE_A = NODES['node-a'] ?? ''
const NODE_B = NODES['node-b'] ?? ''

function port(name: string, last: number, host?: string): string {
  const fixedIps = [{ subnet: 'net1-v4', ipAddress: `10.1.0.${last}` }]
  const macAddress = `02:00:00:00:00:${last}`
  return manifest('Port', name, {
    network: 'net1',
    macAddress,
    fixedIps,
    ...(host !== undefined && { host }),
  })
}

const NET = networkWithSubnet('net1', 8002, '10.1.0.0/24')
const HOSTED = [...NET, port('vm1', 11, 'node-a'), port('vm2', 12, 'node-b'), NODE_A, NODE_B]
const FREE = [...NET, port('vm1', 11), port('vm2', 12), NODE_A, NODE_B]
/** As FREE, but that no manifest says of node-a. */
const WITHOUT_A = FREE.filter((text) => text !== NODE_A)

/** Until a lease of 15 s has ended, and those who wait for it have heard of it. */
const LEASE = { timeoutMs: 40_000 }

let cluster: ClusterLab
let etcd: EtcdMembers
let a: LabNode
let b: LabNode
const daemons: RunningCli[] = []
/** Each test has keys of its own in etcd. */
let prefix = ''
let tests = 0

beforeAll(async () => {
  cluster = await createClusterLab(2)
  ;[a, b] = cluster.nodes as [LabNode, LabNode]
  etcd = await EtcdMembers.start([a])
}, 60_000)
beforeEach(() => {
  prefix = `/test-${++tests}`
})
afterEach(async () => {
  for (const daemon of daemons.splice(0)) await daemon.stop()
  const bridges = ['br-int', 'br-tun'].flatMap((name) => ['--', '--if-exists', 'del-br', name])
  for (const { lab } of cluster.nodes) await lab.vsctl(...bridges)
})
afterAll(() => cluster.destroy())

/** A bridge with the port of a guest. */
async function addGuest({ lab }: LabNode, name: string): Promise<void> {
  await lab.addBridge('br-int')
  const ids = ['--', 'set', 'Interface', name, 'type=internal', `external_ids:iface-id=${name}`]
  await lab.vsctl('add-port', 'br-int', name, ...ids)
}

const viaEtcd = (): readonly string[] => ['--etcd', etcd.urls, '--etcd-prefix', prefix]

function watch({ lab }: LabNode, ...args: readonly string[]): RunningCli {
  const daemon = startCli(['--watch', '-v', '--datapath-type', 'netdev', ...args], { lab })
  daemons.push(daemon)
  return daemon
}

async function statusOf({ lab }: LabNode, bridge = 'br-int'): Promise<Summary> {
  const { stdout } = await runCli(['status', '-o', 'json', '--bridge', bridge], { env: lab.env })
  return JSON.parse(stdout) as Summary
}

async function untilPhase(node: LabNode, phase: string, bridge = 'br-int', options = {}): Promise<Summary> {
  return waitFor(
    async () => {
      const status = await statusOf(node, bridge)
      return status.phase === phase && status
    },
    { what: `${bridge} of ${node.name} to be ${phase}`, ...options },
  )
}

const isOfContender = (warning: string): boolean => warning.includes('asks for the name of this node')

/** All that this program may write on a switch. */
async function all({ lab }: LabNode): Promise<readonly string[]> {
  const bridges = (await lab.vsctl('list-br')).split('\n')
  const flows = await Promise.all(bridges.map((bridge) => lab.dumpFlows(bridge)))
  const columns = ['--columns=name,external_ids,ports', 'list', 'Bridge']
  return [await lab.vsctl(...columns), ...flows.map((lines) => [...lines].sort().join('\n'))]
}

describe('a name in a cluster that another switch has', () => {
  test('is not to be had while its agent lives: nothing is written, both sides say so', async () => {
    for (const [node, guest] of [[a, 'vm1'], [b, 'vm2']] as const) await addGuest(node, guest) // prettier-ignore
    const paths = await Promise.all(cluster.nodes.map(({ lab }) => writeManifests(lab, 'm.yaml', HOSTED)))
    watch(a, ...viaEtcd(), '--node', 'node-a', paths[0] ?? '')
    const right = watch(b, ...viaEtcd(), '--node', 'node-b', paths[1] ?? '')
    for (const node of cluster.nodes) {
      for (const bridge of ['br-int', 'br-tun']) await untilPhase(node, 'Synced', bridge)
    }
    await right.stop()
    const before = await all(b)
    expect(before.join()).toContain('tun_dst')

    const wrong = watch(b, ...viaEtcd(), '--node', 'node-a', paths[1] ?? '')
    await wrong.waitForLine(/NODE_NAME_TAKEN/)
    expect(await waitFor(async () => (await statusOf(b)).message.includes('"node-a"') && statusOf(b))).toMatchObject({
      phase: 'Disconnected',
      message: expect.stringContaining('Another agent of the cluster runs as node "node-a"'),
      remedy: expect.stringContaining('another --node'),
    }) // prettier-ignore
    const asked = await waitFor(async () => (await statusOf(a)).warnings.find(isOfContender))
    expect(asked).toContain(`its switch is ${b.lab.prefix}`)
    expect(await statusOf(a)).toMatchObject({ phase: 'Synced' })
    await runCli(['reconcile-now'], { env: b.lab.env })
    expect(await all(b)).toEqual(before)

    await wrong.stop()
    await waitFor(async () => !(await statusOf(a)).warnings.some(isOfContender), {
      what: 'the end of the warning',
      ...LEASE,
    })
  }, 90_000)

  test('is had when its lease ends, by one who has no bridge before', async () => {
    await addGuest(a, 'vm1')
    const paths = await Promise.all(cluster.nodes.map(({ lab }) => writeManifests(lab, 'm.yaml', HOSTED)))
    const first = watch(a, ...viaEtcd(), '--node', 'node-a', paths[0] ?? '')
    await untilPhase(a, 'Synced')
    const second = watch(b, ...viaEtcd(), '--node', 'node-a', paths[1] ?? '')
    await second.waitForLine(/NODE_NAME_TAKEN/)
    await sleep(500)
    expect(await b.lab.vsctl('list-br')).toBe('br-phy')
    await first.stop()
    await untilPhase(b, 'Synced', 'br-int', LEASE)
    expect(logOf(second).map(({ msg }) => msg)).toContain('we have the name of this node')
    expect(await b.lab.vsctl('get', 'Bridge', 'br-int', 'external_ids:reconcile-node')).toBe('node-a')
    watch(a, ...viaEtcd(), '--node', 'node-a', paths[0] ?? '')
    await waitFor(async () => (await statusOf(a)).message.includes('Another agent'))
  }, 90_000)

  test('is its own again at once after a restart', async () => {
    await addGuest(a, 'vm1')
    const path = await writeManifests(a.lab, 'm.yaml', HOSTED)
    const first = watch(a, ...viaEtcd(), '--node', 'node-a', path)
    await untilPhase(a, 'Synced')
    await first.stop('SIGKILL')
    const again = watch(a, ...viaEtcd(), '--node', 'node-a', path)
    await again.waitForLine(/in sync/)
    expect(logOf(again).filter(({ level }) => level >= 50)).toEqual([])
  })
})

describe('a bridge that has the flows of another node', () => {
  const run = (...args: readonly string[]) => runCli(args, { env: a.lab.env })
  const refusal =
    /^NODE_CHANGED\n {2}br-int has the flows of node "node-a", and this is a run as node "node-b"\. Nothing was applied\.\n {2}Use --node node-a\./

  test('is left alone by one run, until its name is forgotten', async () => {
    await addGuest(a, 'vm1')
    const path = await writeManifests(a.lab, 'm.yaml', HOSTED)
    expect(await run('--node', 'node-a', path)).toMatchObject({ code: 0 })
    const before = await all(a)
    const refused = await run('--node', 'node-b', path)
    expect(refused).toMatchObject({ code: 64, stderr: expect.stringMatching(refusal) })
    expect((await run('--dry-run', '--node', 'node-b', path)).stderr).toContain(
      'has the flows of node "node-a"',
    )
    expect(await all(a)).toEqual(before)
    const [, forget = ''] = /: ovs-vsctl (.*)\.$/m.exec(refused.stderr) ?? []
    await a.lab.vsctl(...forget.split(' '))
    expect(await run('--node', 'node-b', path)).toMatchObject({ code: 0 })
    expect(await a.lab.vsctl('get', 'Bridge', 'br-int', 'external_ids:reconcile-node')).toBe('node-b')
  })

  test('is left alone by a daemon, which says so and goes on when its name is forgotten', async () => {
    await addGuest(a, 'vm1')
    const path = await writeManifests(a.lab, 'm.yaml', HOSTED)
    expect(await run('--node', 'node-a', path)).toMatchObject({ code: 0 })
    const before = await all(a)
    const daemon = watch(a, '--node', 'node-b', path)
    await daemon.waitForLine(/NODE_CHANGED/)
    expect(await untilPhase(a, 'Degraded')).toMatchObject({
      message: expect.stringContaining('node "node-a"'),
    })
    expect(await all(a)).toEqual(before)
    await a.lab.vsctl('remove', 'Bridge', 'br-int', 'external_ids', 'reconcile-node')
    for (const bridge of ['br-int', 'br-tun']) await untilPhase(a, 'Synced', bridge)
  })

  test('may be another one’s when it has lost them', async () => {
    await addGuest(a, 'vm1')
    const path = await writeManifests(a.lab, 'm.yaml', HOSTED)
    expect(await run('--node', 'node-a', path)).toMatchObject({ code: 0 })
    for (const bridge of ['br-int', 'br-tun']) await a.lab.ofctl('del-flows', bridge)
    expect(await run('--node', 'node-b', path)).toMatchObject({ code: 0 })
  })

  test('is nobody’s where no manifest speaks of nodes', async () => {
    await addGuest(a, 'vm1')
    const path = await writeManifests(a.lab, 'm.yaml', [...NET, port('vm1', 11)])
    expect(await run('--node', 'one', path)).toMatchObject({ code: 0 })
    expect(await a.lab.vsctl('get', 'Bridge', 'br-int', 'external_ids')).not.toContain('reconcile-node')
    expect(await run('--node', 'two', path)).toMatchObject({ code: 0 })
  })
})

describe('a node whose manifest goes while it runs', () => {
  test.each([
    ['named by --node', ['--node', 'node-a'], 'There is no Node "node-a" in the manifests.'],
    ['named as its host', [], 'No Node of the manifests is named "node-a", as this host is.'],
  ])('keeps what it had and says so, %s', async (_, args, message) => {
    await addGuest(a, 'vm1')
    const path = await writeManifests(a.lab, 'm.yaml', FREE)
    const daemon = watch(a, ...args, path)
    for (const bridge of ['br-int', 'br-tun']) await untilPhase(a, 'Synced', bridge)
    const before = await all(a)
    await writeManifests(a.lab, 'm.yaml', WITHOUT_A)
    for (const bridge of ['br-int', 'br-tun'])
      expect(await untilPhase(a, 'Degraded', bridge)).toMatchObject({ message })
    expect(await all(a)).toEqual(before)
    await daemon.stop()
    const again = watch(a, ...args, path)
    await again.waitForLine(/USAGE|UNKNOWN_NODE/)
    expect(await untilPhase(a, 'Degraded')).toMatchObject({ message })
    expect(await all(a)).toEqual(before)
    await writeManifests(a.lab, 'm.yaml', FREE)
    await untilPhase(a, 'Synced')
  })

  test('needs an address of its switch in a cluster: it warns, and has no way to others without', async () => {
    await addGuest(a, 'vm1')
    await addGuest(b, 'vm2')
    const paths = await Promise.all(cluster.nodes.map(({ lab }) => writeManifests(lab, 'm.yaml', FREE)))
    watch(a, ...viaEtcd(), '--node', 'node-a', paths[0] ?? '')
    watch(b, ...viaEtcd(), '--node', 'node-b', paths[1] ?? '')
    const wayToVm2 = () => a.lab.dumpFlows('br-tun', 'table=20,dl_dst=02:00:00:00:00:12')
    await waitFor(async () => (await wayToVm2()).length === 1, { what: 'the way to vm2' })
    await writeManifests(a.lab, 'm.yaml', WITHOUT_A)
    await waitFor(async () => (await wayToVm2()).length === 0, { what: 'no way to vm2' })
    const warned = await waitFor(async () => {
      const status = await statusOf(a)
      return status.warnings.length > 0 && status
    })
    expect(warned.warnings).toEqual([
      expect.stringMatching(/^node node-a has no Node .*reconcile-tunnel-ip=/),
    ])
    await a.lab.vsctl('set', 'Open_vSwitch', '.', 'external_ids:reconcile-tunnel-ip=192.0.2.11')
    await waitFor(async () => (await wayToVm2()).length === 1, { what: 'the way to vm2' })
    await waitFor(async () => (await statusOf(a)).warnings.length === 0, { what: 'no warning' })
    await a.lab.vsctl('remove', 'Open_vSwitch', '.', 'external_ids', 'reconcile-tunnel-ip')
  }, 60_000)
})
