// Both bridges of a node that has another one beside it: made once, kept as they are, told of by the program.
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { join } from 'node:path'
import type { Summary } from '../../src/status/condition.js'
import { runCli, type RunningCli } from '../support/cli.js'
import { createLab, type Lab } from '../support/lab.js'
import { runOrThrow } from '../support/processes.js'
import {
  logOf,
  manifest,
  networkWithSubnet,
  portOf,
  startWatch,
  VM1,
  VM2,
  writeManifests,
} from '../support/scene.js'
import type { Vm } from '../support/vm.js'
import { waitFor } from '../support/wait.js'

const node = (name: string, tunnelIp: string) => manifest('Node', name, { tunnelIp, encapsulation: 'geneve' })

const NET = networkWithSubnet('net1', 8002, '10.1.0.0/24')
const FAR = manifest('Port', 'far', {
  ...{ network: 'net1', macAddress: '02:00:00:00:00:09', host: 'node-b' },
  fixedIps: [{ subnet: 'net1-v4', ipAddress: '10.1.0.9' }],
})
const TWO = [...NET, portOf(VM1, 'net1'), FAR, node('node-a', '192.0.2.11'), node('node-b', '192.0.2.12')]

let lab: Lab
let vm1: Vm
let path: string
const daemons: RunningCli[] = []

beforeAll(async () => {
  lab = await createLab({ hostname: 'node-a' })
  vm1 = await lab.addVm(VM1)
})
beforeEach(async () => {
  await lab.addBridge('br-int')
  await vm1.plug({ ofport: 11 })
  path = await writeManifests(lab, 'net.yaml', TWO)
})
afterEach(async () => {
  for (const daemon of daemons.splice(0)) await daemon.stop()
  const bridges = (await lab.vsctl('list-br')).split('\n')
  await lab.vsctl(...bridges.flatMap((name) => ['--', '--if-exists', 'del-br', name]))
})
afterAll(() => lab.destroy())

const reconcile = (...args: readonly string[]) => runCli(args, { env: lab.env })

async function watch(...args: readonly string[]): Promise<RunningCli> {
  const daemon = await startWatch(lab, [path, ...args])
  daemons.push(daemon)
  return daemon
}

async function statusOf(bridge: string, ...args: readonly string[]): Promise<Summary> {
  const { stdout } = await reconcile('status', '-o', 'json', '--bridge', bridge, ...args)
  return JSON.parse(stdout) as Summary
}

async function untilSynced(): Promise<void> {
  for (const bridge of ['br-int', 'br-tun']) {
    const { code, stderr } = await reconcile('status', '--wait=10', '--bridge', bridge)
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  }
}

/** Nothing differs, and nothing is missing. */
async function expectBothWhole(): Promise<void> {
  expect(await reconcile('drift', path)).toMatchObject({ code: 0 })
  expect(await lab.dumpFlows('br-tun', 'table=20')).toContainEqual(
    expect.stringMatching(/pkt_mark=0x1f42,dl_dst=02:00:00:00:00:09 .*set_field:192\.0\.2\.12->tun_dst/),
  )
  expect(await lab.dumpFlows('br-int', 'table=60')).toHaveLength(1)
}

