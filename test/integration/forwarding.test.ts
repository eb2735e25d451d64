// The two modes of a router reach the same hosts: everything here is run for both, with real pings.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import type { RunningCli } from '../support/cli.js'
import { createLab, type Lab } from '../support/lab.js'
import { parsePing } from '../support/ping.js'
import { insideArgs } from '../support/namespace.js'
import { run } from '../support/processes.js'
import {
  connectionFlows,
  flowStats,
  GATEWAY1_MAC,
  GATEWAY2_MAC,
  manifest,
  networkWithSubnet,
  passAfter,
  portOf,
  startWatch,
  VM1,
  VM2,
  writeManifests,
} from '../support/scene.js'
import type { Vm } from '../support/vm.js'

const VM3 = {
  ...VM2,
  name: 'vm3',
  interface: 'tap-vm3',
  mac: 'fa:16:3e:00:00:03',
  ip: '10.3.0.3/24',
  gateway: '10.3.0.1',
} as const
/** Behind VM2, which forwards for it. */
const BEHIND = '192.168.7.7'

type Mode = 'reactive' | 'proactive'

function network(forwarding: Mode): readonly string[] {
  const [gateway, port2] = ['10.2.0.3', JSON.parse(portOf(VM2, 'net2')) as { spec: Record<string, unknown> }]
  port2.spec.allowedAddressPairs = [{ ipAddress: '192.168.7.0/24' }]
  return [
    ...networkWithSubnet('net1', 8002, '10.1.0.0/24'),
    ...networkWithSubnet('net2', 8003, '10.2.0.0/24'),
    // A second subnet of the first network.
    manifest('Subnet', 'net3-v4', { network: 'net1', cidr: '10.3.0.0/24' }),
    manifest('Router', 'r1', {
      forwarding,
      interfaces: [
        { subnet: 'net1-v4', macAddress: GATEWAY1_MAC },
        { subnet: 'net2-v4', macAddress: GATEWAY2_MAC },
        { subnet: 'net3-v4' },
      ],
      routes: [{ destination: '192.168.7.0/24', nextHop: gateway }],
    }),
    portOf(VM1, 'net1'),
    JSON.stringify(port2),
    portOf(VM3, 'net1').replace('"net1-v4"', '"net3-v4"'),
  ]
}

describe.each<Mode>(['reactive', 'proactive'])('through a router that is %s', (mode) => {
  let lab: Lab
  let vm1: Vm
  let vm2: Vm
  let vm3: Vm
  let daemon: RunningCli

  beforeAll(async () => {
    lab = await createLab()
    await lab.addBridge('br-int')
    ;[vm1, vm2, vm3] = [await lab.addVm(VM1), await lab.addVm(VM2), await lab.addVm(VM3)]
    for (const vm of [vm1, vm2, vm3]) await vm.plug()
    await vm2.exec('ip', 'addr', 'add', `${BEHIND}/32`, 'dev', 'lo')
    daemon = await startWatch(lab, [await writeManifests(lab, 'net.yaml', network(mode))])
  })

  afterAll(() => lab.destroy())

  const pings = async (from: Vm, address: string) =>
    expect(await from.ping(address, { count: 5, intervalMs: 20 })).toMatchObject({ received: 5 })

  test('two networks reach each other, both ways', async () => {
    await pings(vm1, '10.2.0.3')
    await pings(vm2, '10.1.0.3')
  })

  test('so do two subnets of one network', async () => {
    await pings(vm1, '10.3.0.3')
    await pings(vm3, '10.1.0.3')
  })

  test('what lies behind a static route is reached, and reaches others', async () => {
    await pings(vm1, BEHIND)
    await pings(vm3, BEHIND)
    const args = ['-n', '-c', '3', '-i', '0.05', '-I', BEHIND, '10.1.0.3']
    const { stdout } = await run('ip', insideArgs(vm2.netns, 'ping', args))
    expect(parsePing(stdout)).toMatchObject({ received: 3 })
  })

  test('all addresses of the router answer, with the daemon stopped too', async () => {
    for (const address of ['10.1.0.1', '10.2.0.1', '10.3.0.1']) await pings(vm1, address)
    await daemon.stop()
    for (const address of ['10.1.0.1', '10.2.0.1', '10.3.0.1']) await pings(vm1, address)
    daemon = await startWatch(lab, [`${lab.runDir}/net.yaml`])
  })

  test(
    mode === 'proactive' ? 'nothing is punted' : 'each direction of a connection has its flow',
    async () => {
      await lab.appctl('revalidator/purge')
      const punts = (await flowStats(lab, 'table=56')).reduce((sum, { packets }) => sum + packets, 0)
      const flows = await connectionFlows(lab)
      if (mode === 'proactive') expect({ punts, flows }).toEqual({ punts: 0, flows: [] })
      else {
        expect(punts).toBeGreaterThan(0)
        expect(flows).toHaveLength(8)
      }
    },
  )

  test('a change to the other mode and back loses no packet', async () => {
    const other: Mode = mode === 'reactive' ? 'proactive' : 'reactive'
    const ping = vm1.ping('10.2.0.3', { count: 1000, intervalMs: 2 })
    for (const next of [other, mode])
      await passAfter(daemon, () => writeManifests(lab, 'net.yaml', network(next)))
    expect(await ping).toMatchObject({ transmitted: 1000, received: 1000 })
  })
})
