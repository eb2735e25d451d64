// Ports of two tenants that take over each other's numbers. Between the switch's change and ours there is a moment that no
// controller can close (docs/reliability.md); here is what holds before and after it, and what we do in it.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { join } from 'node:path'
import { SwitchLink } from '../../src/reconcile/switch-link.js'
import { parseEndpoint } from '../../src/values/endpoint.js'
import type { RunningCli } from '../support/cli.js'
import { createLab, type Lab } from '../support/lab.js'
import { ethernetFrame } from '../support/packets.js'
import { networkWithSubnet, portOf, startWatch, writeManifests } from '../support/scene.js'
import { startNoise } from '../support/traffic.js'
import type { Vm, VmOptions } from '../support/vm.js'
import { waitFor } from '../support/wait.js'

const VMS = {
  red1: { name: 'red1', interface: 'tap-red1', mac: 'fa:16:3e:00:01:01' },
  red2: { name: 'red2', interface: 'tap-red2', mac: 'fa:16:3e:00:01:02' },
  blue1: { name: 'blue1', interface: 'tap-blue1', mac: 'fa:16:3e:00:02:01' },
  blue2: { name: 'blue2', interface: 'tap-blue2', mac: 'fa:16:3e:00:02:02' },
} as const satisfies Record<string, VmOptions>

type Name = keyof typeof VMS
const NAMES = Object.keys(VMS) as readonly Name[]
const NUMBERS: Readonly<Record<Name, number>> = { red1: 11, red2: 12, blue1: 21, blue2: 22 }
const [RED, BLUE] = ['0x64', '0xc8']

const NET = [
  ...networkWithSubnet('red', 100, '10.1.0.0/24'),
  ...networkWithSubnet('blue', 200, '10.1.0.0/24'),
  ...[portOf(VMS.red1, 'red'), portOf(VMS.red2, 'red')],
  ...[portOf(VMS.blue1, 'blue'), portOf(VMS.blue2, 'blue')],
]

let lab: Lab
let vms: Record<Name, Vm>

beforeAll(async () => {
  lab = await createLab()
  await lab.addBridge('br-int')
  const booted = await Promise.all(NAMES.map(async (name) => [name, await lab.addVm(VMS[name])] as const))
  vms = Object.fromEntries(booted) as Record<Name, Vm>
  for (const name of NAMES) await vms[name].plug({ ofport: NUMBERS[name] })
})

afterAll(() => lab.destroy())

/** In one transaction of OVSDB. */
async function requestNumbers(numbers: Readonly<Partial<Record<Name, number>>>): Promise<void> {
  const commands = Object.entries(numbers).flatMap(([name, number]) => [
    ...['--', 'set', 'Interface', VMS[name as Name].interface, `ofport_request=${number}`],
  ])
  await lab.vsctl(...commands.slice(1))
}

async function networkOf(ofport: number): Promise<string | undefined> {
  const flows = await lab.dumpFlows('br-int', `table=0,in_port=${ofport}`)
  return flows.map((flow) => /write_metadata:(0x\w+)/.exec(flow)?.[1]).find(Boolean)
}

describe('under a daemon', () => {
  let daemon: RunningCli

  beforeAll(async () => {
    daemon = await startWatch(lab, [await writeManifests(lab, 'net.yaml', NET)])
  })
  afterAll(() => daemon.stop())

  const untilNetworks = async (networks: Readonly<Record<number, string | undefined>>): Promise<void> => {
    for (const [ofport, network] of Object.entries(networks)) {
      await waitFor(async () => (await networkOf(Number(ofport))) === network, {
        what: `port ${ofport} in ${network ?? 'no network'}`,
      })
    }
  }

  /** Lets all send to everybody and to each, and gives by VM whom it heard. */
  const heard = async (): Promise<Record<Name, readonly string[]>> => {
    const captures = await each((vm, name) => vm.capture(`not ether src ${VMS[name].mac}`))
    const noises = await each((vm, name) => startNoise(vm, framesOf(VMS[name].mac)))
    await waitFor(() => NAMES.every((name) => captures[name].lines.length > 20), { what: 'some noise' })
    await each((_, name) => noises[name]())
    return each(async (_, name) => sendersIn(await captures[name].stop()))
  }

  const OWN_NETWORK = { red1: ['red2'], red2: ['red1'], blue1: ['blue2'], blue2: ['blue1'] }

  test('two ports that swap numbers in one transaction hear and reach their own network alone', async () => {
    await requestNumbers({ red1: 21, blue1: 11 })
    await untilNetworks({ 11: BLUE, 21: RED })
    expect(await heard()).toEqual(OWN_NETWORK)
    await requestNumbers({ red1: 11, blue1: 21 })
    await untilNetworks({ 11: RED, 21: BLUE })
    expect(await heard()).toEqual(OWN_NETWORK)
  })

  test("a number that another tenant's port gets in the transaction that frees it leads to the other network alone", async () => {
    await lab.vsctl('del-port', 'tap-red1')
    await untilNetworks({ 11: undefined })
    await vms.red1.plug({ ofport: 31 })
    await untilNetworks({ 31: RED })
    await lab.vsctl(
      ...['del-port', 'tap-red1', '--', 'del-port', 'tap-blue1', '--', 'add-port', 'br-int', 'tap-blue1'],
      ...['--', 'set', 'Interface', 'tap-blue1', 'ofport_request=31'],
    )
    await untilNetworks({ 31: BLUE, 21: undefined })
    await vms.red1.plug({ ofport: 21 })
    await untilNetworks({ 21: RED })
    expect(await heard()).toEqual(OWN_NETWORK)
  })
})