describe('one run', () => {
  test('makes the tunnel bridge and the flows of both bridges, and the next one finds nothing to do', async () => {
    const first = await reconcile(path)
    expect(first).toMatchObject({ code: 0 })
    expect(first.stdout).toContain('+ bridge br-tun (fail_mode=secure)\n')
    expect(first.stdout).toContain('+ port patch-tun in br-int (type=patch, peer=patch-int)\n')
    expect(first.stdout).toContain('+ port tun in br-tun (type=geneve, key=flow, remote_ip=flow)\n')
    await expectBothWhole()
    const second = await reconcile(path)
    expect(second.stdout).toMatch(
      /^br-int: 0 to add, 0 to change, 0 to delete, \d+ unchanged\n\nbr-tun: 0 to add, 0 to change, 0 to delete, \d+ unchanged\n$/,
    )
    expect(second.stderr).toMatch(/^in sync: /)
  })

  test('and a plan shows that before, by the names of the ports, and makes nothing', async () => {
    const { code, stdout } = await reconcile('--dry-run', '--detailed-exitcode', path)
    expect(code).toBe(2)
    expect(stdout).toContain('+ port patch-int in br-tun (type=patch, peer=patch-tun)\n')
    expect(stdout).toContain('output:"patch-tun"')
    expect(stdout).toMatch(/output:"?tun"?/)
    expect(await lab.vsctl('list-br')).toBe('br-int')
    const { plans } = JSON.parse((await reconcile('--dry-run', '-o', 'json', path)).stdout) as {
      plans: readonly { bridge: string; createsBridge: boolean; ports: readonly object[] }[]
    }
    expect(plans.map(({ bridge, createsBridge, ports }) => [bridge, createsBridge, ports.length])).toEqual([
      ['br-int', false, 0],
      ['br-tun', true, 3],
    ])
  })

  test('is planned without a switch as a file for each bridge, which ovs-ofctl loads whole', async () => {
    const plan = (...args: readonly string[]) =>
      runCli(
        ['--dry-run', '--against', 'empty', '--node', 'node-a', '--packet-in-rate', '0', ...args, path],
        {
          env: { OVS_RUNDIR: '/nowhere' },
        },
      )
    expect(await reconcile('--packet-in-rate', '0', path)).toMatchObject({ code: 0 })
    for (const bridge of ['br-int', 'br-tun']) {
      const { code, stdout } = await plan('-o', 'ofctl', '--bridge', bridge)
      expect({ code, heads: stdout.match(/^#.*/gm) }).toEqual({
        code: 0,
        heads: [`# node node-a, bridge ${bridge}`],
      })
      await lab.ofctl('del-flows', bridge)
      const addFlows = ['-O', 'OpenFlow15', '--bundle', 'add-flows', bridge, '-']
      await runOrThrow('ovs-ofctl', addFlows, { env: lab.env, input: stdout })
    }
    expect(await reconcile('drift', '--packet-in-rate', '0', path)).toMatchObject({ code: 0 })

    expect(await plan('-o', 'ofctl')).toMatchObject({
      ...{ code: 64, stdout: '' },
      stderr: expect.stringMatching(
        /of 2: node-a br-int, node-a br-tun\.\n {2}Use --bridge br-int or --bridge br-tun\./,
      ),
    })
    const human = await plan('--bridge', 'br-tun')
    expect(human.stdout.match(/^\S+ \S+: \d+ to add/gm)).toEqual([expect.stringMatching(/^node-a br-tun: /)])
  })

  test('makes br-int, too, where there is none', async () => {
    await lab.vsctl('del-br', 'br-int')
    expect(await reconcile('--datapath-type', 'netdev', path)).toMatchObject({ code: 0 })
    expect(await reconcile('drift', path)).toMatchObject({ code: 0 })
    expect(await lab.vsctl('list-ports', 'br-int')).toBe('patch-tun')
  })

  test('leaves a port of one of the names in another bridge, and says what to do', async () => {
    await lab.addBridge('br-ex')
    await lab.vsctl('add-port', 'br-ex', 'tun', '--', 'set', 'Interface', 'tun', 'type=internal')
    const { code, stderr } = await reconcile(path)
    expect(code).toBe(1)
    expect(stderr).toMatch(
      /^PORT_TAKEN\n {2}Port tun has to be in br-tun and is in br-ex; it is left there\./,
    )
    expect(await lab.vsctl('list-br')).toBe('br-ex\nbr-int')
  })

  test('of a node that is alone makes no tunnel bridge, and leaves one that is there', async () => {
    const alone = await writeManifests(lab, 'alone.yaml', [...NET, portOf(VM1, 'net1')])
    await lab.addBridge('br-tun')
    await lab.ofctl('add-flow', 'br-tun', 'priority=7,actions=drop')
    expect(await reconcile(alone)).toMatchObject({ code: 0 })
    expect(await lab.dumpFlows('br-tun')).toEqual(['priority=7 actions=drop'])
  })

  test('without the other node takes away what it had put on the tunnel bridge, but neither ports nor bridge', async () => {
    expect(await reconcile(path)).toMatchObject({ code: 0 })
    const alone = await writeManifests(lab, 'alone.yaml', [...NET, portOf(VM1, 'net1'), TWO[4] ?? ''])
    expect(await reconcile('--max-deletes', '100%', alone)).toMatchObject({ code: 0 })
    expect(await lab.dumpFlows('br-tun', 'table=20')).not.toContainEqual(expect.stringContaining('tun_dst'))
    expect(await lab.vsctl('list-ports', 'br-tun')).toBe('patch-int\ntun')
  })
})

describe('the daemon', () => {
  test('keeps both bridges, and tells of each', async () => {
    await watch()
    await untilSynced()
    await expectBothWhole()

    await lab.ofctl('del-flows', 'br-tun')
    await lab.ofctl('del-flows', 'br-int')
    await waitFor(async () => (await reconcile('drift', '-q', path)).code === 0)
    await expectBothWhole()

    await lab.vsctl('del-port', 'br-int', 'patch-tun', '--', 'set', 'Interface', 'tun', 'options:key=7')
    await waitFor(async () => (await reconcile('drift', '-q', path)).code === 0)
    await expectBothWhole()

    await lab.vsctl('del-br', 'br-tun')
    await waitFor(async () => (await reconcile('drift', '-q', path)).code === 0)
    await untilSynced()
    await expectBothWhole()
  })

  test('comes back with both after a restart of ovs-vswitchd', async () => {
    await watch()
    await untilSynced()
    await lab.restartSwitchd('SIGKILL')
    await waitFor(async () => (await reconcile('drift', '-q', path)).code === 0, { timeoutMs: 20_000 })
    await untilSynced()
    await expectBothWhole()
  })

  test('counts what the tunnel bridge drops, by reason', async () => {
    await watch()
    await untilSynced()
    const { stdout } = await reconcile('counters', '--bridge', 'br-tun')
    expect(
      stdout
        .split('\n')
        .slice(2)
        .map((line) => line.split(/ +/)[0]),
    ).toEqual(
      expect.arrayContaining(['DROPPED', 'unknown-peer', 'wrong-network', 'spoofed', 'no-destination']),
    )
  })

  test('works on br-int where the tunnel bridge cannot be had, and says so', async () => {
    await lab.addBridge('br-ex')
    await lab.vsctl('add-port', 'br-ex', 'tun', '--', 'set', 'Interface', 'tun', 'type=internal')
    await watch()
    expect(await statusOf('br-int')).toMatchObject({ phase: 'Synced' })
    const told = await waitFor(async () => {
      const status = await statusOf('br-tun')
      return status.message.includes('br-ex') && status
    })
    expect(told).toMatchObject({
      phase: 'Disconnected',
      remedy: expect.stringContaining('del-port br-ex tun'),
    })
    await lab.vsctl('del-port', 'br-ex', 'tun')
    await untilSynced()
  })

  test('says where its own tunnel address is missing, and then that it is there', async () => {
    await watch()
    await untilSynced()
    const { stdout } = await reconcile('status')
    expect(stdout).toMatch(
      /Node\/node-a +False +AddressMissing +tunnel address 192\.0\.2\.11 of node-a is on no/,
    )
    await lab.ip('link', 'set', 'lo', 'up')
    await lab.ip('address', 'add', '192.0.2.11/32', 'dev', 'lo')
    await reconcile('reconcile-now')
    expect((await reconcile('status')).stdout).not.toContain('AddressMissing')
  })

  test('does not need what no port of this node can reach, until such a port is plugged in', async () => {
    const mac = (n: number) => `02:00:00:00:01:0${n}`
    path = await writeManifests(lab, 'net.yaml', [
      ...TWO,
      ...networkWithSubnet('net2', 8003, '10.2.0.0/24'),
      manifest('Port', 'away', { network: 'net2', macAddress: mac(1), host: 'node-b' }),
      manifest('Port', 'free', { network: 'net2', macAddress: mac(2) }),
    ])
    await watch()
    await untilSynced()
    const listed = async (...args: readonly string[]) => (await reconcile('status', ...args)).stdout
    for (const bridge of ['br-int', 'br-tun']) {
      const all = await listed('--all', '--bridge', bridge)
      expect(all).toMatch(/Network\/net2 +True +NotNeeded +no port of this node can reach it/)
      expect(all).toMatch(/Port\/away +True +Elsewhere +it is on node node-b/)
      expect(all).toMatch(/Port\/free +True +NotNeeded/)
      expect(all).toMatch(/Network\/net1 +True +Programmed/)
    }
    expect(await listed()).toMatch(/ 10 objects, /)
    expect(await listed()).not.toMatch(/net2|away|free/)
    const attach = ['--', 'set', 'Interface', 'free0', 'type=internal', 'external_ids:iface-id=free']
    await lab.vsctl('add-port', 'br-int', 'free0', ...attach)
    await waitFor(async () => /Port\/free +True +Programmed/.test(await listed('--all')), {
      what: 'the port that was plugged in',
    })
    expect(await listed('--all')).toMatch(/Network\/net2 +True +Programmed/)
    expect(await reconcile('drift', path)).toMatchObject({ code: 0 })
  })

  test('gives up its tunnel bridge to nobody while it is suspended, and makes nothing on it', async () => {
    await watch()
    await untilSynced()
    expect(await reconcile('suspend', '--bridge', 'br-tun')).toMatchObject({ code: 0 })
    await lab.vsctl('del-port', 'br-int', 'patch-tun')
    await reconcile('reconcile-now', '--bridge', 'br-tun')
    expect(await lab.vsctl('list-ports', 'br-int')).toBe('tap-vm1')
    expect(await reconcile('resume', '--bridge', 'br-tun')).toMatchObject({ code: 0 })
    await waitFor(async () => (await reconcile('drift', '-q', path)).code === 0)
  })

  test('announces a port that comes to a node which runs, to whom its broadcasts go', async () => {
    const daemon = await watch()
    await untilSynced()
    const guest = { ...VM2, ip: '10.1.0.4/24', gateway: '10.1.0.1' }
    await writeManifests(lab, 'net.yaml', [...TWO, portOf(guest, 'net1')])
    const vm2 = await lab.addVm(guest)
    const marks = async (): Promise<number> => {
      const [flow = ''] = (await lab.ofctl('dump-flows', 'br-tun', 'table=20')).split('\n').filter(isGroup)
      return Number(/n_packets=(\d+)/.exec(flow)?.[1])
    }
    const before = await marks()
    await vm2.plug({ ofport: 12 })
    await waitFor(async () => (await marks()) >= before + 2)
    expect(logOf(daemon).filter(({ level }) => level >= 50)).toEqual([])
    await vm2.unplug()
  })
})

const isGroup = (flow: string): boolean => flow.includes('dl_dst=01:00:00:00:00:00/01:00:00:00:00:00')

describe('several nodes', () => {
  let other: Lab

  beforeAll(async () => {
    other = await createLab({ hostname: 'whatever' })
  })
  afterAll(() => other.destroy())

  const named = () => [
    ...['--node', `node-a=unix:${join(lab.runDir, 'db.sock')}`],
    ...['--node', `node-b=unix:${join(other.runDir, 'db.sock')}`],
  ]

  test('are served by one daemon, each with both bridges, and asked by their names', async () => {
    await other.addBridge('br-int')
    const daemon = await startWatch(lab, [path, ...named()], lab.env)
    daemons.push(daemon)
    for (const bridge of ['node-a/br-int', 'node-a/br-tun', 'node-b/br-int', 'node-b/br-tun']) {
      const { code, stderr } = await reconcile('status', '--wait=10', '--bridge', bridge)
      expect({ bridge, code, stderr }).toEqual({ bridge, code: 0, stderr: '' })
      expect(await statusOf(bridge)).toMatchObject({ bridge, phase: 'Synced' })
    }
    expect(await other.vsctl('list-ports', 'br-tun')).toBe('patch-int\ntun')
    const { code, stdout } = await reconcile('drift', ...named(), path)
    expect(code).toBe(0)
    expect(stdout.split('\n').filter(Boolean)).toEqual([
      expect.stringMatching(/^node-a br-int: 0 to add/),
      expect.stringMatching(/^node-a br-tun: 0 to add/),
      expect.stringMatching(/^node-b br-int: 0 to add/),
      expect.stringMatching(/^node-b br-tun: 0 to add/),
    ])
  })

  test('are found by the names that status prints, with no folder of a switch anywhere', async () => {
    const own = `${lab.prefix.toLowerCase()}-a`
    const title = `${own}/br-int`
    const env = { OVS_RUNDIR: '/nowhere', XDG_RUNTIME_DIR: '' }
    const ask = (verb: string, ...args: readonly string[]) =>
      runCli([verb, '--bridge', title, ...args], { env })
    const nodes = [node(own, '192.0.2.11'), node('node-b', '192.0.2.12')]
    await writeManifests(lab, 'net.yaml', [...NET, portOf(VM1, 'net1'), FAR, ...nodes])
    const daemon = await startWatch(lab, [path, '--node', `${own}=unix:${join(lab.runDir, 'db.sock')}`], env)
    daemons.push(daemon)
    expect((await ask('status', '--wait=10')).stdout).toMatch(
      new RegExp(`^${title} {2}Synced for .*\\n.*\\n {2}node ${own}\\n`),
    )
    expect(await ask('counters')).toMatchObject({ code: 0, stdout: expect.stringContaining(title) })
    expect(await ask('flush', '--all')).toMatchObject({ code: 0 })
    expect(await ask('suspend')).toMatchObject({ code: 0, stdout: expect.stringContaining('Suspended') })
    expect(await ask('resume')).toMatchObject({ code: 0, stdout: expect.stringContaining('Synced') })
    expect((await ask('dump', 'table=55')).stdout).toContain('output:11')
    expect(await ask('diff', 'switch', 'switch')).toMatchObject({ code: 0 })
    expect(await ask('connections', '-o', 'json')).toMatchObject({
      code: 0,
      stdout: expect.stringContaining(title),
    })
    await daemon.stop()
    const unanswered = {
      code: 1,
      stderr: expect.stringContaining(`/run/reconcile-${own}:br-int.sock: there is no socket`),
    }
    expect(await ask('status')).toMatchObject(unanswered)
    expect(await ask('connections')).toMatchObject(unanswered)
    const there = await ask('connections', '--ovsdb', `unix:${join(lab.runDir, 'db.sock')}`)
    expect(there).toMatchObject({ code: 0, stderr: '' })
  })

  test('say of a switch that is not there which path that is', async () => {
    const { code, stderr } = await reconcile('--dry-run', '--node', 'node-a=unix:/nowhere/db.sock', path)
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr:
        'OVSDB_UNREACHABLE\n  Cannot connect to ovsdb-server at unix:/nowhere/db.sock: no such socket.\n' +
        '  Is ovsdb-server running? Say where its socket is with --ovsdb, --node NAME=unix:PATH or OVS_RUNDIR.\n',
    })
  })

  test.each([
    [['--node', 'a', '--node', 'b=unix:/x'], 'Use NAME once'],
    [['--node', 'a=unix:/x', '--ovsdb', 'unix:/y'], "cannot be used with '--node NAME=unix:PATH'"],
    [['--node', 'a=unix:/x', '--node', 'a=unix:/y'], 'Two nodes have the same name'],
    [['--node', 'a=unix:/x', '--node', 'b=unix:/x'], 'Two nodes have the same switch'],
    [['--node', 'a', '--node', 'b'], 'Use NAME once'],
    [['--node', ''], 'has an empty name'],
    [['--node', 'a=tcp:192.0.2.1:6640'], 'Use --node a=unix:PATH on the host of the switch'],
    [['--bridge', 'br-tun'], 'Use --bridge with the name of that one'],
  ])('that are named as %j are refused', async (args, message) => {
    const { code, stderr } = await reconcile('--dry-run', ...args, path)
    expect({ code, stderr }).toEqual({ code: 64, stderr: expect.stringContaining(message) })
  })
})
