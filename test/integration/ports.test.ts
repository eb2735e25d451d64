// Ports that come, go, change their numbers and their names while the daemon runs.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { setTimeout as sleep } from 'node:timers/promises'
import type { RunningCli } from '../support/cli.js'
import { createLab, type Lab } from '../support/lab.js'
import {
  logOf,
  manifest,
  portOf,
  startWatch,
  TWO_NETWORKS,
  VM1,
  VM2,
  writeManifests,
} from '../support/scene.js'
import type { Vm } from '../support/vm.js'
import { waitFor } from '../support/wait.js'

/** Found by iface-id, whatever its interface is called. */
const BY_ID = manifest('Port', 'by-id', {
  network: 'net1',
  macAddress: 'fa:16:3e:00:00:77',
  fixedIps: [{ subnet: 'net1-v4', ipAddress: '10.1.0.77' }],
  ifaceId: 'port-77',
})
/** Its device is made in the course of the test. */
const LATE = manifest('Port', 'late', {
  network: 'net1',
  macAddress: 'fa:16:3e:00:00:88',
  interface: 'tap-late',
})
/** The host itself, by the interface that every bridge has. */
const HOST_MAC = 'fa:16:3e:00:00:99'
const HOST = manifest('Port', 'host', {
  network: 'net1',
  macAddress: HOST_MAC,
  fixedIps: [{ subnet: 'net1-v4', ipAddress: '10.1.0.99' }],
  interface: 'br-int',
})

