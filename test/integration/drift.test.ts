// Flows that others delete or change under a daemon are put right at once, and nobody else's flow is touched.
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { RunningCli } from '../support/cli.js'
import { flowAges, touchedFlows } from '../support/flow-ages.js'
import type { Lab } from '../support/lab.js'
import { routedSubnets } from '../support/large.js'
import { tapOpenFlow } from '../support/openflow-tap.js'
import {
  createTwoVmLab,
  connectionFlows,
  deleteConnections,
  logOf,
  networkWithSubnet,
  passAfter,
  portOf,
  startWatch,
  TWO_NETWORKS,
  VM1,
  VM2,
  writeManifests,
} from '../support/scene.js'
import type { Vm } from '../support/vm.js'
import { waitFor } from '../support/wait.js'

const NET = [...TWO_NETWORKS, portOf(VM1, 'net1'), portOf(VM2, 'net2')]

/** All flows of ours, as an operator may name them. */
const OURS = 'cookie=0xdf01000000000000/0xffff000000000000'
const FOREIGN = [
  'cookie=0x1,table=0,priority=7,dl_type=0x88cc,actions=drop',
  'cookie=0x2,table=77,actions=drop',
]

let lab: Lab
let vm1: Vm
let daemon: RunningCli
let wanted: readonly string[]

beforeAll(async () => {
  ;({ lab, vm1 } = await createTwoVmLab())
})
afterAll(() => lab.destroy())
afterEach(async () => {
  await daemon.stop()
  await lab.ofctl('del-flows', 'br-int')
  await lab.vsctl('clear', 'Bridge', 'br-int', 'external_ids') // nor any memory of how much there was
})

const start = async (manifests: readonly string[], ...args: readonly string[]): Promise<void> => {
  const path = await writeManifests(lab, 'net/net.yaml', manifests)
  for (const flow of FOREIGN) await lab.ofctl('add-flow', 'br-int', flow)
  daemon = await startWatch(lab, [join(path, '..'), '--sweep-interval', '0', ...args])
  wanted = (await lab.dumpFlows('br-int')).toSorted()
}

const said = (what: string) => logOf(daemon).filter(({ msg }) => msg.startsWith(what))
const repairs = () => said('drift repaired')
const count = (field: 'add' | 'change' | 'delete') =>
  repairs().reduce((sum, record) => sum + Number(record[field]), 0)

const untilWanted = (expected = wanted) =>
  waitFor(
    async () => {
      expect((await lab.dumpFlows('br-int')).toSorted()).toEqual(expected)
      return true
    },
    { what: 'all flows, and no others', timeoutMs: 20_000 },
  )

const aFlow = async (part: string): Promise<string> => {
  const flow = (await lab.dumpFlows('br-int')).find((each) => each.includes(part))
  if (flow === undefined) throw new Error(`no flow has ${part}`)
  return flow
}
/** A flow as ovs-ofctl takes it. */
const asArgument = (flow: string) => flow.replace(' actions=', ',actions=').replaceAll(', ', ',')
const strictly = (flow: string) =>
  asArgument(flow)
    .replace(/,?actions=.*/, '')
    .replace(/(send_flow_rem|reset_counts),?/g, '')
    .replace(/cookie=0x[0-9a-f]+,/, '')

