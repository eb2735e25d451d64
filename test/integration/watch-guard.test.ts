// Deletions under --watch: folders that are emptied, removed, unmounted or half written while guests talk.
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { rmSync, writeFileSync } from 'node:fs'
import { cp, mkdir, readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { CLI, type RunningCli } from '../support/cli.js'
import { flowAges, touchedFlows } from '../support/flow-ages.js'
import type { Lab } from '../support/lab.js'
import { collect, runOrThrow, stop } from '../support/processes.js'
import {
  createTwoVmLab,
  logOf,
  networkWithSubnet,
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
const MORE = networkWithSubnet('net3', 8004, '10.3.0.0/24')

let lab: Lab
let vm1: Vm
let folder: string
let daemon: RunningCli

beforeAll(async () => {
  ;({ lab, vm1 } = await createTwoVmLab())
  folder = join(lab.runDir, 'net')
})
afterEach(async () => {
  await daemon.stop()
  await lab.ofctl('del-flows', 'br-int') // the next test starts with nothing to lose, and no memory
  await lab.vsctl('clear', 'Bridge', 'br-int', 'external_ids')
  await rm(folder, { recursive: true, force: true })
})
afterAll(() => lab.destroy())

const write = (name: string, manifests: readonly string[]) => writeManifests(lab, `net/${name}`, manifests)
const start = async (...args: readonly string[]) => (daemon = await startWatch(lab, [folder, ...args]))
const held = () => logOf(daemon).filter(({ msg }) => msg.startsWith('held'))
const heldCount = (count: number) =>
  waitFor(() => held().length >= count, { what: `${count} lines of what is held` })
const hasSubnet = async (prefix: string) =>
  (await lab.dumpFlows('br-int', 'table=52')).some((flow) => flow.includes(`nw_dst=${prefix}`))
const untilSubnet = (prefix: string) => waitFor(() => hasSubnet(prefix), { what: `flows of ${prefix}` })

/** Guests talk through the router while something is done to the manifests: nothing is lost, no flow is touched. */
async function expectUnharmed(act: () => Promise<unknown>): Promise<void> {
  await vm1.ping('10.2.0.3', { count: 2, intervalMs: 50 }) // the connection is open
  const before = await flowAges(lab)
  const pinging = vm1.ping('10.2.0.3', { count: 100, intervalMs: 10 })
  await act()
  const { transmitted, received } = await pinging
  const { added, removed, renewed } = touchedFlows(before, await flowAges(lab))
  expect({ transmitted, received, removed, renewed, added }).toEqual({
    ...{ transmitted: 100, received: 100 },
    ...{ removed: [], renewed: [], added: [] },
  })
  expect(before.size).toBeGreaterThan(20)
}

describe('a daemon', () => {
  beforeEach(async () => {
    await write('nets.yaml', TWO_NETWORKS)
    await write('ports.yaml', PORTS)
  })

  test('whose folder is emptied lets go of nothing, and says once what it holds and what to do', async () => {
    await start()
    await expectUnharmed(async () => {
      await rm(join(folder, 'ports.yaml'))
      await rm(join(folder, 'nets.yaml'))
      await heldCount(1)
    })
    const last = held().at(-1)
    expect(last).toMatchObject({
      level: 40,
      objects: { Network: 2, Subnet: 2, Router: 1, Port: 2 },
      remedy: expect.stringContaining('--max-deletes 7'),
    })
    expect(last?.msg).toContain('Router r1')
    const lines = held().length
    await write('note.txt', ['not a manifest'])
    await sleep(300)
    expect(held()).toHaveLength(lines)
  })

  test('whose folder is removed, or moved away and back, keeps the last good set', async () => {
    await start()
    await expectUnharmed(async () => {
      await rename(folder, `${folder}-aside`)
      await daemon.waitForLine(/PATH_UNREADABLE/)
      await rename(`${folder}-aside`, folder)
      await daemon.waitForLine(/the manifests are valid again/)
      await rm(folder, { recursive: true })
      await waitFor(() => logOf(daemon).filter(({ msg }) => msg.includes('PATH_UNREADABLE')).length > 1)
    })
    expect(held()).toEqual([])
  })

  test('goes on with the rest, and with the objects back there is nothing held any more', async () => {
    await start()
    await rm(join(folder, 'ports.yaml'))
    await heldCount(1)
    await expectUnharmed(async () => {})
    await write('more.yaml', MORE)
    await untilSubnet('10.3.0.0/24')
    const notes = () => lab.vsctl('get', 'Bridge', 'br-int', 'external_ids:reconcile-objects')
    expect(await notes()).toBe('"Network:2,Subnet:2,Router:1,Port:2"') // what was applied in full
    await write('ports.yaml', PORTS)
    await waitFor(async () => (await notes()) === '"Network:3,Subnet:3,Router:1,Port:2"')
    expect(held()).toHaveLength(1)
    // one of two goes without asking
    await write('ports.yaml', PORTS.slice(0, 1))
    await waitFor(async () => (await lab.dumpFlows('br-int', 'in_port=12')).length === 0)
  })

  test('repairs also what it holds', async () => {
    await start('--sweep-interval', '1')
    await rm(join(folder, 'ports.yaml'))
    await heldCount(1)
    const before = await lab.dumpFlows('br-int')
    await lab.ofctl('del-flows', 'br-int', 'in_port=11')
    await waitFor(async () => (await lab.dumpFlows('br-int')).length === before.length, { what: 'the flows' })
    expect(held()).toHaveLength(1)
  })

  test('that is started again with less holds flows, and with a yes deletes them', async () => {
    await start()
    await vm1.ping('10.2.0.3', { count: 2, intervalMs: 50 })
    await daemon.stop('SIGKILL')
    await rm(join(folder, 'ports.yaml'))
    await write('more.yaml', MORE)
    await start('--sweep-interval', '1')
    await heldCount(1)
    expect(held()[0]).toMatchObject({ objects: { Port: 2 } })
    await untilSubnet('10.3.0.0/24')
    await expectUnharmed(() => sleep(1_500)) // a sweep does not change its mind
    expect(held()).toHaveLength(1)
    await daemon.stop()
    await start('--max-deletes', '2')
    expect(await lab.dumpFlows('br-int', 'in_port=11')).toEqual([])
    expect(held()).toEqual([])
  })

  test('passes over a file that vanishes and comes back', async () => {
    await start()
    const passes = passesOf(daemon).length
    const file = join(folder, 'ports.yaml')
    const text = await readFile(file)
    await expectUnharmed(async () => {
      for (let i = 0; i < 5; i++) {
        // In one piece, or a busy machine makes it longer than files must be quiet for.
        rmSync(file)
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 15)
        writeFileSync(file, text)
        await sleep(60)
      }
    })
    expect(
      passesOf(daemon)
        .slice(passes)
        .filter(({ msg }) => msg.startsWith('applied')),
    ).toEqual([])
    expect(held()).toEqual([])
  })

  test('holds the rest of a file that was cut between two objects', async () => {
    await rm(join(folder, 'ports.yaml'))
    await write('nets.yaml', NET)
    await start()
    await expectUnharmed(async () => {
      await write('nets.yaml', TWO_NETWORKS)
      await heldCount(1)
    })
    expect(held()[0]).toMatchObject({ objects: { Port: 2 } })
  })
})

describe('a daemon on a folder of git', () => {
  const FILES = 1_000
  const git = (...args: readonly string[]) =>
    runOrThrow('git', ['-C', folder, '-c', 'user.name=t', '-c', 'user.email=t@example.org', ...args])

  /** One branch more, with a file for each of many networks; a set of both branches would be one of neither. */
  const branch = async (name: string, prefix: number): Promise<string> => {
    await git('checkout', '-q', '-b', name)
    for (let i = 0; i < FILES; i++) {
      const cidr = `10.${prefix + Math.floor(i / 256)}.${i % 256}.0/24`
      await write(`more/net-${i}.yaml`, networkWithSubnet(`more-${i}`, 9_000 + i, cidr))
    }
    await git('add', '.')
    await git('commit', '-q', '-m', name)
    return (await git('rev-parse', 'HEAD')).trim()
  }

  const applied = () => passesOf(daemon).filter(({ msg }) => msg.startsWith('applied'))
  /** The revision is on the bridge, and the daemon has told of the pass, which it does after that. */
  const untilRevision = (commit: string) =>
    waitFor(
      async () =>
        passesOf(daemon).some(({ revision }) => revision === commit) &&
        (await lab.vsctl('get', 'Bridge', 'br-int', 'external_ids')).includes(commit),
      { what: `commit ${commit}`, timeoutMs: 20_000 },
    )

  test('takes a checkout of a thousand files as one change, and never two trees at once', async () => {
    await mkdir(folder)
    await git('init', '-q', '-b', 'main')
    await write('net.yaml', NET)
    await git('add', '.')
    await git('commit', '-q', '-m', 'main')
    const main = (await git('rev-parse', 'HEAD')).trim()
    const blue = await branch('blue', 100)
    const green = await branch('green', 110)
    await git('checkout', '-q', 'main')
    await start()
    await expectNothingOf(main, 0)
    await git('checkout', '-q', 'blue')
    await untilRevision(blue)
    expect(applied().slice(1)).toMatchObject([{ add: FILES, change: 0, delete: 0 }])
    await git('checkout', '-q', 'green')
    await untilRevision(green)
    expect(applied().slice(2)).toMatchObject([{ add: FILES, change: 0, delete: FILES }])
    // And back to where most of it is missing: nothing goes.
    await git('checkout', '-q', 'main')
    await heldCount(1)
    expect(held()[0]).toMatchObject({ objects: { Network: FILES, Subnet: FILES } })
    expect(await hasSubnet('10.113.231.0/24')).toBe(true)
    const revisions = new Set(passesOf(daemon).map(({ revision }) => revision))
    expect([...revisions].filter((revision) => ![main, blue, green].includes(String(revision)))).toEqual([])
  }, 120_000)

  async function expectNothingOf(commit: string, more: number): Promise<void> {
    await untilRevision(commit)
    expect(applied()).toHaveLength(1)
    expect(
      (await lab.dumpFlows('br-int', 'table=52')).filter((flow) => flow.includes('nw_dst=10.100.')),
    ).toHaveLength(more)
  }
})

test('a folder that is unmounted is an empty one: nothing goes', async () => {
  const source = join(lab.runDir, 'source')
  await writeManifests(lab, 'source/net.yaml', NET)
  await mkdir(folder)
  // The mount is seen by the daemon alone, and goes with it.
  const script =
    'mount -t tmpfs none "$1" && cp "$2"/* "$1" && exec "$3" "$4" --watch -v --sweep-interval 1 "$1"'
  const child = lab.spawn('unshare', [
    '--mount',
    'sh',
    '-c',
    script,
    'sh',
    folder,
    source,
    process.execPath,
    CLI,
  ])
  const [stdout, stderr] = [collect(child.stdout), collect(child.stderr)]
  const waitForLine = (pattern: RegExp) =>
    waitFor(
      () =>
        stderr()
          .split('\n')
          .find((line) => pattern.test(line)),
      { what: String(pattern) },
    )
  daemon = { child, stdout, stderr, waitForLine, stop: (signal) => stop(child, signal) }
  await waitForLine(/in sync/)
  await expectUnharmed(async () => {
    await runOrThrow('nsenter', ['--mount', '--target', String(child.pid), 'umount', folder])
    await waitForLine(/held/)
  })
  expect(held()[0]).toMatchObject({ objects: { Network: 2, Subnet: 2, Router: 1, Port: 2 } })
  await cp(source, folder, { recursive: true }) // what lies below the mount
  await writeManifests(lab, 'net/more.yaml', MORE)
  await untilSubnet('10.3.0.0/24')
})
