// The daemon follows its manifests, whatever way they change, and keeps the last good state while they are wrong.
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals'
import { mkdir, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { startCli, type RunningCli } from '../support/cli.js'
import type { Lab } from '../support/lab.js'
import { tapOpenFlow } from '../support/openflow-tap.js'
import { runOrThrow } from '../support/processes.js'
import {
  createTwoVmLab,
  flowStats,
  logOf,
  networkWithSubnet,
  passAfter,
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

const PORTS = [portOf(VM1, 'net1'), portOf(VM2, 'net2')]
const NET = [...TWO_NETWORKS, ...PORTS]

describe('a daemon on a folder of manifests', () => {
  let lab: Lab
  let vm1: Vm
  let folder: string
  let daemon: RunningCli

  beforeAll(async () => {
    ;({ lab, vm1 } = await createTwoVmLab())
  })

  afterEach(async () => {
    await daemon.stop()
    await rm(join(lab.runDir, 'net'), { recursive: true })
  })
  afterAll(() => lab.destroy())

  const write = (name: string, manifests: readonly string[]) => writeManifests(lab, `net/${name}`, manifests)

  const startOn = async (manifests: readonly string[]): Promise<void> => {
    folder = join(await write('net.yaml', manifests), '..')
    daemon = await startWatch(lab, [folder])
  }

  /** Is there a subnet with this prefix? Its flows tell. */
  const hasSubnet = async (prefix: string): Promise<boolean> =>
    (await lab.dumpFlows('br-int', 'table=52')).some((flow) => flow.includes(`nw_dst=${prefix}`))
  const untilSubnet = (prefix: string) => waitFor(() => hasSubnet(prefix), { what: `flows of ${prefix}` })
  const untilNoSubnet = (prefix: string) =>
    waitFor(async () => !(await hasSubnet(prefix)), { what: `the end of the flows of ${prefix}` })

  const problems = () => logOf(daemon).filter(({ level }) => level >= 50)

  test('a saved file changes the flows of the objects that were edited, and no others', async () => {
    await startOn(NET)
    const before = await flowStats(lab)
    await write('net.yaml', [...NET, ...networkWithSubnet('net3', 8004, '10.3.0.0/24')])
    await untilSubnet('10.3.0.0/24')
    const after = new Map((await flowStats(lab)).map((flow) => [flow.text, flow]))
    for (const { text, duration } of before) {
      expect(after.get(text)?.duration).toBeGreaterThan(duration)
    }
  })

  test('an edited label touches no flow, and its revision is noted on the bridge', async () => {
    await startOn(NET)
    const revision = () => lab.vsctl('get', 'Bridge', 'br-int', 'external_ids:reconcile-revision')
    const [flows, old] = [await flowStats(lab), await revision()]
    const pass = await passAfter(daemon, () =>
      write('net.yaml', [...TWO_NETWORKS, portOf(VM1, 'net1', { tier: 'web' }), PORTS[1]!]),
    )
    expect(pass).toMatchObject({ add: 0, change: 0, delete: 0, unchanged: flows.length })
    await waitFor(async () => (await revision()) !== old, { what: 'another revision' })
    const durations = new Map((await flowStats(lab)).map(({ text, duration }) => [text, duration]))
    for (const { text, duration } of flows) expect(durations.get(text)).toBeGreaterThan(duration)
  })

  test('an invalid edit is reported where it is and changes nothing; the next good one is applied', async () => {
    await startOn(NET)
    const before = (await flowStats(lab)).map(({ text }) => text)
    await write(
      'net.yaml',
      NET.map((text) => text.replace('"network":"net2"', '"network":"net22"')),
    )
    const { msg } = await waitFor(() => problems()[0])
    expect(msg).toMatch(/net\.yaml:\d+:\d+ {2}UNRESOLVED_REFERENCE[^]*net22[^]*net2/)
    expect(problems().at(-1)?.msg).toMatch(/^\d+ problems? in the manifests; the last good revision stays/)
    expect((await flowStats(lab)).map(({ text }) => text)).toEqual(before)
    expect(await vm1.ping('10.2.0.3', { count: 1 })).toMatchObject({ received: 1 })
    await write('net.yaml', [...NET, ...networkWithSubnet('net3', 8004, '10.3.0.0/24')])
    await untilSubnet('10.3.0.0/24')
  })

  test('an edit that undoes a mistake is said, and needs no pass', async () => {
    await startOn(NET)
    await write('net.yaml', ['kind: ['])
    await waitFor(() => problems().length > 0, { everyMs: 1 }) // within the 50 ms that a file watcher may sleep
    await write('net.yaml', NET)
    await daemon.waitForLine(/the manifests are valid again/)
  })

  test('with manifests that are invalid from the start it waits, applies nothing, and takes the first good edit', async () => {
    await lab.ofctl('del-flows', 'br-int')
    folder = join(await write('net.yaml', ['kind: Network']), '..')
    daemon = startCli(['--watch', folder], { lab })
    await daemon.waitForLine(/waiting for a good edit/)
    expect(await lab.dumpFlows('br-int')).toEqual([])
    await write('net.yaml', NET)
    await untilSubnet('10.2.0.0/24')
  })

  test('it waits for a folder that is not there yet', async () => {
    daemon = startCli(['--watch', join(lab.runDir, 'net')], { lab })
    await daemon.waitForLine(/waiting for a good edit/)
    await write('net.yaml', [...NET, ...networkWithSubnet('net4', 8005, '10.4.0.0/24')])
    await untilSubnet('10.4.0.0/24')
  })

  test('an editor that writes beside the file and renames is followed, time and again', async () => {
    await startOn(NET)
    for (const prefix of ['10.5.0.0/24', '10.6.0.0/24', '10.7.0.0/24']) {
      await write('.net.yaml.swp', [...NET, ...networkWithSubnet('net5', 8006, prefix)])
      await rename(join(folder, '.net.yaml.swp'), join(folder, 'net.yaml'))
      await untilSubnet(prefix)
    }
  })

  test('a file more and a file less are followed, also in a new folder below', async () => {
    await startOn(NET)
    const file = await write('tenants/blue/more.yaml', networkWithSubnet('net3', 8004, '10.3.0.0/24'))
    await untilSubnet('10.3.0.0/24')
    await rm(file)
    await untilNoSubnet('10.3.0.0/24')
  })

  test('of two saves in quick succession the second one stays', async () => {
    await startOn(NET)
    for (let i = 0; i < 5; i++) {
      const other = networkWithSubnet('net8', 8008, i % 2 === 0 ? '10.8.0.0/24' : '10.9.0.0/24')
      const last = networkWithSubnet('net8', 8008, `10.2${i}.0.0/24`)
      await write('net.yaml', [...NET, ...other])
      await new Promise((resolve) => setTimeout(resolve, i * 15))
      await write('net.yaml', [...NET, ...last])
      await untilSubnet(`10.2${i}.0.0/24`)
      expect([await hasSubnet('10.8.0.0/24'), await hasSubnet('10.9.0.0/24')]).toEqual([false, false])
    }
  })

  test('a link that is swapped is followed, and so is an edit behind it', async () => {
    const version = async (name: string, prefix: string) => {
      await write(`${name}/net.yaml`, [...NET, ...networkWithSubnet('net3', 8004, prefix)])
    }
    await version('v1', '10.31.0.0/24')
    await version('v2', '10.32.0.0/24')
    const link = join(lab.runDir, 'net/current')
    await symlink('v1', link)
    daemon = await startWatch(lab, [link])
    await runOrThrow('ln', ['-sfn', 'v2', link])
    await untilSubnet('10.32.0.0/24')
    await version('v2', '10.33.0.0/24')
    await untilSubnet('10.33.0.0/24')
    await runOrThrow('ln', ['-sfn', 'v1', link])
    await untilSubnet('10.31.0.0/24')
  })

  test('a mounted ConfigMap is followed: files that are links into a folder that is a link', async () => {
    const mount = join(lab.runDir, 'net')
    await write('..v1/net.yaml', NET)
    await write('..v2/net.yaml', [...NET, ...networkWithSubnet('net3', 8004, '10.41.0.0/24')])
    await symlink('..v1', join(mount, '..data'))
    await symlink('..data/net.yaml', join(mount, 'net.yaml'))
    daemon = await startWatch(lab, [mount])
    await symlink('..v2', join(mount, '..data_tmp'))
    await rename(join(mount, '..data_tmp'), join(mount, '..data'))
    await untilSubnet('10.41.0.0/24')
  })

  test('a checkout of another branch is one change, and its commit is noted on the bridge', async () => {
    folder = join(lab.runDir, 'net')
    await mkdir(folder)
    const git = (...args: readonly string[]) =>
      runOrThrow('git', ['-C', folder, '-c', 'user.name=t', '-c', 'user.email=t@example.org', ...args])
    await git('init', '-q', '-b', 'main')
    await write('net.yaml', NET)
    await commit(git)
    await git('checkout', '-q', '-b', 'grown')
    for (let i = 0; i < 50; i++) {
      await write(`more/net-${i}.yaml`, networkWithSubnet(`more-${i}`, 9000 + i, `10.50.${i}.0/24`))
    }
    await commit(git)
    await git('checkout', '-q', 'main')
    daemon = await startWatch(lab, [folder, '--max-deletes', '100%'])
    await git('checkout', '-q', 'grown')
    await untilSubnet('10.50.49.0/24')
    const changes = passesOf(daemon).filter(({ msg }) => msg.startsWith('applied'))
    expect(changes.slice(-1)).toMatchObject([{ add: 50, delete: 0 }])
    const head = (await git('rev-parse', 'HEAD')).trim()
    await waitFor(async () => (await lab.vsctl('get', 'Bridge', 'br-int', 'external_ids')).includes(head))
    await passAfter(daemon, () => git('checkout', '-q', 'main'))
    await untilNoSubnet('10.50.49.0/24')
    expect(problems()).toEqual([])
  })

  test('on a switch that does not tell of changes, a sweep puts back what somebody deleted', async () => {
    await startOn(NET)
    await daemon.stop()
    const tap = await tapOpenFlow(lab, { refuseMonitor: true })
    try {
      daemon = await startWatch(lab, [folder, '--sweep-interval', '1', '--openflow', tap.remote])
      const before = await lab.dumpFlows('br-int')
      await lab.ofctl('del-flows', 'br-int', 'table=51')
      const pass = await daemon.waitForLine(/applied; in sync/)
      expect(JSON.parse(pass)).toMatchObject({ add: 6, change: 0, delete: 0 })
      expect(await lab.dumpFlows('br-int')).toEqual(before)
    } finally {
      tap.close()
    }
  })

  test('while git holds its lock the files are not read', async () => {
    await startOn(NET)
    await runOrThrow('git', ['-C', folder, 'init', '-q'])
    await daemon.stop()
    daemon = await startWatch(lab, [folder])
    const lock = join(folder, '.git/index.lock')
    await writeFile(lock, '')
    await write('net.yaml', ['half a file'])
    await new Promise((resolve) => setTimeout(resolve, 300))
    expect(problems()).toEqual([])
    await write('net.yaml', [...NET, ...networkWithSubnet('net3', 8004, '10.3.0.0/24')])
    await rm(lock)
    await untilSubnet('10.3.0.0/24')
    expect(problems()).toEqual([])
  })
})

async function commit(git: (...args: readonly string[]) => Promise<string>): Promise<void> {
  await git('add', '.')
  await git('commit', '-q', '-m', 'manifests')
}
