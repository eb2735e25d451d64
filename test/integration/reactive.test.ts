// The reactive path on a real switch: the first packet between two subnets opens a connection, and none is lost.
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import type { RunningCli } from '../support/cli.js'
import type { Lab } from '../support/lab.js'
import { ipv4Frame } from '../support/packets.js'
import {
  createTwoVmLab,
  connectionFlows,
  countersOf,
  deleteConnections,
  GATEWAY1_MAC,
  GATEWAY2_MAC,
  logOf,
  manifest,
  networkWithSubnet,
  passAfter,
  portOf,
  punted,
  spoofed,
  startWatch,
  TWO_NETWORKS,
  VM1,
  VM2,
  writeManifests,
} from '../support/scene.js'
import { sendFrames, tcpConnectMs, udpBurst } from '../support/traffic.js'
import type { Vm } from '../support/vm.js'
import { waitFor } from '../support/wait.js'

const OTHER_ROUTER = [
  ...networkWithSubnet('net3', 8004, '10.3.0.0/24'),
  manifest('Router', 'r2', { interfaces: [{ subnet: 'net3-v4' }] }),
]
const NET = [...TWO_NETWORKS, ...OTHER_ROUTER, portOf(VM1, 'net1'), portOf(VM2, 'net2')]
const ROUTER_WITH_ONE_LEG = manifest('Router', 'r1', {
  interfaces: [{ subnet: 'net1-v4', macAddress: GATEWAY1_MAC }],
})
/** The match of the flow from VM1 to VM2. */
const THERE =
  `table=52,priority=100,ip,metadata=0x1f42,in_port=11,dl_src=${VM1.mac},dl_dst=${GATEWAY1_MAC},` +
  'nw_src=10.1.0.3,nw_dst=10.2.0.3'

