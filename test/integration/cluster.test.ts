// Nodes that meet in a real etcd: what one says reaches the others, one of two claimants wins, and an etcd that goes
// away takes nothing with it.
import { setTimeout as sleep } from 'node:timers/promises'
import { isDeepStrictEqual } from 'node:util'
import { fileURLToPath } from 'node:url'
import { afterEach, describe, expect, test } from '@jest/globals'
import type { Etcd3 } from 'etcd3'
import type { ClusterOptions } from '../../src/cluster/options.js'
import { commit } from '../../src/cluster/transaction.js'
import { Agent } from '../support/cluster-agents.js'
import { type EtcdCluster, type EtcdOptions, startEtcd } from '../support/etcd.js'
import { start, stop } from '../support/processes.js'
import { TcpProxy } from '../support/tcp-proxy.js'
import { waitFor } from '../support/wait.js'
import { parseIpv4 } from '../../src/values/ipv4.js'

const CHILD = fileURLToPath(new URL('../support/cluster-agent-main.ts', import.meta.url))

const undo: (() => unknown)[] = []

afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step()
})

async function etcdFor(options: EtcdOptions = {}): Promise<EtcdCluster> {
  const etcd = await startEtcd(options)
  undo.push(() => etcd.stop())
  return etcd
}

async function agentOf(
  etcd: Pick<EtcdCluster, 'urls'>,
  node: string,
  options: Partial<ClusterOptions> = {},
): Promise<Agent> {
  const address = `192.0.2.${node.charCodeAt(0)}`
  const agent = await Agent.open({ urls: etcd.urls, node, ...options }, address)
  undo.push(() => agent.cluster.close())
  return agent
}

/** What is lacking is described once, at the end: that takes so long for many ports that the agents would not be heard. */
async function untilSees(agent: Agent, bindings: Readonly<Record<string, string>>): Promise<void> {
  const sees = () => isDeepStrictEqual(agent.bindings, bindings)
  await waitFor(sees, { everyMs: 5, timeoutMs: 20_000 }).catch(() => expect(agent.bindings).toEqual(bindings))
}

const untilConnected = (agent: Agent, connected: boolean) =>
  waitFor(() => agent.cluster.state.connected === connected, {
    everyMs: 5,
    timeoutMs: 20_000,
    what: `connected to be ${connected}`,
  })

async function proxyTo(etcd: EtcdCluster): Promise<TcpProxy> {
  const proxy = await TcpProxy.open(Number(etcd.urls[0]?.split(':').at(-1)))
  undo.push(() => proxy.close())
  return proxy
}

/** The revision grows by one with each write that anybody makes. */
async function revisionOf(etcd: Etcd3): Promise<number> {
  return Number((await etcd.kv.range({ key: Buffer.from('x') })).header.revision)
}