describe('a daemon on a bridge', () => {
  let lab: Lab
  let vm1: Vm
  let vm2: Vm
  let vm3: Vm
  let daemon: RunningCli

  beforeAll(async () => {
    lab = await createLab()
    await lab.addBridge('br-int')
    vm1 = await lab.addVm(VM1)
    vm2 = await lab.addVm(VM2)
    vm3 = await lab.addVm({ name: 'vm3', interface: 'tap-vm3', mac: 'fa:16:3e:00:00:77', ip: '10.1.0.77/24' })
    await vm1.plug({ ofport: 11 })
    await vm2.plug({ ofport: 12 })
    const net = [...TWO_NETWORKS, portOf(VM1, 'net1'), portOf(VM2, 'net2'), BY_ID, LATE, HOST]
    daemon = await startWatch(lab, [await writeManifests(lab, 'net.yaml', net)])
  })

  beforeEach(async () => {
    expect(await untilNetwork(11, 0x1f42)).toBe(true)
    expect(await untilNetwork(12, 0x1f43)).toBe(true)
  })

  afterAll(() => lab.destroy())

  /** The network into which frames from this port go; undefined when the port has no flow. */
  const networkOf = async (ofport: number): Promise<number | undefined> => {
    const flows = await lab.dumpFlows('br-int', `table=0,in_port=${ofport}`)
    const written = flows.map((flow) => /write_metadata:(0x\w+)/.exec(flow)?.[1]).find(Boolean)
    return written === undefined ? undefined : Number(written)
  }
  const untilNetwork = (ofport: number, segmentationId: number | undefined) =>
    waitFor(async () => (await networkOf(ofport)) === segmentationId, {
      everyMs: 10,
      what: `port ${ofport} in network ${segmentationId ?? 'none'}`,
    })
  const mentions = async (text: string): Promise<boolean> =>
    (await lab.dumpFlows('br-int')).some((flow) => flow.includes(text))

  test('a port that is unplugged loses all its flows at once, those of its connections included', async () => {
    await vm1.ping('10.2.0.3', { count: 1 })
    expect(await mentions('in_port=12,dl_src')).toBe(true)
    await vm2.unplug()
    const begin = performance.now()
    await waitFor(async () => !(await mentions('in_port=12')) && !(await mentions('output:12')), {
      everyMs: 5,
    })
    expect(performance.now() - begin).toBeLessThan(500)
    expect(await vm1.ping('10.2.0.3', { count: 1 })).toMatchObject({ received: 0 })
    await vm2.plug({ ofport: 12 })
  })

  test('plugged again under another number it works again at once', async () => {
    await vm2.unplug()
    expect(await vm2.plug({ ofport: 22 })).toBe(22)
    await untilNetwork(22, 0x1f43)
    expect(await networkOf(12)).toBeUndefined()
    expect(await vm1.ping('10.2.0.3', { count: 1 })).toMatchObject({ received: 1 })
    await vm2.unplug()
    await vm2.plug({ ofport: 12 })
  })

  test('two ports of different networks that swap their numbers keep their networks', async () => {
    await vm1.ping('10.2.0.3', { count: 1 })
    await requestPorts({ 'tap-vm1': 12, 'tap-vm2': 11 })
    await untilNetwork(12, 0x1f42)
    await untilNetwork(11, 0x1f43)
    expect(await vm1.ping('10.2.0.3', { count: 2, intervalMs: 50 })).toMatchObject({ received: 2 })
    await requestPorts({ 'tap-vm1': 11, 'tap-vm2': 12 })
  })

  const requestPorts = async (numbers: Readonly<Record<string, number>>): Promise<void> => {
    const commands = Object.entries(numbers).flatMap(([name, port]) => [
      '--',
      'set',
      'Interface',
      name,
      `ofport_request=${port}`,
    ])
    await lab.vsctl(...commands.slice(1))
  }

  test('a port is found by its iface-id, which may be given, taken away and moved at run time', async () => {
    await vm3.plug({ ofport: 77 })
    await sleep(200)
    expect(await networkOf(77)).toBeUndefined()
    await lab.vsctl('set', 'Interface', 'tap-vm3', 'external_ids:iface-id=port-77')
    await untilNetwork(77, 0x1f42)
    expect(await vm3.ping('10.1.0.3', { count: 1 })).toMatchObject({ received: 1 })
    await lab.vsctl('set', 'Interface', 'tap-vm3', 'external_ids:iface-id=another')
    await untilNetwork(77, undefined)
    await lab.vsctl('set', 'Interface', 'tap-vm3', 'external_ids:iface-id=port-77')
    await untilNetwork(77, 0x1f42)
    await vm3.unplug()
    await untilNetwork(77, undefined)
  })

  test('an attached-mac that differs from the manifest is said', async () => {
    await vm3.plug({
      ofport: 77,
      externalIds: { 'iface-id': 'port-77', 'attached-mac': 'fa:16:3e:00:00:78' },
    })
    await untilNetwork(77, 0x1f42)
    const { msg } = await waitFor(() => logOf(daemon).find((line) => line.msg.includes('attached-mac')))
    expect(msg).toContain('fa:16:3e:00:00:78')
    await vm3.unplug()
  })

  test('an interface without a device gets its flows when the device appears', async () => {
    await lab.vsctl(
      'add-port',
      'br-int',
      'tap-late',
      '--',
      'set',
      'Interface',
      'tap-late',
      'ofport_request=88',
    )
    const { msg } = await waitFor(() =>
      logOf(daemon).find((line) => line.msg.includes('interface tap-late has no port')),
    )
    expect(msg).toContain('port "late"')
    await lab.ip('link', 'add', 'tap-late', 'type', 'veth', 'peer', 'name', 'late-peer')
    await untilNetwork(88, 0x1f42)
    await lab.vsctl('del-port', 'tap-late')
    await untilNetwork(88, undefined)
  })

  test("a manifest may claim the bridge's own port", async () => {
    expect(await mentions('in_port=LOCAL actions=write_metadata:0x1f42')).toBe(true)
    expect(await mentions(`dl_dst=${HOST_MAC} actions=LOCAL`)).toBe(true)
    // The switch sets the address itself, and again whenever anything of the bridge changes.
    await lab.vsctl('set', 'Bridge', 'br-int', `other_config:hwaddr="${HOST_MAC}"`)
    await waitFor(async () => (await lab.ip('link', 'show', 'br-int')).includes(HOST_MAC))
    await lab.ip('link', 'set', 'br-int', 'up')
    await lab.ip('addr', 'add', '10.1.0.99/24', 'dev', 'br-int')
    expect(await vm1.ping('10.1.0.99', { count: 1 })).toMatchObject({ received: 1 })
  })

  test('a bridge that is deleted is made again, and its ports get their flows when they are plugged', async () => {
    await lab.vsctl('del-br', 'br-int')
    await waitFor(async () => (await lab.vsctl('list-br')) === 'br-int', { what: 'the bridge' })
    expect(await lab.vsctl('get', 'Bridge', 'br-int', 'fail_mode')).toBe('secure')
    await waitFor(() => mentions('nw_dst=10.1.0.0/24'), { what: 'the flows of the model' })
    await vm1.plug({ ofport: 11 })
    await vm2.plug({ ofport: 12 })
    await untilNetwork(12, 0x1f43)
    expect(await vm1.ping('10.2.0.3', { count: 2, intervalMs: 50 })).toMatchObject({ received: 2 })
  })
})
