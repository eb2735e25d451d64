// The switch goes and comes back: with its ports mixed up meanwhile, and waiting for its flows.
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { join } from 'node:path'
import { connectOpenFlow } from '../../src/openflow/connection.js'
import { OvsdbClient } from '../../src/ovsdb/client.js'
import { lockName, OvsdbLock } from '../../src/ovsdb/lock.js'
import { monitorSwitch } from '../../src/ovsdb/monitor.js'
import { switchView } from '../../src/ovsdb/view.js'
import { dumpFlows } from '../../src/switch/dump.js'
import { parseEndpoint } from '../../src/values/endpoint.js'
import { runCli, type RunningCli } from '../support/cli.js'
import { createLab, type Lab } from '../support/lab.js'
import {
  logOf,
  manifest,
  networkWithSubnet,
  passesOf,
  portOf,
  startWatch,
  VM1,
  writeManifests,
} from '../support/scene.js'
import type { Vm } from '../support/vm.js'
import { waitFor } from '../support/wait.js'

const RED1 = { ...VM1, name: 'red1', interface: 'tap-red1' }
const RED2 = { name: 'red2', interface: 'tap-red2', mac: 'fa:16:3e:00:01:02', ip: '10.1.0.4/24' }
const BLUE = { name: 'blue', interface: 'tap-blue', mac: 'fa:16:3e:00:02:01', ip: '10.1.0.5/24' }
const RED = '0x64'
const NET = [
  ...networkWithSubnet('red', 100, '10.1.0.0/24'),
  ...networkWithSubnet('blue', 200, '10.1.0.0/24'),
  ...[portOf(RED1, 'red'), portOf(RED2, 'red'), portOf(BLUE, 'blue')],
]
const KEY = 'other_config:flow-restore-wait'

let lab: Lab
let red1: Vm
let file: string
let daemon: RunningCli | undefined

beforeAll(async () => {
  lab = await createLab()
  await lab.addBridge('br-int')
  red1 = await lab.addVm(RED1)
  await red1.plug()
  await (await lab.addVm(RED2)).plug()
  await (await lab.addVm(BLUE)).plug()
  file = await writeManifests(lab, 'net.yaml', NET)
})

afterEach(async () => {
  await daemon?.stop('SIGKILL')
  daemon = undefined
})
afterAll(() => lab.destroy())

const received = async (): Promise<number> => (await red1.ping('10.1.0.4', { count: 2 })).received

/** Stops the switch, sets the key that makes the next one wait, and starts that. */
async function restartWaiting(): Promise<void> {
  await lab.stopSwitchd()
  await lab.vsctl('--no-wait', 'set', 'Open_vSwitch', '.', `${KEY}=true`, 'other_config:another=kept')
  await lab.startSwitchd()
}

const otherConfig = () => lab.vsctl('get', 'Open_vSwitch', '.', 'other_config')

const connectOvsdb = () =>
  OvsdbClient.connect(parseEndpoint(`unix:${join(lab.runDir, 'db.sock')}`), { timeoutMs: 5_000 })

/** How many flows a bridge has at the moment at which the key has gone. */
async function flowsWhenReleased(bridge = 'br-int'): Promise<() => Promise<number>> {
  const client = await connectOvsdb()
  const connection = await connectOpenFlow(parseEndpoint(`unix:${join(lab.runDir, `${bridge}.mgmt`)}`))
  let flows: Promise<number> | undefined
  await monitorSwitch(client, (replica) => {
    if (!switchView(replica).flowRestoreWait) flows ??= dumpFlows(connection).then(({ length }) => length)
  })
  return async () => {
    const count = await waitFor(() => flows, { what: 'the end of flow-restore-wait' })
    client.close()
    connection.close()
    return count
  }
}

test('a switch that waits for its flows gets them all before it is told so, and packets pass only then', async () => {
  expect((await runCli([file], { env: lab.env })).code).toBe(0)
  expect(await received()).toBe(2)
  const { length } = await lab.dumpFlows('br-int')
  await restartWaiting()
  const released = await flowsWhenReleased()
  expect(await received()).toBe(0)
  daemon = await startWatch(lab, [file])
  expect(await released()).toBe(length)
  expect(await otherConfig()).toBe('{another=kept}')
  expect(logOf(daemon).map(({ msg }) => msg)).toContain(
    'all flows are there: flow-restore-wait was set and is removed',
  )
  await waitFor(async () => (await received()) === 2, { what: 'packets' })
})

test('a daemon that runs leaves the key to whoever restarts the switch, and removes it after the restart', async () => {
  daemon = await startWatch(lab, [file])
  const before = passesOf(daemon).length
  await lab.vsctl('set', 'Open_vSwitch', '.', `${KEY}=true`)
  await waitFor(() => passesOf(daemon as RunningCli).length > before, { what: 'a pass' })
  expect(await otherConfig()).toContain('flow-restore-wait="true"')
  await lab.restartSwitchd('SIGKILL')
  await waitFor(async () => !(await otherConfig()).includes('flow-restore-wait'), { what: 'its removal' })
  await waitFor(async () => (await received()) === 2, { what: 'packets' })
})