describe('what a node publishes', () => {
  test('reaches the others, and goes when it is taken back', async () => {
    const etcd = await etcdFor()
    const [a, b] = [await agentOf(etcd, 'a'), await agentOf(etcd, 'b')]
    a.publish('vm1', 'vm2')
    b.publish('vm3')
    const all = { vm1: 'a', vm2: 'a', vm3: 'b' }
    await Promise.all([untilSees(a, all), untilSees(b, all)])
    expect(b.cluster.view.tunnelIps.get('a')).toBe(parseIpv4('192.0.2.97'))
    expect(a.cluster.view.tunnelIps.get('b')).toBe(parseIpv4('192.0.2.98'))
    a.publish('vm2')
    await untilSees(b, { vm2: 'a', vm3: 'b' })
  })

  test('is there for a node that comes later, before it has said anything', async () => {
    const etcd = await etcdFor()
    const a = await agentOf(etcd, 'a')
    a.publish('vm1')
    await untilSees(a, { vm1: 'a' })
    const b = await agentOf(etcd, 'b')
    expect(b.bindings).toEqual({ vm1: 'a' })
    expect(b.cluster.state).toMatchObject({ connected: true, conflicts: new Map() })
  })

  test('is told to the user when it changes the view, and not when it says the same', async () => {
    const etcd = await etcdFor()
    const [a, b] = [await agentOf(etcd, 'a'), await agentOf(etcd, 'b')]
    a.publish('vm1')
    await untilSees(b, { vm1: 'a' })
    const before = await revisionOf(etcd.client())
    a.publish('vm1')
    await etcd.client().put('/test/other').value('of somebody else')
    await sleep(100)
    b.publish('vm2')
    await waitFor(() => b.views.at(-1)?.bindings.has('vm2'))
    expect(b.views.length).toBeGreaterThan(1)
    expect(new Set(b.views).size).toBe(b.views.length)
    expect(await revisionOf(etcd.client())).toBe(before + 3) // the other key, and both of b
  })

  test('outlives a restart of its agent, and what the new one does not want goes', async () => {
    const etcd = await etcdFor()
    const [a, b] = [await agentOf(etcd, 'a', { leaseSeconds: 10 }), await agentOf(etcd, 'b')]
    a.publish('vm1', 'vm2')
    await untilSees(b, { vm1: 'a', vm2: 'a' })
    b.watchViews()
    await a.cluster.close()
    const again = await agentOf(etcd, 'a')
    again.publish('vm1')
    await untilSees(b, { vm1: 'a' })
    expect(b.views.every(({ bindings }) => bindings.get('vm1') === 'a')).toBe(true)
    expect(again.cluster.state.error).toBeUndefined()
  })

  test('is not all there is until everyone had the time of a lease to speak, and once that is over it is', async () => {
    const etcd = await etcdFor()
    const a = await agentOf(etcd, 'a')
    const begin = performance.now()
    expect(a.cluster.state).toMatchObject({ connected: true, isSettled: false })
    await waitFor(() => a.cluster.state.isSettled, { everyMs: 5 })
    expect(performance.now() - begin).toBeGreaterThan(2_500)
    await waitFor(() => a.views.length > 0, { what: 'its user to be told' })
  })

  test('goes with its node, when that dies', async () => {
    const etcd = await etcdFor()
    const b = await agentOf(etcd, 'b')
    const child = start('node', ['--import', 'tsx', CHILD, etcd.urls[0] ?? '', 'a', 'vm1'])
    child.stdout?.resume()
    child.stderr?.resume()
    undo.push(() => stop(child, 'SIGKILL'))
    await untilSees(b, { vm1: 'a' })
    await stop(child, 'SIGKILL')
    await untilSees(b, {})
    expect(b.cluster.view.tunnelIps.has('a')).toBe(false)
  })
})

describe('a port that two nodes claim', () => {
  test('is the same one for both, and a conflict for the other', async () => {
    const etcd = await etcdFor()
    const [a, b] = [await agentOf(etcd, 'a'), await agentOf(etcd, 'b')]
    const ports = Array.from({ length: 40 }, (_, index) => `vm${index}`)
    a.publish(...ports)
    b.publish(...ports)
    await waitFor(() => {
      expect(Object.keys(a.bindings)).toHaveLength(40)
      expect(b.bindings).toEqual(a.bindings)
      return true
    })
    const heldBy = (node: string) => Object.entries(a.bindings).filter(([, holder]) => holder === node)
    expect(a.conflicts).toEqual(Object.fromEntries(heldBy('b')))
    expect(b.conflicts).toEqual(Object.fromEntries(heldBy('a')))
    expect(heldBy('a').length + heldBy('b').length).toBe(40)
  })

  test('goes to the other when the winner gives it back', async () => {
    const etcd = await etcdFor()
    const [a, b] = [await agentOf(etcd, 'a'), await agentOf(etcd, 'b')]
    a.publish('vm1')
    await untilSees(b, { vm1: 'a' })
    b.publish('vm1')
    await waitFor(() => b.conflicts.vm1 === 'a')
    expect(a.conflicts).toEqual({})
    a.publish()
    await Promise.all([untilSees(a, { vm1: 'b' }), untilSees(b, { vm1: 'b' })])
    expect(b.conflicts).toEqual({})
  })

  test('is not fought for by two agents of one name: the older one gives in and says so', async () => {
    const etcd = await etcdFor()
    const older = await agentOf(etcd, 'a')
    older.publish('vm1')
    await untilSees(older, { vm1: 'a' })
    const newer = await agentOf(etcd, 'a')
    await newer.cluster.takeName(parseIpv4('192.0.2.97'))
    newer.publish('vm1')
    await waitFor(() => older.cluster.state.error?.code === 'NODE_NAME_TAKEN')
    expect(newer.cluster.state.error).toBeUndefined()
    const before = await revisionOf(etcd.client())
    await etcd.client().put('/test/other').value('to wake both')
    expect(await revisionOf(etcd.client())).toBe(before + 1)
  })
})