describe('in a table of 10,000 flows', () => {
  test('what is deleted by others comes back, in one go and beside flows that nobody touches', async () => {
    await start([...NET, ...routedSubnets(101)])
    expect(wanted.length).toBeGreaterThan(10_000)
    await vm1.ping('10.2.0.3', { count: 2, intervalMs: 50 })
    const before = await flowAges(lab)
    const begin = performance.now()
    const pinging = vm1.ping('10.2.0.3', { count: 100, intervalMs: 20 })
    await lab.ofctl('del-flows', 'br-int', `${OURS},table=52,ip,metadata=0x4e21/0xffffff`)
    await waitFor(() => repairs().length > 0, { what: 'a repair' })
    expect(await pinging).toMatchObject({ received: 100 })
    const elapsedS = (performance.now() - begin) / 1000
    const after = await flowAges(lab)
    const { added, removed } = touchedFlows(before, after)
    expect({ added, removed }).toEqual({ added: [], removed: [] })
    expect(repairs()).toMatchObject([{ add: 104, change: 0, delete: 0, ms: expect.any(Number) }])
    const grown = [...after].filter(([flow, age]) => age - (before.get(flow) ?? 0) > elapsedS)
    expect(grown).toHaveLength(after.size - 104) // counters and ages of all others go on

    // All of it, and what is not ours stays away.
    await deleteConnections(lab)
    await lab.ofctl('del-flows', 'br-int')
    const ours = wanted.filter((flow) => flow.includes('cookie=0xdf01'))
    await untilWanted(ours)
    expect(count('add')).toBe(104 + ours.length)
    expect(repairs().length).toBeLessThan(6) // not flow by flow
  })

  test('a daemon that was stopped during a mass deletion sees all of it when it goes on', async () => {
    await start(routedSubnets(101))
    const foreign = join(lab.runDir, 'foreign.flows')
    const many = Array.from({ length: 5_000 }, (_, n) => `cookie=0x7,table=90,priority=${n + 1},actions=drop`)
    await writeFile(foreign, many.join('\n'))
    daemon.child.kill('SIGSTOP')
    try {
      for (let i = 0; i < 3; i++) {
        await lab.ofctl('del-flows', 'br-int', i === 0 ? `${OURS},table=52` : 'cookie=0x7/-1')
        await lab.ofctl('add-flows', 'br-int', foreign)
      }
      await lab.ofctl('del-flows', 'br-int', 'cookie=0x7/-1')
    } finally {
      daemon.child.kill('SIGCONT')
    }
    await untilWanted()
  })
})

describe('what others change', () => {
  test('is put right: actions, cookie, timeouts, flags, and copies under our cookie', async () => {
    await start(NET)
    const flow = await aFlow('table=51,')
    const spoil = async (change: () => Promise<unknown>) => {
      const before = repairs().length
      await change()
      await waitFor(() => repairs().length > before, { what: 'a repair' })
      await untilWanted()
    }
    await spoil(() => lab.ofctl('--strict', 'mod-flows', 'br-int', `${strictly(flow)},actions=drop`))
    await spoil(() => lab.ofctl('add-flow', 'br-int', `idle_timeout=77,${asArgument(flow)}`))
    await spoil(() =>
      lab.ofctl('add-flow', 'br-int', asArgument(flow).replace(/cookie=0xdf01\w\w/, 'cookie=0xdf0141')),
    )
    // Neither flags nor importance are in what the monitor tells: the flow is looked at.
    await spoil(() =>
      lab.ofctl(
        'add-flow',
        'br-int',
        `check_overlap,importance=9,send_flow_rem,${asArgument(flow)}`.replace('check_overlap,', ''),
      ),
    )
    await spoil(() =>
      lab.ofctl('add-flow', 'br-int', asArgument(flow).replace(/priority=\d+/, 'priority=999')),
    )
  })

  test('is left alone under another cookie, and said; when it goes, ours comes back', async () => {
    await start(NET)
    const flow = await aFlow('table=51,')
    const copy = `cookie=0x99,${asArgument(flow).replace(/cookie=\w+,/, '')}`
    await lab.ofctl('add-flow', 'br-int', copy.replace(/priority=\d+/, 'priority=999'))
    await lab.ofctl('add-flow', 'br-int', copy)
    await daemon.waitForLine(/foreign flows stand where ours should be/)
    expect(await lab.dumpFlows('br-int', 'cookie=0x99/-1')).toHaveLength(2)
    expect(repairs()).toEqual([])
    await lab.ofctl('del-flows', 'br-int', 'cookie=0x99/-1')
    await untilWanted()
  })

  test('and is the same as before costs a look and no write', async () => {
    const tap = await tapOpenFlow(lab)
    try {
      await start(NET, '--openflow', tap.remote)
      const [flow, other] = [await aFlow('table=51,'), await aFlow('table=23,')]
      tap.clear()
      await lab.ofctl('add-flow', 'br-int', asArgument(flow))
      await waitFor(() => tap.count('multipart_request') > 0, { what: 'a look' })
      expect(tap.count('flow_mod')).toBe(0)
      await lab.ofctl('--strict', 'del-flows', 'br-int', strictly(other))
      await waitFor(() => repairs().length > 0, { what: 'a repair' })
      expect(tap.count('flow_mod')).toBe(1)
      expect(repairs()).toMatchObject([{ add: 1, change: 0, delete: 0 }])
    } finally {
      tap.close()
    }
  })

  test('a change of the manifests takes no dump of the table', async () => {
    const tap = await tapOpenFlow(lab)
    try {
      await start(NET, '--openflow', tap.remote)
      tap.clear()
      await passAfter(daemon, () =>
        writeManifests(lab, 'net/net.yaml', [...NET, ...networkWithSubnet('net3', 8004, '10.3.0.0/24')]),
      )
      expect([tap.count('flow_mod'), tap.count('multipart_request')]).toEqual([1, 0])
    } finally {
      tap.close()
    }
  })

  test('a connection that somebody else makes under our cookie goes at once', async () => {
    await start(NET)
    const forged = 'cookie=0xdf018abe6f11f755,table=52,priority=30000,ip,in_port=11,actions=output:12'
    await lab.ofctl('add-flow', 'br-int', forged)
    await waitFor(async () => (await connectionFlows(lab)).length === 0, { what: 'its end' })
  })

  test('connections that are deleted or expire are not put back', async () => {
    await start(NET, '--idle-timeout', '1')
    await vm1.ping('10.2.0.3', { count: 2, intervalMs: 50 })
    expect(await connectionFlows(lab)).toHaveLength(2)
    await deleteConnections(lab)
    await vm1.ping('10.2.0.3', { count: 1 })
    await waitFor(async () => (await connectionFlows(lab)).length === 0, { what: 'expiry' })
    expect(repairs()).toEqual([])
    expect(await vm1.ping('10.2.0.3', { count: 1 })).toMatchObject({ received: 1 })
  })
})

