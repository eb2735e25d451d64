// `--pcap`: every packet that comes to the daemon, with its verdict, in a file that others can read at any time.
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals'
import { mkdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { runCli, type RunningCli } from '../support/cli.js'
import type { Lab } from '../support/lab.js'
import { ipv4Frame } from '../support/packets.js'
import { readCapture, tcpdumpRead } from '../support/pcapng.js'
import { runOrThrow } from '../support/processes.js'
import {
  createTwoVmLab,
  deleteConnections,
  logOf,
  portOf,
  startWatch,
  TWO_NETWORKS,
  VM1,
  VM2,
  writeManifests,
} from '../support/scene.js'
import { sendFrames } from '../support/traffic.js'
import type { Vm } from '../support/vm.js'
import { waitFor } from '../support/wait.js'

let lab: Lab
let vm1: Vm
let file: string
const daemons: RunningCli[] = []

beforeAll(async () => {
  ;({ lab, vm1 } = await createTwoVmLab())
  file = await writeManifests(lab, 'net.yaml', [...TWO_NETWORKS, portOf(VM1, 'net1'), portOf(VM2, 'net2')])
})
afterEach(async () => {
  for (const daemon of daemons.splice(0)) await daemon.stop()
  await deleteConnections(lab)
})
afterAll(() => lab.destroy())

async function start(path: string): Promise<RunningCli> {
  const daemon = await startWatch(lab, ['--pcap', path, file])
  daemons.push(daemon)
  return daemon
}

test('packets and verdicts can be read while the daemon runs, and after it', async () => {
  const path = join(lab.runDir, 'punted.pcapng')
  const daemon = await start(path)
  const before = Date.now() / 1000
  expect(await vm1.ping('10.2.0.3', { count: 1 })).toMatchObject({ received: 1 })
  const unknown = ipv4Frame({ ethSrc: VM1.mac, ipDst: '10.2.0.99', protocol: 17, payload: Buffer.alloc(8) })
  await sendFrames(vm1, unknown)
  const { packets } = await waitFor(async () => {
    const capture = await readCapture(path)
    return capture.packets.length >= 2 && capture
  })
  expect(packets[0]?.comments).toEqual(['connection; in_port=11 network=8002 table=56'])
  expect(packets.at(-1)).toMatchObject({
    frame: unknown.toString('hex'),
    comments: ['refused: unknown-host (host-unreachable); in_port=11 network=8002 table=56'],
  })
  for (const { time } of packets) {
    expect(time).toBeGreaterThan(before - 1)
    expect(time).toBeLessThan(Date.now() / 1000 + 1)
  }
  const lines = await tcpdumpRead(path)
  expect(lines).toHaveLength(packets.length)
  expect(lines[0]).toMatch(/10\.1\.0\.3 > 10\.2\.0\.3: ICMP echo request/)
  await daemon.stop()
  expect((await readCapture(path)).packets).toEqual(packets)
})

test('a path that cannot be written keeps the daemon from starting, with a clear word', async () => {
  const path = join(lab.runDir, 'none', 'f.pcapng')
  const { code, stderr } = await runCli(['--watch', '--pcap', path, file], { env: lab.env })
  expect(code).toBe(1)
  expect(stderr).toMatch(/OUTPUT_UNWRITABLE[\s\S]*none\/f\.pcapng[\s\S]*Use --pcap/)
})

test('a disk that is full is one warning; the daemon goes on, and the file stays whole', async () => {
  const folder = join(lab.runDir, 'small')
  await mkdir(folder)
  await runOrThrow('mount', ['-t', 'tmpfs', '-o', 'size=16k', 'tmpfs', folder])
  try {
    const path = join(folder, 'f.pcapng')
    const daemon = await start(path)
    const payload = Buffer.alloc(1_000)
    const frames = Array.from({ length: 40 }, (_, n) =>
      ipv4Frame({ ethSrc: VM1.mac, ipDst: `10.2.0.${100 + n}`, protocol: 17, payload }),
    )
    await sendFrames(vm1, ...frames)
    const warnings = () =>
      logOf(daemon).filter(({ level, msg }) => level === 40 && msg.includes('OUTPUT_UNWRITABLE'))
    await waitFor(() => warnings().length > 0)
    await sendFrames(vm1, ...frames)
    expect(await vm1.ping('10.2.0.3', { count: 2 })).toMatchObject({ received: 2 })
    expect(warnings()).toHaveLength(1)
    expect(warnings()[0]?.msg).toMatch(/No more packets are written to .*no space left on device/)
    const { packets } = await readCapture(path)
    expect(packets.length).toBeGreaterThan(0)
    expect((await stat(path)).size).toBeLessThanOrEqual(16_384)
    await daemon.stop()
  } finally {
    await runOrThrow('umount', ['-l', folder])
  }
})