describe('a name that two switches want', () => {
  const ADDRESS = parseIpv4('192.0.2.97')

  test('is the first one’s until its lease ends, and each hears of the other', async () => {
    const etcd = await etcdFor()
    const child = start('node', ['--import', 'tsx', CHILD, etcd.urls[0] ?? '', 'a', 'vm1'])
    child.stdout?.resume()
    child.stderr?.resume()
    undo.push(() => stop(child, 'SIGKILL'))
    const b = await agentOf(etcd, 'b')
    await untilSees(b, { vm1: 'a' })
    const newcomer = await agentOf(etcd, 'a', { switchId: 'another' })
    expect(newcomer.cluster.state).toMatchObject({ isTaken: true, error: { code: 'NODE_NAME_TAKEN' } })
    await newcomer.cluster.takeName(ADDRESS)
    newcomer.publish('vm1', 'vm2')
    const keys = () => etcd.client().getAll().prefix('/test/').strings()
    await waitFor(async () => '/test/contenders/a' in (await keys()))
    expect(await keys()).toEqual({
      '/test/nodes/a': '{"switch":"switch of a","tunnelIp":"192.0.2.1"}',
      '/test/contenders/a': '{"switch":"another"}',
      '/test/ports/vm1': '{"node":"a"}',
    })
    await stop(child, 'SIGKILL')
    await untilSees(b, { vm1: 'a', vm2: 'a' })
    expect(newcomer.cluster.state).toMatchObject({ isTaken: false })
    expect(newcomer.cluster.state.error).toBeUndefined()
    await waitFor(async () => !('/test/contenders/a' in (await keys())))
  })

  test('is one’s when both come at once, and the other asks for it', async () => {
    const etcd = await etcdFor()
    const both = await Promise.all(['one', 'two'].map((switchId) => agentOf(etcd, 'a', { switchId })))
    await Promise.all(both.map(({ cluster }) => cluster.takeName(ADDRESS)))
    const [holder, ...more] = both.filter(({ cluster }) => !cluster.state.isTaken)
    expect(more).toEqual([])
    const loser = both.find((agent) => agent !== holder)
    await waitFor(() => holder?.cluster.state.contender !== undefined)
    expect(loser?.cluster.state.error?.message).toContain(`"a", on another switch`)
  })
})

test('changes that go in one transaction are made or not each by itself, and what stands in the way is told', async () => {
  const client = (await etcdFor()).client()
  await client.put('/test/ports/theirs').value('{"node":"b"}')
  const held = Number((await client.get('/test/ports/theirs').exec()).kvs[0]?.mod_revision)
  const port = { kind: 'ports', value: 'a', expected: 0 } as const
  const { ID: lease } = await client.leaseClient.leaseGrant({ TTL: 20 })
  const first = await commit(client, '/test', lease, [
    { ...port, name: 'free' },
    { ...port, name: 'theirs' },
    { ...port, name: 'gone', expected: 1 },
  ])
  expect(first).toEqual([
    { kind: 'ports', name: 'free', value: 'a', present: true, modRevision: held + 1, lease },
    { kind: 'ports', name: 'theirs', value: 'b', present: true, modRevision: held, lease: '0' },
  ])
  const taken = { ...port, name: 'free', value: undefined, expected: held + 1 }
  expect(await commit(client, '/test', lease, [taken])).toMatchObject([{ present: false }])
  expect(await client.getAll().prefix('/test/').keys()).toEqual(['/test/ports/theirs'])
})

