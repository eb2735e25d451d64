// A guest that asks for very many pairs: refused ones are remembered by the switch, so many and no longer, and beyond its
// share of connections a port has one flow for a whole subnet. Nobody else is the worse for it.
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { createLab, type Lab } from '../support/lab.js'
import { ipv4Frame } from '../support/packets.js'
import {
  connectionFlows,
  flowStats,
  GATEWAY1_MAC,
  GATEWAY2_MAC,
  manifest,
  passAfter,
  portOf,
  punted,
  startWatch,
  TWO_NETWORKS,
  VM1,
  VM2,
  writeManifests,
} from '../support/scene.js'
import { runCli, type RunningCli } from '../support/cli.js'
import { sendFrames } from '../support/traffic.js'
import type { Vm, VmOptions } from '../support/vm.js'
import { waitFor } from '../support/wait.js'

const NEIGHBOUR: VmOptions = {
  ...{ name: 'vm3', interface: 'tap-vm3', mac: 'fa:16:3e:00:00:33', ip: '10.1.0.33/24', gateway: '10.1.0.1' },
}
const MAX_CONNECTIONS = 4
/** Addresses of the second machine, more than the first may have connections. */
const MANY = Array.from({ length: 8 }, (_, i) => `10.2.0.${20 + i}`)

let lab: Lab
let vm1: Vm
let vm2: Vm
let neighbour: Vm
let daemon: RunningCli

const secondMachine = manifest('Port', 'vm2', {
  ...{ network: 'net2', macAddress: VM2.mac, interface: VM2.interface },
  fixedIps: ['10.2.0.3', ...MANY].map((ipAddress) => ({ subnet: 'net2-v4', ipAddress })),
})
const NET = [...TWO_NETWORKS, portOf(VM1, 'net1'), portOf(NEIGHBOUR, 'net1'), secondMachine]

beforeAll(async () => {
  lab = await createLab()
  await lab.addBridge('br-int')
  ;[vm1, vm2, neighbour] = [await lab.addVm(VM1), await lab.addVm(VM2), await lab.addVm(NEIGHBOUR)]
  await vm1.plug({ ofport: 11 })
  await vm2.plug({ ofport: 12 })
  await neighbour.plug({ ofport: 13 })
  for (const address of MANY) await vm2.exec('ip', 'addr', 'add', `${address}/24`, 'dev', 'eth0')
  const file = await writeManifests(lab, 'net.yaml', NET)
  daemon = await startWatch(lab, [file, '--max-connections', String(MAX_CONNECTIONS)])
})

afterAll(() => lab.destroy())

const refused = () => flowStats(lab, 'cookie=0xdf01910000000000/0xffffff0000000000')
const fallbacks = () => flowStats(lab, 'cookie=0xdf01920000000000/0xffffff0000000000')

const muted = async () => (await flowStats(lab, 'table=56')).filter(({ priority }) => priority === 200)

/** One frame to each of so many addresses that nobody has. */
function scan(count: number): readonly Buffer[] {
  return Array.from({ length: count }, (_, i) =>
    ipv4Frame({ ethSrc: VM1.mac, ethDst: GATEWAY1_MAC, ipDst: `172.16.${i >> 8}.${i & 255}`, protocol: 47 }),
  )
}

test('a refused pair is dropped by the switch for three seconds', async () => {
  await sendFrames(vm1, ...scan(1))
  const flows = await waitFor(async () => {
    const all = await refused()
    return all.length > 0 && all
  })
  expect(flows).toMatchObject([{ table: 52, priority: 95, hardTimeout: 3, idleTimeout: 0 }])
  await sendFrames(vm1, ...scan(1))
  await lab.appctl('revalidator/purge')
  expect((await refused())[0]?.packets).toBe(1)
  await waitFor(async () => (await refused()).length === 0, { what: 'the end of the refused pair' })
})

test('the 17th refused pair has its port muted, and the 16 before it go', async () => {
  await sendFrames(vm1, ...scan(16))
  await waitFor(async () => (await refused()).length === 16, { what: '16 refused pairs', timeoutMs: 2_500 })
  await sendFrames(vm1, ...scan(17).slice(16))
  await waitFor(async () => (await muted()).length === 1, { what: 'the port to be muted', timeoutMs: 2_500 })
  expect(await refused()).toEqual([])
  expect((await runCli(['flush', 'Port/vm1'], { env: lab.env })).code).toBe(0)
})