describe('two VMs in two subnets of one router', () => {
  let lab: Lab
  let vm1: Vm
  let vm2: Vm
  let daemon: RunningCli

  beforeAll(async () => {
    ;({ lab, vm1, vm2 } = await createTwoVmLab())
    const file = await writeManifests(lab, 'net.yaml', NET)
    daemon = await startWatch(lab, [file])
  })

  afterAll(() => lab.destroy())

  /** An edit that asks for a pass and changes nothing. */
  const relabel = (name: string) =>
    writeManifests(lab, 'net.yaml', [
      ...NET.slice(1),
      manifest('Network', name, { segmentationId: 8002 }, { a: 'b' }),
    ])

  /** No connection is left, and the daemon has heard of it: the next packet is a first one. */
  beforeEach(() => deleteConnections(lab))

  test('the first ping is answered and costs one packet-in and two flows', async () => {
    const before = await punted(lab)
    const ping = await vm1.ping('10.2.0.3', { count: 1 })
    expect(ping).toMatchObject({ transmitted: 1, received: 1, lossPercent: 0 })
    expect((await punted(lab)) - before).toBe(1)
    expect(await connectionFlows(lab)).toMatchObject([
      { table: 52, priority: 100, idleTimeout: 300, hardTimeout: 0 },
      { table: 52, priority: 100, idleTimeout: 300, hardTimeout: 0 },
    ])
    const [there, back] = (await connectionFlows(lab)).map(({ text }) => text).sort()
    expect(there).toBe(
      `priority=100,ip,metadata=0x1f42,in_port=11,dl_src=${VM1.mac},dl_dst=${GATEWAY1_MAC},nw_src=10.1.0.3,nw_dst=10.2.0.3 ` +
        `actions=dec_ttl,set_field:${GATEWAY2_MAC}->eth_src,set_field:${VM2.mac}->eth_dst,output:12`,
    )
    expect(back).toBe(
      `priority=100,ip,metadata=0x1f43,in_port=12,dl_src=${VM2.mac},dl_dst=${GATEWAY2_MAC},nw_src=10.2.0.3,nw_dst=10.1.0.3 ` +
        `actions=dec_ttl,set_field:${GATEWAY1_MAC}->eth_src,set_field:${VM1.mac}->eth_dst,output:11`,
    )
  })

  test('pings after the first one never come to the controller, in either direction', async () => {
    const before = await punted(lab)
    expect(await vm1.ping('10.2.0.3', { count: 10, intervalMs: 20 })).toMatchObject({ received: 10 })
    expect(await vm2.ping('10.1.0.3', { count: 10, intervalMs: 20 })).toMatchObject({ received: 10 })
    expect((await punted(lab)) - before).toBe(1)
    expect(await connectionFlows(lab)).toHaveLength(2)
  })

  test('a routed packet has one hop less to live', async () => {
    const capture = await vm2.capture('icmp[icmptype] = icmp-echo')
    await vm1.ping('10.2.0.3', { count: 1 })
    const [frame = ''] = await capture.stop()
    expect(frame).toContain(`${GATEWAY2_MAC} > ${VM2.mac}`)
    const verbose = await vm2.capture('icmp[icmptype] = icmp-echo and ip[8] = 63')
    await vm1.ping('10.2.0.3', { count: 2, intervalMs: 50 })
    expect(await verbose.stop()).toHaveLength(2)
  })

  test('a connection whose flow somebody deleted is put back by no pass, but by its next packet', async () => {
    await vm1.ping('10.2.0.3', { count: 1 })
    await lab.ofctl('--strict', 'del-flows', 'br-int', THERE)
    const pass = await passAfter(daemon, () => relabel('net1'))
    expect(pass).toMatchObject({ add: 0, change: 0, delete: 0 })
    expect(await connectionFlows(lab)).toHaveLength(1)
    const before = await punted(lab)
    expect(await vm1.ping('10.2.0.3', { count: 1 })).toMatchObject({ received: 1 })
    expect((await punted(lab)) - before).toBe(1)
    expect(await connectionFlows(lab)).toHaveLength(2)
  })

  test('the first SYN of a TCP connection is not lost', async () => {
    expect(await tcpConnectMs(vm1, vm2, '10.2.0.3')).toBeLessThan(500)
    expect(await connectionFlows(lab)).toHaveLength(2)
  })

  test('of a burst to a new destination every packet arrives, and once', async () => {
    const numbers = await udpBurst(vm1, vm2, '10.2.0.3', 20)
    expect(numbers.toSorted((a, b) => a - b)).toEqual([...Array(20).keys()])
    expect(numbers[0]).toBe(0)
    expect(await connectionFlows(lab)).toHaveLength(2)
  })

  test.each([
    ['nobody has', '10.2.0.99', 'unknown-host'],
    ['is in a subnet of another router', '10.3.0.9', 'no-route'],
  ])('a destination that %s gets no flow', async (_, address, verdict) => {
    const before = await punted(lab)
    expect(await vm1.ping(address, { count: 1 })).toMatchObject({ received: 0 })
    expect((await punted(lab)) - before).toBe(1)
    expect(await connectionFlows(lab)).toEqual([])
    expect(refusals(daemon)).toContain(verdict)
  })

  test.each([
    ['the gateway', '10.1.0.1'],
    ['the other interface of the router', '10.2.0.1'],
  ])('a ping of %s is answered by the switch alone', async (_, address) => {
    const before = await punted(lab)
    expect(await vm1.ping(address, { count: 3, intervalMs: 20 })).toMatchObject({ received: 3 })
    expect(await punted(lab)).toBe(before)
    expect(await connectionFlows(lab)).toEqual([])
  })

  test('a packet to a router address that is no ping opens no connection', async () => {
    await sendFrames(vm1, ipv4Frame({ ethSrc: VM1.mac, ipDst: '10.2.0.1', protocol: 17 }))
    await waitFor(() => refusals(daemon).includes('router-address'))
    expect(await connectionFlows(lab)).toEqual([])
  })

  test.each([
    ['the MAC', { ethSrc: VM2.mac }],
    ['the address', { ipSrc: '10.1.0.77' }],
  ])('a packet with %s of another port is dropped and counted by the switch alone', async (_, change) => {
    const capture = await vm2.capture('ip')
    const [before, asked] = [await spoofed(lab, 11), await punted(lab)]
    await sendFrames(vm1, ipv4Frame({ ethSrc: VM1.mac, ipDst: '10.2.0.3', protocol: 17, ...change }))
    await waitFor(async () => (await spoofed(lab, 11)) === before + 1, { what: 'the drop' })
    expect(await punted(lab)).toBe(asked)
    expect(await capture.stop()).toEqual([])
  })

  test('where a port has no port security it sends from any address, and nothing is counted', async () => {
    const edited = NET.map((text) =>
      text.includes('"tap-vm1"') ? text.replace('"spec":{', '"spec":{"portSecurity":false,') : text,
    )
    await passAfter(daemon, () => writeManifests(lab, 'net.yaml', edited))
    const capture = await vm2.capture('ip')
    const packet = { ethSrc: VM1.mac, ipSrc: '10.1.0.77', ipDst: '10.2.0.3', protocol: 17 }
    await sendFrames(vm1, ipv4Frame(packet))
    await waitFor(() => capture.lines.length > 0, { what: 'the packet' })
    // Nobody has that address, so that there is no way back.
    expect(await connectionFlows(lab)).toHaveLength(1)
    expect(await lab.dumpFlows('br-int', 'table=2,in_port=11')).toEqual([])
    await capture.stop()
    // A connection that port security does not allow ends with the edit.
    await passAfter(daemon, () => writeManifests(lab, 'net.yaml', NET))
    expect(await connectionFlows(lab)).toEqual([])
  })

  test.each([
    ['to the gateway of another network', { ethDst: GATEWAY2_MAC }, 'not-to-router'],
    ['with one hop to live', { ttl: 1 }, 'ttl-expired'],
  ])('a packet %s opens no connection and arrives nowhere', async (_, change, verdict) => {
    const capture = await vm2.capture('ip')
    await sendFrames(vm1, ipv4Frame({ ethSrc: VM1.mac, ipDst: '10.2.0.3', protocol: 17, ...change }))
    await waitFor(() => refusals(daemon).includes(verdict))
    expect(await connectionFlows(lab)).toEqual([])
    expect(await capture.stop()).toEqual([])
  })

  test('a ping with one hop to live uses an open connection no further than the router', async () => {
    await vm1.ping('10.2.0.3', { count: 1 })
    const capture = await vm2.capture('ip')
    await expect(vm1.exec('ping', '-t', '1', '-c', '1', '-W', '1', '10.2.0.3')).rejects.toThrow('0 received')
    expect(await capture.stop()).toEqual([])
  })

  describe('an edit that ends the right to a connection removes its flows in the same pass', () => {
    afterEach(() => passAfter(daemon, () => writeManifests(lab, 'net.yaml', NET)))

    const withoutLeg = NET.map((text) => (text.includes('"r1"') ? ROUTER_WITH_ONE_LEG : text))
    test.each([
      ['the router loses an interface', withoutLeg],
      ['the router goes', NET.filter((text) => !text.includes('"r1"'))],
      ['the port goes', NET.filter((text) => !text.includes('"tap-vm2"'))],
      ['the port gets another address', NET.map((text) => text.replace('10.2.0.3', '10.2.0.4'))],
    ])('%s', async (_, edited) => {
      await vm1.ping('10.2.0.3', { count: 1 })
      expect(await connectionFlows(lab)).toHaveLength(2)
      await passAfter(daemon, () => writeManifests(lab, 'net.yaml', edited))
      expect(await connectionFlows(lab)).toEqual([])
    })
  })

  test.each([
    ['the port', VM2.mac, /set_field:fa:16:3e:00:00:01->eth_dst/],
    ['its gateway', GATEWAY2_MAC, /set_field:fa:16:3e:00:00:01->eth_src/],
  ])(
    'when %s gets another MAC, what it sent goes and what is sent to it goes on',
    async (_, mac, actions) => {
      await vm1.ping('10.2.0.3', { count: 1 })
      const edited = NET.map((text) => text.replace(mac, 'fa:16:3e:00:00:01'))
      await passAfter(daemon, () => writeManifests(lab, 'net.yaml', edited))
      const flows = await connectionFlows(lab)
      expect(flows).toHaveLength(1)
      expect(flows[0]?.text).toMatch(actions)
      await passAfter(daemon, () => writeManifests(lab, 'net.yaml', NET))
    },
  )

  test('at its end the daemon says what it refused', async () => {
    expect((await countersOf(daemon)).refused).toEqual({
      'unknown-host': 1,
      'no-route': 1,
      'router-address': 1,
      'not-to-router': 1,
      // A frame, and a ping.
      'ttl-expired': 2,
    })
  })
})

/** The reasons of the refusals that the daemon has logged, at debug. */
function refusals(daemon: RunningCli): readonly unknown[] {
  return logOf(daemon).flatMap(({ verdict }) => verdict ?? [])
}