describe('while etcd is away', () => {
  test('what was seen stays, status says so, and what was published meanwhile arrives', async () => {
    const etcd = await etcdFor()
    const options = { leaseSeconds: 20 }
    const [a, b] = [await agentOf(etcd, 'a', options), await agentOf(etcd, 'b', options)]
    a.publish('vm1')
    b.publish('vm2')
    await Promise.all([a, b].map((agent) => untilSees(agent, { vm1: 'a', vm2: 'b' })))
    const before = await revisionOf(etcd.client())
    const { since } = a.cluster.state
    b.watchViews()
    await etcd.members[0]?.kill()
    await Promise.all([untilConnected(a, false), untilConnected(b, false)])
    expect(a.cluster.state.error?.code).toBe('ETCD_UNREACHABLE')
    expect(a.cluster.state.since.getTime()).toBeGreaterThan(since.getTime())
    a.publish('vm1', 'vm3')
    expect(a.bindings).toEqual({ vm1: 'a', vm2: 'b' })
    etcd.members[0]?.start()
    await untilSees(b, { vm1: 'a', vm2: 'b', vm3: 'a' })
    expect(b.views.every(({ bindings }) => bindings.get('vm1') === 'a')).toBe(true)
    expect(b.cluster.state).toMatchObject({ connected: true })
    expect(b.cluster.state.error).toBeUndefined()
    // No storm: of all keys only the new one was written.
    expect(await revisionOf(etcd.client())).toBe(before + 1)
  })

  test('a node can start, and joins when etcd comes', async () => {
    const etcd = await etcdFor()
    await etcd.members[0]?.kill()
    const a = await agentOf(etcd, 'a')
    expect(a.cluster.state).toMatchObject({ connected: false, error: { code: 'ETCD_UNREACHABLE' } })
    a.publish('vm1')
    etcd.members[0]?.start()
    await untilSees(a, { vm1: 'a' })
  })

  test('and silent for longer than the leases last, the ports stay bound until their nodes are back', async () => {
    const etcd = await etcdFor()
    const [a, b] = [await agentOf(etcd, 'a'), await agentOf(etcd, 'b')]
    a.publish('vm1')
    b.publish('vm2')
    await Promise.all([a, b].map((agent) => untilSees(agent, { vm1: 'a', vm2: 'b' })))
    b.watchViews()
    etcd.members[0]?.freeze()
    undo.push(() => etcd.members[0]?.thaw())
    await Promise.all([untilConnected(a, false), untilConnected(b, false)])
    await sleep(4500) // the leases of 4 s run out in the frozen server
    etcd.members[0]?.thaw()
    await Promise.all([untilConnected(a, true), untilConnected(b, true)])
    await waitFor(async () => (await etcd.client().getAll().prefix('/test/ports/').keys()).length === 2)
    await sleep(4500) // and what was only believed is forgotten
    await Promise.all([a, b].map((agent) => untilSees(agent, { vm1: 'a', vm2: 'b' })))
    expect(b.views.every(({ bindings }) => bindings.get('vm1') === 'a')).toBe(true)
  })

  test('for two nodes whose leases run out, the first that is back believes the other for as long as a lease', async () => {
    const etcd = await etcdFor()
    const proxy = { a: await proxyTo(etcd), b: await proxyTo(etcd) }
    const a = await agentOf({ urls: [`http://127.0.0.1:${proxy.a.port}`] }, 'a')
    const b = await agentOf({ urls: [`http://127.0.0.1:${proxy.b.port}`] }, 'b')
    a.publish('vm1')
    b.publish('vm2')
    await Promise.all([a, b].map((agent) => untilSees(agent, { vm1: 'a', vm2: 'b' })))
    proxy.a.cut()
    proxy.b.cut()
    const keysLeft = () => etcd.client().getAll().prefix('/test/').keys()
    await waitFor(async () => (await keysLeft()).length === 0)
    proxy.b.mend()
    await untilConnected(b, true)
    expect(b.bindings).toEqual({ vm1: 'a', vm2: 'b' })
    await waitFor(async () => (await keysLeft()).length === 2) // those of b
    expect(b.bindings).toEqual({ vm1: 'a', vm2: 'b' })
    await untilSees(b, { vm2: 'b' }) // a does not come back
  })

  test('for all nodes, for longer than the leases last, none of them loses a port when it is back', async () => {
    const etcd = await etcdFor()
    const proxies = await Promise.all([1, 2, 3].map(() => proxyTo(etcd)))
    const agents = await Promise.all(
      proxies.map(({ port }, i) => agentOf({ urls: [`http://127.0.0.1:${port}`] }, `n${i}`)),
    )
    const portsOf = (i: number) => Array.from({ length: 150 }, (_, k) => `vm${i}-${k}`)
    agents.forEach((agent, i) => agent.publish(...portsOf(i)))
    const all = Object.fromEntries(agents.flatMap((_, i) => portsOf(i).map((name) => [name, `n${i}`])))
    await Promise.all(agents.map((agent) => untilSees(agent, all)))
    for (const agent of agents) agent.watchViews()
    const keysLeft = () => etcd.client().getAll().prefix('/test/').count()
    for (const proxy of proxies) proxy.cut()
    await waitFor(async () => (await keysLeft()) === 0, { timeoutMs: 20_000 })
    const before = await revisionOf(etcd.client())
    for (const proxy of proxies) proxy.mend()
    await waitFor(async () => (await keysLeft()) === agents.length * 151, { timeoutMs: 20_000 })
    // No storm: a node's 151 keys are written in a few transactions, and each of these makes one revision.
    expect((await revisionOf(etcd.client())) - before).toBeLessThanOrEqual(3 * agents.length)
    await sleep(4500) // what was only believed is forgotten
    for (const { bindings, views } of agents) {
      expect(bindings).toEqual(all)
      expect(views.filter((view) => view.bindings.size !== Object.keys(all).length)).toEqual([])
    }
  })

  test('and has forgotten the changes since, all keys are read anew', async () => {
    const etcd = await etcdFor()
    const proxy = await proxyTo(etcd)
    const a = await agentOf({ urls: [`http://127.0.0.1:${proxy.port}`] }, 'a')
    const b = await agentOf(etcd, 'b')
    b.publish('vm1', 'vm2')
    await untilSees(a, { vm1: 'b', vm2: 'b' })
    proxy.cut()
    await untilConnected(a, false)
    b.publish('vm2', 'vm3')
    await untilSees(b, { vm2: 'b', vm3: 'b' })
    const client = etcd.client()
    await client.kv.compact({ revision: await revisionOf(client), physical: true })
    expect(a.bindings).toEqual({ vm1: 'b', vm2: 'b' })
    proxy.mend()
    await untilSees(a, { vm2: 'b', vm3: 'b' })
  })
})

