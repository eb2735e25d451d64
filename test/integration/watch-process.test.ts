// The daemon's life: how it ends, how it comes back, and what it does while the switch or its database is away.
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { existsSync } from 'node:fs'
import { readdir, readFile, readlink, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { isDeepStrictEqual } from 'node:util'
import { startCli, type RunningCli } from '../support/cli.js'
import type { Lab } from '../support/lab.js'
import {
  createTwoVmLab,
  connectionFlows,
  flowStats,
  logOf,
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

/** Of pino. */
const ERROR = 50

describe('a daemon that runs', () => {
  let lab: Lab
  let vm1: Vm
  let file: string
  let daemon: RunningCli

  beforeAll(async () => {
    ;({ lab, vm1 } = await createTwoVmLab())
    file = await writeManifests(lab, 'net.yaml', NET)
  })

  beforeEach(async () => {
    daemon = await startWatch(lab, [file])
    expect(await vm1.ping('10.2.0.3', { count: 1 })).toMatchObject({ received: 1 })
  })

  afterEach(() => daemon.stop('SIGKILL'))
  afterAll(() => lab.destroy())

  const flows = async () => (await flowStats(lab)).map(({ text, duration }) => [text, duration] as const)

  /** Every flow is there still, and none was touched. */
  const expectUntouched = async (before: readonly (readonly [string, number])[]): Promise<void> => {
    const now = new Map(await flows())
    expect([...now.keys()].toSorted()).toEqual(before.map(([text]) => text).toSorted())
    for (const [text, duration] of before) expect(now.get(text)).toBeGreaterThan(duration)
  }

  test.each(['SIGTERM', 'SIGINT'] as const)(
    '%s ends it with exit code 0, and the flows stay',
    async (signal) => {
      const before = await flows()
      expect(await daemon.stop(signal)).toBe(0)
      expect(logOf(daemon).at(-1)?.msg).toBe('stopped; the flows stay on the switch')
      await expectUntouched(before)
      expect(await vm1.ping('10.2.0.3', { count: 2, intervalMs: 50 })).toMatchObject({ received: 2 })
    },
  )

  test('killed and started again it touches no flow, and connections stay open', async () => {
    expect(await connectionFlows(lab)).toHaveLength(2)
    const before = await flows()
    await daemon.stop('SIGKILL')
    daemon = await startWatch(lab, [file])
    await expectUntouched(before)
    expect(logOf(daemon).map(({ msg }) => msg)).not.toContain('applied; in sync')
  })

  test.each(['SIGTERM', 'SIGKILL'] as const)(
    'after a restart of the switch (%s) everything comes back by itself',
    async (signal) => {
      const model = (await lab.dumpFlows('br-int')).filter((flow) => !flow.includes('idle_timeout'))
      await lab.restartSwitchd(signal)
      await waitFor(async () => isDeepStrictEqual(await lab.dumpFlows('br-int'), model), {
        what: 'all flows',
      })
      expect(await vm1.ping('10.2.0.3', { count: 3, intervalMs: 50 })).toMatchObject({ received: 3 })
      expect(await connectionFlows(lab)).toHaveLength(2)
    },
  )

  test('while the switch is away it tries again every two seconds or so, says so once, and is back at once', async () => {
    await lab.stopSwitchd()
    await sleep(4_500)
    const attempts = logOf(daemon).filter(({ retryInMs }) => retryInMs !== undefined)
    const pauses = attempts.slice(0, 3).map(({ retryInMs }) => Number(retryInMs))
    for (const [index, pause] of [400, 800, 1600].entries()) {
      expect(pauses[index]).toBeGreaterThanOrEqual(pause)
      expect(pauses[index]).toBeLessThanOrEqual(pause * 1.25)
    }
    expect(attempts.length).toBeLessThan(7)
    expect(attempts.filter(({ level }) => level === ERROR)).toHaveLength(1)
    await lab.startSwitchd()
    const begin = performance.now()
    await waitFor(async () => (await lab.dumpFlows('br-int')).length > 10, { what: 'the flows' })
    expect(performance.now() - begin).toBeLessThan(2_000)
  })

  test('SIGTERM ends it at once while it waits for the switch', async () => {
    await lab.stopSwitchd()
    await daemon.waitForLine(/SWITCH_UNREACHABLE/)
    const begin = performance.now()
    expect(await daemon.stop()).toBe(0)
    expect(performance.now() - begin).toBeLessThan(1_000)
    await lab.startSwitchd()
  })

  describe('while ovsdb-server stands still', () => {
    let server: number

    beforeEach(async () => {
      server = Number(await readFile(join(lab.runDir, 'ovsdb-server.pid'), 'utf8'))
      process.kill(server, 'SIGSTOP')
    })
    afterEach(() => void process.kill(server, 'SIGCONT'))

    test('for 3 s nothing is deleted, and afterwards all goes on', async () => {
      const before = await flows()
      await sleep(3_000)
      process.kill(server, 'SIGCONT')
      await expectUntouched(before)
      expect(await vm1.ping('10.2.0.3', { count: 3, intervalMs: 50 })).toMatchObject({ received: 3 })
      await passAfter(daemon, () =>
        writeManifests(lab, 'net.yaml', [...NET.slice(0, -1), portOf(VM2, 'net2', { a: 'b' })]),
      )
      await writeManifests(lab, 'net.yaml', NET)
      expect(logOf(daemon).length).toBeLessThan(20)
    })

    test('and is then replaced by another one, the daemon finds that and follows edits again', async () => {
      const before = await flows()
      process.kill(server, 'SIGKILL')
      await daemon.waitForLine(/connection to the switch lost/)
      await sleep(1_000)
      await startDatabaseAgain(lab)
      await daemon.waitForLine(/applied; in sync|"in sync"/)
      const labelled = [...NET.slice(0, -1), portOf(VM2, 'net2', { a: 'c' })]
      await passAfter(daemon, () => writeManifests(lab, 'net.yaml', labelled))
      await expectUntouched(before)
      expect(await vm1.ping('10.2.0.3', { count: 3, intervalMs: 50 })).toMatchObject({ received: 3 })
      server = Number(await readFile(join(lab.runDir, 'ovsdb-server.pid'), 'utf8'))
    })

    test('SIGTERM ends a daemon that just waits for it', async () => {
      await daemon.stop('SIGKILL')
      daemon = await startHanging(lab, file)
      const begin = performance.now()
      expect(await daemon.stop()).toBe(0)
      expect(performance.now() - begin).toBeLessThan(3_500)
    })
  })
})

/** Serves the lab's database again, after the end of the server that the lab started. */
async function startDatabaseAgain(lab: Lab): Promise<void> {
  const socket = `--remote=punix:${join(lab.runDir, 'db.sock')}`
  const pidfile = join(lab.runDir, 'ovsdb-server.pid')
  await rm(pidfile)
  lab.spawn('ovsdb-server', [join(lab.runDir, 'conf.db'), socket, '--pidfile', '-vconsole:off'])
  await waitFor(() => existsSync(pidfile), { what: 'ovsdb-server' })
}

/** Starts a daemon that has read its manifests, and gets no answer from the database. */
async function startHanging(lab: Lab, file: string): Promise<RunningCli> {
  const daemon = startCli(['--watch', '-v', file], { lab })
  await waitFor(() => watchesFiles(daemon.child.pid), { what: 'the daemon to be up' })
  await sleep(1_000)
  expect(daemon.child.exitCode).toBeNull()
  return daemon
}

/** Only a daemon that is up has an inotify descriptor (inotify(7)). */
async function watchesFiles(pid: number | undefined): Promise<boolean> {
  const folder = `/proc/${pid ?? 0}/fd`
  const targets = await Promise.all(
    (await readdir(folder)).map((fd) => readlink(join(folder, fd)).catch(() => '')),
  )
  return targets.includes('anon_inode:inotify')
}
