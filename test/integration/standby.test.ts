// Two reconcilers on one bridge: one works, the other stands by. The lock in OVSDB says which.
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals'
import { join } from 'node:path'
import { OvsdbClient } from '../../src/ovsdb/client.js'
import { lockName, OvsdbLock } from '../../src/ovsdb/lock.js'
import { parseEndpoint } from '../../src/values/endpoint.js'
import { runCli, startCli, type RunningCli } from '../support/cli.js'
import type { Lab } from '../support/lab.js'
import {
  createTwoVmLab,
  connectionFlows,
  deleteConnections,
  flowStats,
  logOf,
  passesOf,
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

let lab: Lab
let vm1: Vm
let vm2: Vm
let file: string
const daemons: RunningCli[] = []

beforeAll(async () => {
  ;({ lab, vm1, vm2 } = await createTwoVmLab())
  file = await writeManifests(lab, 'net.yaml', NET)
})

afterEach(async () => {
  for (const daemon of daemons.splice(0)) await daemon.stop('SIGKILL')
})
afterAll(() => lab.destroy())

async function startWorking(): Promise<RunningCli> {
  const daemon = await startWatch(lab, [file])
  daemons.push(daemon)
  return daemon
}

/** Beside one that works. */
async function startStandingBy(): Promise<RunningCli> {
  const daemon = startCli(['--watch', '-v', file], { lab })
  daemons.push(daemon)
  await daemon.waitForLine(/standing by/)
  return daemon
}

const saidOf = (daemon: RunningCli, pattern: RegExp) => logOf(daemon).filter(({ msg }) => pattern.test(msg))

test('the second daemon stands by, and takes over when the first is killed; no flow is touched by that', async () => {
  const first = await startWorking()
  const second = await startStandingBy()
  const before = await flowStats(lab)
  await first.stop('SIGKILL')
  const begin = performance.now()
  await second.waitForLine(/in sync/)
  expect(performance.now() - begin).toBeLessThan(5_000)
  expect(saidOf(second, /standing by/)).toHaveLength(1)
  expect(saidOf(second, /taking over br-int/)).toHaveLength(1)
  const durations = new Map((await flowStats(lab)).map(({ text, duration }) => [text, duration]))
  for (const { text, duration } of before) expect(durations.get(text)).toBeGreaterThan(duration)
  await deleteConnections(lab)
  expect(await vm1.ping('10.2.0.3', { count: 2 })).toMatchObject({ received: 2 })
})

test('of two daemons one alone sends a first packet on', async () => {
  await startWorking()
  const second = await startStandingBy()
  await deleteConnections(lab)
  const capture = await vm2.capture('icmp[icmptype] = icmp-echo')
  expect(await vm1.ping('10.2.0.3', { count: 1 })).toMatchObject({ received: 1 })
  expect(await capture.stop()).toHaveLength(1)
  expect(await connectionFlows(lab)).toHaveLength(2)
  expect(passesOf(second)).toEqual([])
})

test('an edit is applied by the one that works, and after a restart of the switch it is still that one', async () => {
  const first = await startWorking()
  const second = await startStandingBy()
  const before = passesOf(first).length
  await writeManifests(lab, 'net.yaml', [...NET.slice(0, -1), portOf(VM2, 'net2', { a: 'b' })])
  await waitFor(() => passesOf(first).length > before, { what: 'a pass for the edit' })
  await writeManifests(lab, 'net.yaml', NET)
  await lab.restartSwitchd('SIGKILL')
  await waitFor(() => saidOf(first, /applied/).some(({ add }) => Number(add) > 10), {
    what: 'all flows again',
  })
  expect(await vm1.ping('10.2.0.3', { count: 2 })).toMatchObject({ received: 2 })
  expect(saidOf(second, /taking over/)).toEqual([])
  expect(passesOf(second)).toEqual([])
})

test('one pass beside a daemon ends with exit code 6 and changes nothing; a dry run needs no lock', async () => {
  const daemon = await startWorking()
  const fewer = await writeManifests(lab, 'fewer.yaml', NET.slice(0, -1))
  const { code, stderr } = await runCli([fewer], { env: lab.env })
  expect(code).toBe(6)
  expect(stderr).toMatch(/LOCK_HELD[\s\S]*br-int[\s\S]*--dry-run/)
  expect((await runCli(['--dry-run', '--detailed-exitcode', fewer], { env: lab.env })).code).toBe(2)
  expect((await runCli(['--dry-run', '--detailed-exitcode', file], { env: lab.env })).code).toBe(0)
  await daemon.stop()
  expect((await runCli([file], { env: lab.env })).code).toBe(0)
})

describe('a lock that is stolen', () => {
  let thief: OvsdbClient

  beforeAll(async () => {
    const endpoint = parseEndpoint(`unix:${join(lab.runDir, 'db.sock')}`)
    thief = await OvsdbClient.connect(endpoint, { timeoutMs: 5_000 })
  })
  afterAll(() => thief.close())

  test('stops the daemon from writing, until it is given back', async () => {
    const daemon = await startWorking()
    await thief.request('steal', [lockName('br-int')])
    await daemon.waitForLine(/standing by/)
    const { length } = await flowStats(lab)
    await lab.ofctl('del-flows', 'br-int', 'table=55')
    const edited = [...NET.slice(0, -1), portOf(VM2, 'net2', { a: 'c' })]
    await writeManifests(lab, 'net.yaml', edited)
    // A set with a mistake in it is read and said, so the edit before it was read as well, and nothing was done about it.
    await writeManifests(lab, 'net.yaml', [...edited, 'kind: Nonsense'])
    await daemon.waitForLine(/problems? in the manifests/)
    expect(await lab.dumpFlows('br-int', 'table=55')).toEqual([])
    await writeManifests(lab, 'net.yaml', NET)
    await thief.request('unlock', [lockName('br-int')])
    await waitFor(async () => (await flowStats(lab)).length === length, { what: 'the flows' })
    expect(saidOf(daemon, /standing by/)).toHaveLength(1)
  })

  test('is told to whoever asked for it, as is that it came', async () => {
    const endpoint = parseEndpoint(`unix:${join(lab.runDir, 'db.sock')}`)
    const other = await OvsdbClient.connect(endpoint, { timeoutMs: 5_000 })
    const told: boolean[] = []
    const first = await OvsdbLock.request(thief, 'reconcile_test', () => told.push(first.held))
    const second = await OvsdbLock.request(other, 'reconcile_test', () => undefined)
    expect([first.held, second.held]).toEqual([true, false])
    const third = await OvsdbClient.connect(endpoint, { timeoutMs: 5_000 })
    await third.request('steal', ['reconcile_test'])
    await waitFor(() => !first.held)
    third.close()
    await waitFor(() => first.held)
    expect(told).toEqual([false, true])
    await thief.request('unlock', ['reconcile_test'])
    await waitFor(() => second.held)
    other.close()
  })
})