test('of three members two may be lost for a while: what was seen stays until they are back', async () => {
  const etcd = await etcdFor({ members: 3 })
  const [a, b] = [await agentOf(etcd, 'a'), await agentOf(etcd, 'b')]
  a.publish('vm1')
  b.publish('vm2')
  await Promise.all([a, b].map((agent) => untilSees(agent, { vm1: 'a', vm2: 'b' })))
  b.watchViews()
  const [one, two] = etcd.members
  await Promise.all([one?.kill(), two?.kill()])
  await Promise.all([untilConnected(a, false), untilConnected(b, false)])
  a.publish('vm1', 'vm3')
  one?.start()
  two?.start()
  await Promise.all([a, b].map((agent) => untilSees(agent, { vm1: 'a', vm2: 'b', vm3: 'a' })))
  expect(b.views.every(({ bindings }) => bindings.get('vm1') === 'a')).toBe(true)
})

test('of three members the leader may die: the nodes go to another one, and no port is lost on the way', async () => {
  const etcd = await etcdFor({ members: 3 })
  const options = { leaseSeconds: 10 }
  const agents = await Promise.all(['a', 'b', 'c', 'd'].map((node) => agentOf(etcd, node, options)))
  const [a] = agents
  for (const [index, agent] of agents.entries()) agent.publish(`vm${index}`)
  const all = { vm0: 'a', vm1: 'b', vm2: 'c', vm3: 'd' }
  await Promise.all(agents.map((agent) => untilSees(agent, all)))
  for (const agent of agents) agent.watchViews()
  await (await etcd.leader()).kill()
  a?.publish('vm0', 'vm4')
  await Promise.all(agents.map((agent) => untilSees(agent, { ...all, vm4: 'a' })))
  for (const { views } of agents) {
    expect(views.every(({ bindings }) => Object.keys(all).every((port) => bindings.has(port)))).toBe(true)
  }
})