test('a scan of 1,000 addresses has its port muted and leaves no refused pair, and the neighbour goes on', async () => {
  expect(await neighbour.ping('10.2.0.3', { count: 1 })).toMatchObject({ received: 1 })
  const pings = neighbour.ping('10.2.0.3', { count: 40, intervalMs: 20 })
  await sendFrames(vm1, ...scan(1000))
  // With 16 refused pairs, or sooner where the scan is quicker than its answers.
  await waitFor(async () => (await muted()).length > 0, { what: 'the scanning port to be muted' })
  expect(await refused()).toEqual([])
  expect(await pings).toMatchObject({ received: 40 })
  expect(await refused()).toEqual([])
})

test('who scans is not heard for a while, and reaches what its router knows; a flush has it heard again', async () => {
  expect(await muted()).toMatchObject([{ idleTimeout: 5, text: expect.stringContaining('in_port=11') }])
  const asked = await punted(lab, 'table=56,in_port=11')
  await sendFrames(vm1, ...scan(100))
  expect(await vm1.ping('10.2.0.20', { count: 3, intervalMs: 10 })).toMatchObject({ received: 3 })
  expect(await punted(lab, 'table=56,in_port=11')).toBe(asked)
  expect((await runCli(['flush', 'Port/vm1'], { env: lab.env })).code).toBe(0)
  expect([...(await muted()), ...(await fallbacks())]).toEqual([])
  expect(await vm1.ping('10.2.0.20', { count: 1 })).toMatchObject({ received: 1 })
  expect(await punted(lab, 'table=56,in_port=11')).toBeGreaterThan(asked)
})

test('a refused pair that an edit allows goes in the pass of the edit', async () => {
  const allowed = {
    ...NEIGHBOUR,
    name: 'vm4',
    interface: 'tap-vm4',
    mac: 'fa:16:3e:00:00:44',
    ip: '10.1.0.44/24',
  }
  const vm4 = await lab.addVm(allowed)
  await vm4.plug({ ofport: 14 })
  await sendFrames(
    vm2,
    ipv4Frame({ ethSrc: VM2.mac, ethDst: GATEWAY2_MAC, ipSrc: '10.2.0.3', ipDst: '10.1.0.44', protocol: 47 }),
  )
  const asked = async () => (await refused()).filter(({ text }) => text.includes('nw_dst=10.1.0.44'))
  await waitFor(async () => (await asked()).length === 1)
  await passAfter(daemon, () => writeManifests(lab, 'net.yaml', [...NET, portOf(allowed, 'net1')]))
  expect(await asked()).toEqual([])
  expect(await vm2.ping('10.1.0.44', { count: 1 })).toMatchObject({ received: 1 })
})

test('beyond its share of connections a port has one flow for a subnet, and reaches all of it', async () => {
  for (const address of MANY) expect(await vm1.ping(address, { count: 1 })).toMatchObject({ received: 1 })
  const own = (flows: readonly { readonly text: string }[]) =>
    flows.filter(({ text }) => text.includes('in_port=11,'))
  expect(own(await connectionFlows(lab))).toHaveLength(MAX_CONNECTIONS)
  const [fallback, ...others] = own(await fallbacks())
  expect(others).toEqual([])
  expect(fallback?.text).toContain('priority=90,ip,metadata=0x1f42,in_port=11')
  expect(fallback?.text).toContain('nw_dst=10.2.0.0/24 actions=write_metadata:0x3e567e8acb000000')
  for (const address of MANY) {
    expect(await vm1.ping(address, { count: 2, intervalMs: 20 })).toMatchObject({ received: 2 })
  }
  expect(own(await connectionFlows(lab))).toHaveLength(MAX_CONNECTIONS)
})

test('after a restart all of it is read back, checked and kept', async () => {
  const before = [...(await connectionFlows(lab)), ...(await fallbacks())].map(({ text }) => text).sort()
  await daemon.stop()
  const file = await writeManifests(lab, 'net.yaml', NET)
  daemon = await startWatch(lab, [file, '--max-connections', String(MAX_CONNECTIONS)])
  const after = [...(await connectionFlows(lab)), ...(await fallbacks())].map(({ text }) => text).sort()
  expect(after).toEqual(before.filter((text) => !text.includes('10.1.0.44')))
})

test('a fallback goes with the subnet that it leads to, as the connections do', async () => {
  const oneLeg = manifest('Router', 'r1', { interfaces: [{ subnet: 'net1-v4', macAddress: GATEWAY1_MAC }] })
  const edited = NET.map((text) => (text.includes('"r1"') ? oneLeg : text))
  await passAfter(daemon, () => writeManifests(lab, 'net.yaml', edited))
  expect(await fallbacks()).toEqual([])
  expect(await connectionFlows(lab)).toEqual([])
})
