// The status of a running daemon, and what it may be told by its socket.
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals'
import { stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { ObjectStatus, Summary } from '../../src/status/condition.js'
import { runCli, startCli, type RunningCli } from '../support/cli.js'
import { createLab, type Lab } from '../support/lab.js'
import { run, runOrThrow } from '../support/processes.js'
import {
  connectionFlows,
  networkWithSubnet,
  portOf,
  startWatch,
  TWO_NETWORKS,
  VM1,
  VM2,
  writeManifests,
} from '../support/scene.js'
import type { Vm } from '../support/vm.js'
import { waitFor } from '../support/wait.js'

const PORTS = [portOf(VM1, 'net1'), portOf(VM2, 'net2')]
const NET = [...TWO_NETWORKS, ...PORTS]
const EDITED = [...NET, ...networkWithSubnet('net3', 8004, '10.3.0.0/24')]

let lab: Lab
let vm1: Vm
let vm2: Vm
let socket: string
const daemons: RunningCli[] = []

beforeAll(async () => {
  lab = await createLab()
  await lab.addBridge('br-int')
  vm1 = await lab.addVm(VM1)
  vm2 = await lab.addVm(VM2)
  await vm1.plug({ ofport: 11 })
  await vm2.plug({ ofport: 12 })
  socket = join(lab.runDir, 'reconcile-br-int.sock')
})
afterEach(async () => {
  for (const daemon of daemons.splice(0)) await daemon.stop()
  await lab.vsctl('remove', 'Bridge', 'br-int', 'external_ids', 'reconcile-suspended')
  await lab.ofctl('del-flows', 'br-int')
})
afterAll(() => lab.destroy())

const write = (manifests: readonly string[]) => writeManifests(lab, 'net.yaml', manifests)

async function start(manifests: readonly string[] = NET, ...args: readonly string[]): Promise<RunningCli> {
  const daemon = await startWatch(lab, [await write(manifests), ...args])
  daemons.push(daemon)
  return daemon
}

const reconcile = (...args: readonly string[]) => runCli(args, { env: lab.env })

type Answer = Summary & { readonly objects: readonly ObjectStatus[] }

async function statusOf(...args: readonly string[]): Promise<Answer> {
  return JSON.parse((await reconcile('status', '-o', 'json', ...args)).stdout) as Answer
}

const untilPhase = (phase: Summary['phase']) =>
  waitFor(
    async () => {
      const answer = await statusOf()
      return answer.phase === phase && answer
    },
    { what: phase },
  )

function conditionOf({ objects }: Answer, kind: string, name: string, type: string) {
  const object = objects.find((known) => known.kind === kind && known.name === name)
  return object?.conditions.find((condition) => condition.type === type)
}

/** As any HTTP client sees it. */
const curl = async (path: string, ...args: readonly string[]) =>
  runOrThrow('curl', ['-sS', '--max-time', '20', '--unix-socket', socket, ...args, `http://daemon${path}`])

describe('the status', () => {
  test('of a daemon in sync is exit code 0, and each object has its conditions', async () => {
    await start()
    const { code, stdout } = await reconcile('status', '--wait=10')
    expect(code).toBe(0)
    expect(stdout).toMatch(/^br-int {2}Synced for \d+s {2}revision sha256:\S+ {2}7 objects, 7 ready\n/)
    expect(stdout).not.toContain('KIND/NAME')
    const answer = await statusOf()
    expect(answer.objects).toHaveLength(7)
    expect(answer.revision.applied).toBe(answer.revision.wanted)
    expect(conditionOf(answer, 'Port', 'vm1', 'Bound')).toMatchObject({ status: 'True', reason: 'Plugged' })
    expect(conditionOf(answer, 'Router', 'r1', 'Programmed')).toMatchObject({ status: 'True' })
    expect(conditionOf(answer, 'Router', 'r1', 'Bound')).toBeUndefined()
    expect((await reconcile('status', '--all')).stdout).toMatch(/Port\/vm2 +True +Programmed/)
  })

  test('is plain HTTP on a socket that nobody else may open, and goes with the daemon', async () => {
    const daemon = await start()
    expect((await stat(socket)).mode & 0o777).toBe(0o660)
    expect(await curl('/healthz')).toBe('ok\n')
    expect(await curl('/readyz')).toBe('Synced\n')
    expect(JSON.parse(await curl('/v1/status?objects=none'))).toMatchObject({ phase: 'Synced', objects: [] })
    expect(JSON.parse(await curl('/v2/status'))).toMatchObject({ error: { code: 'USAGE' } })
    await daemon.stop()
    await expect(stat(socket)).rejects.toThrow('ENOENT')
    const { code, stderr } = await reconcile('status')
    expect(code).toBe(1)
    expect(stderr).toMatch(/NO_DAEMON[\s\S]*reconcile-br-int\.sock[\s\S]*--watch/)
  })

  test('names a port that is not plugged and knows since when, and is Synced all the same', async () => {
    await start()
    const timesOf = (answer: Answer) =>
      [VM1, VM2].map(({ name }) => conditionOf(answer, 'Port', name, 'Bound')?.lastTransitionTime ?? '')
    const before = timesOf(await statusOf())
    await lab.vsctl('del-port', 'br-int', VM2.interface)
    try {
      await waitFor(async () => (await statusOf()).counts.notReady === 1, { what: 'the port' })
      const after = timesOf(await statusOf())
      expect(after[0]).toBe(before[0])
      expect(Date.parse(after[1] ?? '')).toBeGreaterThan(Date.parse(before[1] ?? ''))
      const { code, stdout } = await reconcile('status')
      expect(code).toBe(0)
      expect(stdout).toMatch(
        /Port\/vm2 +False +NotPlugged +interface tap-vm2 is not plugged[^\n]*\n +Plug the/,
      )
      expect(stdout).not.toContain('vm1')
    } finally {
      await vm2.plug({ ofport: 12 })
    }
    await waitFor(async () => (await statusOf()).counts.ready === 7)
  })

  test('names a foreign flow that is in the way, until it has gone', async () => {
    const key = 'table=55,priority=100,metadata=0x1f42,dl_dst=fa:16:3e:00:17:e6'
    await lab.ofctl('add-flow', 'br-int', `cookie=0x5,${key},actions=drop`)
    const daemon = startCli(['--watch', '-v', await write(NET)], { lab })
    daemons.push(daemon)
    const answer = await untilPhase('Degraded')
    expect(conditionOf(answer, 'Port', 'vm1', 'Programmed')).toMatchObject({
      status: 'False',
      reason: 'ForeignFlow',
      message: expect.stringContaining('cookie=0x5'),
    })
    expect((await reconcile('status')).code).toBe(2)
    await lab.ofctl('--strict', 'del-flows', 'br-int', key)
    expect((await reconcile('status', '--wait=10')).code).toBe(0)
    expect((await statusOf()).counts.ready).toBe(7)
  })

  test('gives the place of a mistake to the object that has it; the others stay programmed', async () => {
    await start()
    await write([...NET.slice(0, -1), portOf(VM2, 'nett2')])
    const answer = await untilPhase('Invalid')
    expect(conditionOf(answer, 'Port', 'vm2', 'Resolved')).toMatchObject({
      status: 'False',
      reason: 'UnresolvedReference',
      message: expect.stringMatching(/net\.yaml:13:\d+ .*nett2/),
      remedy: expect.stringContaining('net2'),
    })
    expect(conditionOf(answer, 'Port', 'vm1', 'Programmed')).toMatchObject({ status: 'True' })
    expect((await reconcile('status')).stdout).toMatch(/Invalid[\s\S]*Port\/vm2 +False +UnresolvedReference/)
    await write(NET)
    expect((await reconcile('status', '--wait=10')).code).toBe(0)
  })

  test('says what is held, with the objects that are gone', async () => {
    await start()
    await write(TWO_NETWORKS)
    const answer = await untilPhase('Held')
    expect(answer.remedy).toContain('--max-deletes 2')
    expect(conditionOf(answer, 'Port', 'vm1', 'Programmed')).toMatchObject({ reason: 'DeletionHeld' })
    expect((await reconcile('status')).code).toBe(2)
  })
})

test('--wait waits for a commit, also for one that changes no manifest, and gives up in time', async () => {
  const folder = join(lab.runDir, 'repo')
  const git = (...args: readonly string[]) =>
    runOrThrow('git', ['-C', folder, '-c', 'user.name=t', '-c', 'user.email=t@example.org', ...args])
  const commit = async (): Promise<string> => {
    await git('add', '.')
    await git('commit', '-q', '-m', 'a commit')
    return (await git('rev-parse', 'HEAD')).trim()
  }
  await writeManifests(lab, 'repo/m/net.yaml', NET)
  await runOrThrow('git', ['init', '-q', folder])
  const first = await commit()
  daemons.push(await startWatch(lab, [join(folder, 'm'), '--sweep-interval', '0']))
  expect((await reconcile('status', '--wait=10', '--revision', first)).code).toBe(0)
  await writeManifests(lab, 'repo/m/net.yaml', EDITED)
  const second = await commit()
  const { code, stdout } = await reconcile('status', '--wait=10', '--revision', second)
  expect({ code, stdout }).toMatchObject({ code: 0, stdout: expect.stringContaining(`revision ${second}`) })
  expect(await lab.vsctl('get', 'Bridge', 'br-int', 'external_ids:reconcile-revision')).toContain(second)
  await writeFile(join(folder, 'README'), 'no manifest')
  const third = await commit()
  expect((await reconcile('status', '--wait=10', '--revision', third.slice(0, 10))).code).toBe(0)
  expect((await reconcile('status', '--wait=0.5', '--revision', second)).code).toBe(2)
})

describe('a suspended bridge', () => {
  test('gets no flows for edits and drift; connections go on; resume puts all right', async () => {
    await start()
    const { code, stdout } = await reconcile('suspend', '--reason', 'a drill')
    expect({ code, stdout }).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/Suspended[\s\S]*a drill/),
    })
    await lab.ofctl('del-flows', 'br-int', 'table=55,dl_dst=fa:16:3e:00:17:e6')
    const before = await lab.dumpFlows('br-int')
    await write(EDITED)
    // The edit has been read and is not done; what was read is asked for, so that there is nothing to wait for.
    expect((await reconcile('reconcile-now')).code).toBe(0)
    expect(await lab.dumpFlows('br-int')).toEqual(before)
    const answer = await statusOf()
    expect(answer).toMatchObject({ phase: 'Suspended', suspended: { reason: 'a drill' } })
    expect(answer.revision.wanted).not.toBe(answer.revision.applied)
    expect(await lab.vsctl('get', 'Bridge', 'br-int', 'external_ids:reconcile-suspended')).toContain(
      'a drill',
    )
    await vm1.ping('10.2.0.3', { count: 2 })
    expect(await connectionFlows(lab)).not.toEqual([])
    expect((await reconcile('resume')).stdout).toContain('Synced')
    expect(await lab.vsctl('get', 'Bridge', 'br-int', 'external_ids')).not.toContain('suspended')
    expect((await lab.dumpFlows('br-int')).some((flow) => flow.includes('nw_dst=10.3.0.0/24'))).toBe(true)
    expect(await lab.dumpFlows('br-int', 'table=55,dl_dst=fa:16:3e:00:17:e6')).toHaveLength(1)
  })

  test('stays so for the next daemon and for single runs, until somebody resumes it by hand', async () => {
    const first = await start()
    await reconcile('suspend')
    await first.stop('SIGKILL')
    const path = await write(EDITED)
    const once = await reconcile(path)
    expect(once.code).toBe(6)
    expect(once.stderr).toMatch(/SUSPENDED[\s\S]*reconcile resume/)
    expect((await reconcile('--dry-run', path)).stderr).toMatch(/warning: br-int is suspended since/)
    const before = await lab.dumpFlows('br-int')
    const next = startCli(['--watch', '-v', path], { lab })
    daemons.push(next)
    await next.waitForLine(/suspended: no flow is written/)
    expect((await statusOf()).phase).toBe('Suspended')
    expect(await lab.dumpFlows('br-int')).toEqual(before)
    await lab.vsctl('remove', 'Bridge', 'br-int', 'external_ids', 'reconcile-suspended')
    expect((await reconcile('status', '--wait=10')).code).toBe(0)
  })
})

test('who stands by is asked at a socket of its own, and has the known one when it takes over', async () => {
  const first = await start()
  const second = startCli(['--watch', '-v', join(lab.runDir, 'net.yaml')], { lab })
  daemons.push(second)
  await second.waitForLine(/standing by/)
  const aside = join(lab.runDir, `reconcile-br-int.${second.child.pid ?? 0}.sock`)
  await waitFor(async () => (await stat(aside)).isSocket(), { what: 'the second socket' })
  const { code, stdout } = await reconcile('status', '--socket', aside)
  expect({ code, stdout }).toMatchObject({ code: 2, stdout: expect.stringContaining('StandingBy') })
  expect(await statusOf()).toMatchObject({ phase: 'Synced', pid: first.child.pid })
  await first.stop('SIGKILL') // its socket stays, and nobody listens
  const answer = await waitFor(
    async () => {
      const now = await statusOf()
      return now.pid === second.child.pid && now.phase === 'Synced' && now
    },
    { what: 'the second daemon at the known socket' },
  )
  expect(answer.counts.ready).toBe(7)
  await waitFor(async () => (await run('test', ['-e', aside])).code === 1, {
    what: 'the end of the other one',
  })
})
