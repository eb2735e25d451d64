// Networks of other shapes on the reactive path: many pairs at once, one network with two subnets, tenants that use
// the same addresses.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import type { RunningCli } from '../support/cli.js'
import { createLab, type Lab } from '../support/lab.js'
import {
  connectionFlows,
  deleteConnections,
  manifest,
  networkWithSubnet,
  passAfter,
  portOf,
  punted,
  startWatch,
  writeManifests,
} from '../support/scene.js'
import type { Vm, VmOptions } from '../support/vm.js'

/** Tenants a and b use the same subnets. */
const A1 = vm('a1', 'fa:16:3e:00:0a:01', '10.1.0.3')
const A2 = vm('a2', 'fa:16:3e:00:0a:02', '10.2.0.3')
const B1 = vm('b1', 'fa:16:3e:00:0b:01', '10.1.0.3')
const B2 = vm('b2', 'fa:16:3e:00:0b:02', '10.2.0.4')

function vm(name: string, mac: string, address: string): VmOptions {
  const gateway = address.replace(/\d+$/, '1')
  return { name, interface: `tap-${name}`, mac, ip: `${address}/24`, gateway }
}

const tenant = (name: string, firstId: number): readonly string[] => [
  ...networkWithSubnet(`net-${name}1`, firstId, '10.1.0.0/24'),
  ...networkWithSubnet(`net-${name}2`, firstId + 1, '10.2.0.0/24'),
  manifest('Router', `r-${name}`, {
    interfaces: [{ subnet: `net-${name}1-v4` }, { subnet: `net-${name}2-v4` }],
  }),
]

describe('on one switch', () => {
  let lab: Lab
  let vms: Record<'a1' | 'a2' | 'b1' | 'b2', Vm>
  let daemon: RunningCli
  const NET = [
    ...tenant('a', 100),
    ...tenant('b', 200),
    ...[portOf(A1, 'net-a1'), portOf(A2, 'net-a2'), portOf(B1, 'net-b1'), portOf(B2, 'net-b2')],
  ]

  beforeAll(async () => {
    lab = await createLab()
    await lab.addBridge('br-int')
    const [a1, a2, b1, b2] = await Promise.all([A1, A2, B1, B2].map((options) => lab.addVm(options)))
    vms = { a1: a1!, a2: a2!, b1: b1!, b2: b2! }
    for (const each of Object.values(vms)) await each.plug()
    daemon = await startWatch(lab, [await writeManifests(lab, 'net.yaml', NET)])
  })

  beforeEach(() => deleteConnections(lab))
  afterAll(() => lab.destroy())

  test('tenants with the same addresses never meet', async () => {
    const [atA2, atB2] = await Promise.all([vms.a2.capture('icmp'), vms.b2.capture('icmp')])
    expect(await vms.a1.ping('10.2.0.3', { count: 1 })).toMatchObject({ received: 1 })
    expect(await vms.b1.ping('10.2.0.4', { count: 1 })).toMatchObject({ received: 1 })
    // Each asks for the address that only the other tenant has.
    expect(await vms.a1.ping('10.2.0.4', { count: 1 })).toMatchObject({ received: 0 })
    expect(await vms.b1.ping('10.2.0.3', { count: 1 })).toMatchObject({ received: 0 })
    expect(await atA2.stop()).toHaveLength(2)
    expect(await atB2.stop()).toHaveLength(2)
    expect(await connectionFlows(lab)).toHaveLength(4)
  })

  test('of twenty first pings at once none is lost, and none costs more than one packet-in', async () => {
    const sources = [...Array(10).keys()].map((i) => `10.1.0.${20 + i}`)
    const destinations = ['10.2.0.20', '10.2.0.21']
    await addAddresses(vms.a1, sources)
    await addAddresses(vms.a2, destinations)
    await passAfter(daemon, () =>
      writeManifests(lab, 'net.yaml', NET.map(withAddresses(sources, destinations))),
    )
    const before = await punted(lab)
    const pings = sources.flatMap((source) =>
      destinations.map((destination) => vms.a1.exec('ping', '-c1', '-W2', '-I', source, destination)),
    )
    await Promise.all(pings) // one without an answer fails
    expect((await punted(lab)) - before).toBeLessThanOrEqual(20)
    expect(await connectionFlows(lab)).toHaveLength(40)
  })

  test('two subnets of one network reach each other through the router', async () => {
    const oneNetwork = NET.map((text) => text.replaceAll('"network":"net-a2"', '"network":"net-a1"'))
    await passAfter(daemon, () => writeManifests(lab, 'net.yaml', oneNetwork))
    const before = await punted(lab)
    expect(await vms.a1.ping('10.2.0.3', { count: 3, intervalMs: 20 })).toMatchObject({ received: 3 })
    expect((await punted(lab)) - before).toBe(1)
    expect(await connectionFlows(lab)).toHaveLength(2)
  })
})

async function addAddresses(to: Vm, addresses: readonly string[]): Promise<void> {
  for (const address of addresses) await to.exec('ip', 'addr', 'add', `${address}/24`, 'dev', 'eth0')
}

function withAddresses(sources: readonly string[], destinations: readonly string[]) {
  const add = (text: string, subnet: string, addresses: readonly string[]): string =>
    text.replace(
      '"fixedIps":[',
      `"fixedIps":[${addresses.map((ipAddress) => JSON.stringify({ subnet, ipAddress }) + ',').join('')}`,
    )
  return (text: string): string => {
    if (text.includes('tap-a1')) return add(text, 'net-a1-v4', sources)
    return text.includes('tap-a2') ? add(text, 'net-a2-v4', destinations) : text
  }
}
