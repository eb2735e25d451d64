// Who speaks to whom, read from the switch, and what the daemon forgets when it is told to.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import type { ConnectionRecord } from '../../src/cli/connection-list.js'
import type { PacketCounts } from '../../src/reconcile/packet-counts.js'
import { runCli, type RunningCli } from '../support/cli.js'
import type { Lab } from '../support/lab.js'
import { connectionsProblems, countersProblems } from '../support/output-schemas.js'
import {
  connectionFlows,
  createTwoVmLab,
  deleteConnections,
  GATEWAY1_MAC,
  manifest,
  portOf,
  startWatch,
  TWO_NETWORKS,
  VM1,
  VM2,
  writeManifests,
} from '../support/scene.js'
import type { Vm } from '../support/vm.js'
import { waitFor } from '../support/wait.js'

const NET = [
  ...TWO_NETWORKS,
  ...[portOf(VM1, 'net1'), portOf(VM2, 'net2')],
  manifest('Network', 'net3', { segmentationId: 8004 }),
]

let lab: Lab
let vm1: Vm
let file: string
let daemon: RunningCli

beforeAll(async () => {
  ;({ lab, vm1 } = await createTwoVmLab())
  file = await writeManifests(lab, 'net.yaml', NET)
  daemon = await startWatch(lab, [file])
})
afterAll(() => lab.destroy())
beforeEach(() => deleteConnections(lab))

const reconcile = (...args: readonly string[]) => runCli(args, { env: lab.env })

interface Answer {
  readonly version: string
  readonly connections: readonly ConnectionRecord[]
}

async function listed(...args: readonly string[]): Promise<Answer> {
  const { stdout, stderr } = await reconcile('connections', '-o', 'json', ...args)
  const answer = JSON.parse(stdout || stderr) as Answer
  expect(connectionsProblems(answer)).toEqual([])
  return answer
}

/** A flow that a packet of VM1 could have made, by another feature of its class. */
const addReactive = (feature: string, rest: string) =>
  lab.ofctl(
    'add-flow',
    'br-int',
    `cookie=0xdf01${feature}0000000001,table=52,ip,metadata=0x1f42,in_port=11,` +
      `dl_src=${VM1.mac},dl_dst=${GATEWAY1_MAC},${rest}`,
  )

describe('connections', () => {
  test('are said to be none where there are none', async () => {
    expect(await reconcile('connections')).toMatchObject({ code: 0, stdout: 'no connections\n' })
    expect((await listed()).connections).toEqual([])
  })

  test('have both ends and the packets and bytes of both directions', async () => {
    const before = Date.now()
    expect(await vm1.ping('10.2.0.3', { count: 4, intervalMs: 20 })).toMatchObject({ received: 4 })
    await lab.appctl('revalidator/purge') // the datapath's cache gives up what it has counted
    const { connections, version } = await listed(file)
    expect(version).toBe('1.5')
    // The first request went by a packet-out.
    expect(connections).toMatchObject([
      {
        kind: 'connection',
        a: { address: '10.1.0.3', mac: VM1.mac, ...{ segmentationId: 8002, ofport: 11 } },
        b: { address: '10.2.0.3', mac: VM2.mac, ...{ segmentationId: 8003, ofport: 12 } },
        aToB: { packets: 3, bytes: 3 * 98, idleTimeout: 300, hardTimeout: 0, hardLeft: null },
        bToA: { packets: 4, bytes: 4 * 98, idleTimeout: 300, hardTimeout: 0, hardLeft: null },
      },
    ])
    const [connection] = connections
    expect(connection?.a).toMatchObject({ interface: 'tap-vm1', port: 'vm1' })
    expect(connection?.b).toMatchObject({ interface: 'tap-vm2', port: 'vm2' })
    expect(connection?.aToB?.idleLeft).toBeGreaterThan(200)
    expect(Date.parse(connection?.since ?? '')).toBeGreaterThan(before - 1_000)
    expect(Date.parse(connection?.since ?? '')).toBeLessThan(Date.now() + 1_000)
  })

  test('need neither manifests nor a daemon', async () => {
    await vm1.ping('10.2.0.3', { count: 1 })
    await withoutDaemon(async () => {
      const { code, stdout, stderr } = await reconcile('connections')
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
      const [titles = '', line = '', ...more] = stdout.trimEnd().split('\n')
      expect(more).toEqual([])
      expect(titles).not.toContain('PORT-A')
      expect(line).toMatch(
        /^connection +10\.1\.0\.3 +tap-vm1 +10\.2\.0\.3 +tap-vm2 +\d+s +\d+s +\d+s( +\d+){4}$/,
      )
      expect(line).toHaveLength(titles.length)
    })
  })

  test('show a direction without a flow as such', async () => {
    await vm1.ping('10.2.0.3', { count: 1 })
    await lab.ofctl('del-flows', 'br-int', 'table=52,ip,in_port=11,nw_dst=10.2.0.3')
    expect((await listed(file)).connections).toMatchObject([
      { a: { port: 'vm1' }, b: { port: 'vm2' }, aToB: null, bToA: { idleTimeout: 300 } },
    ])
    expect((await reconcile('connections')).stdout).toMatch(/ - +\d+s +- +\d+ +- +\d+\n$/)
  })

  test('are not alone: refusals and fallbacks have their own kinds', async () => {
    await vm1.ping('10.2.0.3', { count: 1 })
    await withoutDaemon(async () => {
      await addReactive('91', 'nw_src=10.1.0.3,nw_dst=10.2.0.99,hard_timeout=30,actions=drop')
      await addReactive('92', 'nw_dst=10.2.0.0/24,idle_timeout=300,actions=drop')
      const { connections } = await listed()
      expect(connections.map(({ kind, b }) => [kind, b.address])).toEqual([
        ['connection', '10.2.0.3'],
        ['fallback', '10.2.0.0/24'],
        ['refused', '10.2.0.99'],
      ])
      expect((await listed('--kind', 'refused')).connections).toHaveLength(1)
      expect(connections[2]?.aToB).toMatchObject({ hardTimeout: 30, idleLeft: null })
      // A daemon would keep them: they are of connections that are allowed.
      for (const feature of ['91', '92'])
        await lab.ofctl('del-flows', 'br-int', `cookie=0xdf01${feature}0000000000/0xffffff0000000000`)
    })
  })

  test('of OpenFlow 1.3 do not tell how long they were idle, and it says so', async () => {
    await vm1.ping('10.2.0.3', { count: 1 })
    const { stdout, stderr } = await reconcile('connections', '-O', 'OpenFlow13')
    expect(stdout).toMatch(/ \?  /)
    expect(stderr).toMatch(/OpenFlow 1\.3 does not say how long a flow has been idle/)
    const { version, connections } = await listed('-O', 'OpenFlow13')
    expect(version).toBe('1.3')
    expect(connections).toMatchObject([{ aToB: { idleAge: null, idleLeft: null, idleTimeout: 300 } }])
  })

  test('with manifests that are wrong are not shown', async () => {
    const bad = await writeManifests(lab, 'bad.yaml', [manifest('Port', 'vm9', { network: 'nowhere' })])
    const { code, stdout, stderr } = await reconcile('connections', bad)
    expect({ code, stdout }).toEqual({ code: 3, stdout: '' })
    expect(stderr).toContain('UNRESOLVED_REFERENCE')
  })
})