test('one flow that is fought over waits longer and longer, and all others are put right at once', async () => {
  await start(NET)
  const [flow, other] = [await aFlow('table=51,'), await aFlow('table=23,')]
  const contended = () => said('contended')
  for (let i = 0; contended().length === 0; i++) {
    expect(i).toBeLessThan(50)
    await untilWanted()
    await lab.ofctl('--strict', 'del-flows', 'br-int', strictly(flow))
    await waitFor(() => repairs().length > i, { what: 'a repair' })
  }
  expect(repairs()).toHaveLength(3)
  expect(contended()).toMatchObject([{ level: 40, object: 'Router r1', retryInMs: 1000 }])
  await lab.ofctl('--strict', 'del-flows', 'br-int', strictly(flow))
  await lab.ofctl('--strict', 'del-flows', 'br-int', strictly(other))
  await waitFor(() => repairs().length === 4, { what: 'the repair of the other' })
  expect(repairs()[3]).toMatchObject({ add: 1 })
  await waitFor(() => repairs().length === 5, { what: 'the end of the pause' })
  await untilWanted()
  // A pass for other reasons does not put it back either.
  await lab.ofctl('--strict', 'del-flows', 'br-int', strictly(flow))
  const pass = await passAfter(daemon, () =>
    writeManifests(lab, 'net/net.yaml', [...NET, ...networkWithSubnet('net3', 8004, '10.3.0.0/24')]),
  )
  expect(pass).toMatchObject({ add: 1 })
  await untilWanted([...wanted, await aFlow('10.3.0.0/24')].toSorted())
  expect(contended()).toHaveLength(1)
})