/** What is done at once, before any pass: nobody makes one here. */
test('the flows of a number end when another port takes it over, and no others', async () => {
  const socket = (name: string) => parseEndpoint(`unix:${join(lab.runDir, name)}`)
  const target = { ovsdb: socket('db.sock'), openflow: socket('br-int.mgmt'), datapathType: undefined }
  await requestNumbers({ red1: 11, blue1: 21 })
  const link = await SwitchLink.open({ ...target, bridge: 'br-int' })
  await link.connectBridge((connection) => {
    connection.listen((message) => void link.receive(message))
    connection.send({ type: 'set_async', packetIn: 0, portStatus: 7, flowRemoved: 0 })
  })
  try {
    await addFlows(
      'cookie=0xdf01430000000001,table=0,priority=1000,in_port=11,actions=drop',
      'cookie=0xdf014b0000000001,table=55,priority=100,metadata=0x64,dl_dst=fa:16:3e:00:01:01,actions=output:11',
      'cookie=0xdf014b0000000002,table=55,priority=100,metadata=0x64,dl_dst=fa:16:3e:00:01:02,actions=output:12',
      'cookie=0x77,table=0,priority=5,in_port=11,actions=output:11',
    )
    await requestNumbers({ red1: 41, red2: 11 })
    // 12 was given back, and nobody else has it: no frame can come from it or go to it.
    const others = [expect.stringContaining('cookie=0x77'), expect.stringContaining('output:12')]
    await waitFor(async () => (await left()).length === others.length, { what: 'the end of the flows' })
    expect(await left()).toEqual(others)
    expect(link.interfaces.find(({ name }) => name === 'tap-red2')?.ofport).toBe(11)
  } finally {
    link.close()
  }
})

const left = async (): Promise<readonly string[]> =>
  (await lab.dumpFlows('br-int')).filter((flow) => /in_port=11|output:1[12]/.test(flow))

async function addFlows(...flows: readonly string[]): Promise<void> {
  await lab.ofctl('del-flows', 'br-int')
  for (const flow of flows) await lab.ofctl('add-flow', 'br-int', flow)
}

async function each<T>(act: (vm: Vm, name: Name) => Promise<T>): Promise<Record<Name, T>> {
  const done = await Promise.all(NAMES.map(async (name) => [name, await act(vms[name], name)] as const))
  return Object.fromEntries(done) as Record<Name, T>
}

/** To everybody and to each VM: an ARP probe (RFC 5227), which a port may send that has no address. */
function framesOf(ethSrc: string): readonly Buffer[] {
  const others = NAMES.map((name) => VMS[name].mac).filter((mac) => mac !== ethSrc)
  const probe = Buffer.from(
    `0001080006040001${ethSrc.replaceAll(':', '')}00000000${'00'.repeat(6)}0a010005`,
    'hex',
  )
  return ['ff:ff:ff:ff:ff:ff', ...others].map((ethDst) => ethernetFrame(0x0806, probe, { ethSrc, ethDst }))
}

/** Names of VMs whose frames these are. */
function sendersIn(lines: readonly string[]): readonly string[] {
  return NAMES.filter((name) => lines.some((line) => line.includes(`${VMS[name].mac} >`)))
}