test('one pass removes the key as well, and a dry run shows that as a line of its plan', async () => {
  await restartWaiting()
  const env = lab.env
  const dry = await runCli(['--dry-run', file], { env })
  expect(dry.stdout).toContain('- Open_vSwitch other_config:flow-restore-wait (once all flows are there)')
  const json = await runCli(['--dry-run', '-o', 'json', file], { env })
  expect(JSON.stringify(JSON.parse(json.stdout))).toContain('"endsRestoreWait":true')
  expect(await otherConfig()).toContain('flow-restore-wait')
  expect((await runCli([file], { env })).code).toBe(0)
  expect(await otherConfig()).not.toContain('flow-restore-wait')
  expect((await runCli(['--dry-run', '--detailed-exitcode', file], { env })).code).toBe(0)
})

describe('with a tunnel bridge', () => {
  const node = (name: string, tunnelIp: string) =>
    manifest('Node', name, { tunnelIp, encapsulation: 'geneve' })
  const args = () => [file, '--node', 'node-a']
  /** Whoever has the lock of br-tun keeps the daemon from its first pass there. */
  let other: OvsdbClient

  beforeAll(async () => {
    await writeManifests(lab, 'net.yaml', [
      ...NET,
      node('node-a', '192.0.2.11'),
      node('node-b', '192.0.2.12'),
    ])
    expect((await runCli(args(), { env: lab.env })).code).toBe(0)
  })
  beforeEach(async () => {
    other = await connectOvsdb()
    expect((await OvsdbLock.request(other, lockName('br-tun'), () => undefined)).held).toBe(true)
  })
  afterEach(() => other.close())
  afterAll(async () => {
    await daemon?.stop('SIGKILL')
    await lab.vsctl('del-br', 'br-tun')
    await writeManifests(lab, 'net.yaml', NET)
  })

  test('packets pass when both bridges have their flows', async () => {
    const { length } = await lab.dumpFlows('br-tun')
    expect(length).toBeGreaterThan(1)
    await restartWaiting()
    const released = await flowsWhenReleased('br-tun')
    daemon = await startWatch(lab, args())
    expect(await otherConfig()).toContain('flow-restore-wait="true"')
    other.close()
    expect(await released()).toBe(length)
    expect(await otherConfig()).toBe('{another=kept}')
    await waitFor(async () => (await received()) === 2, { what: 'packets' })
    expect(releases(daemon)).toEqual(['all flows are there: flow-restore-wait was set and is removed'])
  })

  test('a daemon that runs waits for both after a restart, too', async () => {
    other.close()
    daemon = await startWatch(lab, args())
    const { length } = await lab.dumpFlows('br-tun')
    for (let i = 0; i < 3; i++) {
      await restartWaiting()
      await waitFor(async () => !(await otherConfig()).includes('flow-restore-wait'), { what: 'its removal' })
      expect(await lab.dumpFlows('br-tun')).toHaveLength(length)
    }
    expect(releases(daemon)).toHaveLength(3)
  })

  test('guests of this node do not wait for ever for whoever works on the tunnel bridge', async () => {
    await restartWaiting()
    daemon = await startWatch(lab, args())
    await waitFor(async () => (await received()) === 2, { what: 'packets', timeoutMs: 20_000 })
    expect(await lab.dumpFlows('br-tun', 'table=20')).toEqual([])
    expect(releases(daemon)).toEqual([
      'the tunnel bridge still lacks its flows: flow-restore-wait was set and is removed',
    ])
  })
})

const releases = (of: RunningCli): readonly string[] =>
  logOf(of).flatMap(({ msg }) => (msg.includes('flow-restore-wait') ? [msg] : []))

test.each(['SIGTERM', 'SIGKILL'] as const)(
  'after %s, ports that changed their numbers meanwhile are right from the first bundle on',
  async (signal) => {
    daemon = await startWatch(lab, [file])
    const [red, blue] = await Promise.all(['tap-red1', 'tap-blue'].map(ofportOf))
    await lab.stopSwitchd(signal)
    const swap = ['tap-red1', `ofport_request=${blue}`, '--', 'set', 'Interface', 'tap-blue']
    await lab.vsctl('--no-wait', 'set', 'Interface', ...swap, `ofport_request=${red}`)
    const before = passesOf(daemon).length
    await lab.startSwitchd()
    await waitFor(async () => (await networkOf(blue)) === RED, { what: 'the flows' })
    expect(await ofportOf('tap-red1')).toBe(blue)
    expect(await received()).toBe(2)
    // Were the first bundle made by the numbers of the process before, another one would have put that right.
    const [first, ...later] = passesOf(daemon).slice(before)
    expect(first).toMatchObject({ change: 0, delete: 0 })
    for (const pass of later) expect(pass).toMatchObject({ add: 0, change: 0, delete: 0 })
  },
)

async function ofportOf(name: string): Promise<number> {
  return Number(await lab.vsctl('get', 'Interface', name, 'ofport'))
}

/** The segmentation id that frames from this port get. */
async function networkOf(ofport: number | undefined): Promise<string | undefined> {
  const flows = await lab.dumpFlows('br-int', `table=0,in_port=${ofport ?? 0}`)
  return flows.map((flow) => /write_metadata:(0x\w+)/.exec(flow)?.[1]).find(Boolean)
}