test('with others adding and deleting at random while manifests change, the end is what is wanted', async () => {
  await start(NET)
  const more = (n: number) => networkWithSubnet('net3', 8004, `10.3.${n}.0/24`)
  const flows = wanted.filter((flow) => flow.includes('cookie=0xdf01')).map(asArgument)
  let seed = 20_251_122
  const random = (below: number) => (seed = (seed * 48_271) % 0x7fffffff) % below
  const end = Date.now() + 5_000
  const spoil = async (): Promise<void> => {
    while (Date.now() < end) {
      const flow = flows[random(flows.length)] ?? ''
      const choice = random(4)
      if (choice === 0) await lab.ofctl('--strict', 'del-flows', 'br-int', strictly(flow))
      if (choice === 1) await lab.ofctl('add-flow', 'br-int', flow.replace(/actions=.*/, 'actions=drop'))
      if (choice === 2)
        await lab.ofctl('add-flow', 'br-int', flow.replace(/priority=\d+/, `priority=${1000 + random(9)}`))
      if (choice === 3) await lab.ofctl('del-flows', 'br-int', `table=${[0, 51, 52, 55][random(4)]}`)
    }
  }
  const edit = async (): Promise<void> => {
    for (let n = 0; Date.now() < end; n = (n + 1) % 256) {
      await writeManifests(lab, 'net/net.yaml', [...NET, ...more(n)])
      await sleep(60 + random(60))
    }
  }
  await Promise.all([spoil(), spoil(), edit()])
  await writeManifests(lab, 'net/net.yaml', NET)
  const ours = wanted.filter((flow) => flow.includes('cookie=0xdf01'))
  await waitFor(
    async () => {
      const now = await lab.dumpFlows('br-int', OURS)
      expect(now.toSorted()).toEqual(ours)
      return true
    },
    { what: 'the wanted flows', timeoutMs: 90_000 }, // flows that were fought over wait
  )
  expect(logOf(daemon).filter(({ level }) => level >= 50)).toEqual([])
}, 120_000)

test('a bridge that speaks OpenFlow 1.3 alone tells of drift as well', async () => {
  await lab.addBridge('br-13', { protocols: 'OpenFlow13' })
  const path = await writeManifests(lab, 'net/net.yaml', NET)
  daemon = await startWatch(lab, [path, '--bridge', 'br-13', '--sweep-interval', '0'])
  const dump = async () =>
    (await lab.ofctl('-O', 'OpenFlow13', '--no-stats', '--no-names', 'dump-flows', 'br-13')).split('\n')
  const before = await dump()
  await lab.ofctl('-O', 'OpenFlow13', 'del-flows', 'br-13')
  await waitFor(() => repairs().length > 0, { what: 'a repair' })
  expect((await dump()).toSorted()).toEqual(before.toSorted())
})

describe('sync.onDrift', () => {
  const startWith = async (onDrift: string): Promise<void> => {
    const config = join(lab.runDir, 'config.yaml')
    await writeFile(config, `sync: { onDrift: ${onDrift} }`)
    await start(NET, '--config', config)
  }
  const change = () =>
    passAfter(daemon, () =>
      writeManifests(lab, 'net/net.yaml', [...NET, ...networkWithSubnet('net3', 8004, '10.3.0.0/24')]),
    )

  test('warn says what is wrong and leaves it so, until the manifests ask for something else', async () => {
    await startWith('warn')
    await lab.ofctl('del-flows', 'br-int', 'table=51')
    await waitFor(() => said('drift left alone').length > 0, { what: 'a warning' })
    expect(said('drift left alone')).toMatchObject([{ level: 40, add: 6, first: { object: 'Router r1' } }])
    expect(await lab.dumpFlows('br-int', 'table=51')).toEqual([])
    await change()
    await untilWanted([...wanted, await aFlow('10.3.0.0/24')].toSorted())
  })

  test('ignore says nothing', async () => {
    await startWith('ignore')
    await lab.ofctl('del-flows', 'br-int', 'table=51')
    await sleep(200) // it would have been repaired
    expect(await lab.dumpFlows('br-int', 'table=51')).toEqual([])
    await change()
    await untilWanted([...wanted, await aFlow('10.3.0.0/24')].toSorted())
    expect(said('drift')).toEqual([])
  })
})