describe('flush', () => {
  test.each([['Port/vm1'], ['Port/vm2'], ['Router/r1'], ['Subnet/net2-v4'], ['Network/net1'], ['--all']])(
    '%s removes what was made for its packets, and the next packet is a first one again',
    async (what) => {
      await vm1.ping('10.2.0.3', { count: 1 })
      expect(await connectionFlows(lab)).toHaveLength(2)
      const before = await countsNow()
      expect(await reconcile('flush', what)).toMatchObject({
        code: 0,
        stdout: 'flushed 1 connection, 0 refused pairs, 0 fallbacks: 2 flows\n',
      })
      expect(await connectionFlows(lab)).toEqual([])
      await forgetCache()
      expect(await vm1.ping('10.2.0.3', { count: 3, intervalMs: 20 })).toMatchObject({ received: 3 })
      expect(await connectionFlows(lab)).toHaveLength(2)
      expect((await countsNow()).packetIns - before.packetIns).toBe(1)
    },
  )

  test('of what is not on the path removes nothing', async () => {
    await vm1.ping('10.2.0.3', { count: 1 })
    expect((await reconcile('flush', 'Network/net3')).stdout).toMatch(/^flushed 0 connections/)
    expect(await connectionFlows(lab)).toHaveLength(2)
  })

  test('while pings are under way loses none of them', async () => {
    const pings = vm1.ping('10.2.0.3', { count: 40, intervalMs: 50 })
    for (let n = 0; n < 3; n++) expect((await reconcile('flush', '--all')).code).toBe(0)
    expect(await pings).toMatchObject({ transmitted: 40, received: 40 })
    expect(await connectionFlows(lab)).toHaveLength(2)
  })

  test('of an object that is not there is an error that names the nearest', async () => {
    const { code, stderr } = await reconcile('flush', 'Port/vm11')
    expect(code).toBe(1)
    expect(stderr).toMatch(/UNKNOWN_OBJECT\n.*no Port "vm11"\.\n +Did you mean "vm1"\?/)
  })

  test('without a daemon is an error', async () => {
    await withoutDaemon(async () => {
      const { code, stderr } = await reconcile('flush', '--all')
      expect(code).toBe(1)
      expect(stderr).toContain('NO_DAEMON')
    })
  })
})

describe('counters', () => {
  test('say what became of packets, in the documented shape', async () => {
    await forgetCache()
    const before = await countsNow()
    await vm1.ping('10.2.0.3', { count: 1 })
    await vm1.ping('10.2.0.99', { count: 1 })
    const after = await waitFor(async () => {
      const now = await countsNow()
      return now.packetIns >= before.packetIns + 2 && now
    })
    expect(countersProblems(after)).toEqual([])
    expect(after.verdicts.sentOn - before.verdicts.sentOn).toBe(1)
    expect(after.verdicts.refused['unknown-host']).toBeGreaterThan(0)
    expect(after.ports?.map(({ port, ofport }) => [port, ofport])).toEqual([
      ['vm1', 11],
      ['vm2', 12],
    ])
    const { code, stdout } = await reconcile('counters')
    expect(code).toBe(0)
    expect(stdout).toMatch(/^sent on +\d+$/m)
    expect(stdout).toMatch(/^refused: unknown-host +\d+$/m)
  })
})

/** The datapath looks at its cached flows again some milliseconds after a flow is added, and punts until then. */
const forgetCache = () => lab.appctl('revalidator/purge')

async function countsNow(): Promise<PacketCounts> {
  return JSON.parse((await reconcile('counters', '-o', 'json')).stdout) as PacketCounts
}

async function withoutDaemon(work: () => Promise<void>): Promise<void> {
  await daemon.stop()
  try {
    await work()
  } finally {
    daemon = await startWatch(lab, [file])
  }
}
