// No frame of one network is seen in another, nor by a port that no manifest claims: not one, whatever its kind, and
// from the moment of plugging on. Four VMs make noise without a pause while everything around them changes.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Capture } from '../support/capture.js'
import type { RunningCli } from '../support/cli.js'
import { createLab, type Lab } from '../support/lab.js'
import { ethernetFrame, ipv4Packet } from '../support/packets.js'
import {
  manifest,
  networkWithSubnet,
  passAfter,
  portOf,
  spoofed,
  startWatch,
  writeManifests,
} from '../support/scene.js'
import { startNoise } from '../support/traffic.js'
import type { Vm, VmOptions } from '../support/vm.js'
import { waitFor } from '../support/wait.js'

const VMS = {
  red1: { name: 'red1', interface: 'tap-red1', mac: 'fa:16:3e:00:01:01', ip: '10.1.0.3/24', ipv6: true },
  red2: { name: 'red2', interface: 'tap-red2', mac: 'fa:16:3e:00:01:02', ip: '10.1.0.4/24', ipv6: true },
  blue: { name: 'blue', interface: 'tap-blue', mac: 'fa:16:3e:00:02:01', ip: '10.1.0.5/24', ipv6: true },
  /** Plugged, and in no manifest. */
  stray: { name: 'stray', interface: 'tap-stray', mac: 'fa:16:3e:00:03:01', ip: '10.1.0.6/24', ipv6: true },
} as const satisfies Record<string, VmOptions>

type Name = keyof typeof VMS
const NAMES = Object.keys(VMS) as readonly Name[]

const GATEWAY_MAC = 'fa:16:3e:00:00:fe'
const NETWORKS = [
  ...networkWithSubnet('red', 100, '10.1.0.0/24'),
  ...networkWithSubnet('blue', 200, '10.1.0.0/24'),
]
const PORTS = [portOf(VMS.red1, 'red'), portOf(VMS.red2, 'red'), portOf(VMS.blue, 'blue')]
const SECURED = [...NETWORKS, ...PORTS]
/** Networks are kept apart whatever a port may send, so here it may send anything. */
const NET = [...NETWORKS, ...PORTS.map((text) => text.replace('"spec":{', '"spec":{"portSecurity":false,'))]
/** A router for each network, and none for both. */
const ROUTERS = ['red', 'blue'].map((name) =>
  manifest('Router', `r-${name}`, { interfaces: [{ subnet: `${name}-v4`, macAddress: GATEWAY_MAC }] }),
)

/** To everybody, to groups, to each VM, to the gateway, to nobody; untagged and with tags of every kind. */
function noiseOf(ethSrc: string): readonly Buffer[] {
  const destinations = [
    ...['ff:ff:ff:ff:ff:ff', '01:00:5e:00:00:fb', '33:33:00:00:00:01', '01:80:c2:00:00:00'],
    ...[...NAMES.map((name) => VMS[name].mac), GATEWAY_MAC, 'fa:16:3e:99:99:99'],
  ].filter((mac) => mac !== ethSrc)
  const packet = ipv4Packet({ ipSrc: '10.1.0.3', ipDst: '10.1.0.5', protocol: 17 })
  return destinations.flatMap((ethDst) => [
    ethernetFrame(0x0806, arpRequest(ethSrc), { ethSrc, ethDst }),
    ethernetFrame(0x0800, packet, { ethSrc, ethDst }),
    ethernetFrame(0x86dd, Buffer.alloc(40, 0x60), { ethSrc, ethDst }),
    ethernetFrame(0x88b5, Buffer.alloc(46), { ethSrc, ethDst }),
    ethernetFrame(0x0800, packet, { ethSrc, ethDst, vlanId: 100 }),
    ethernetFrame(0x0806, arpRequest(ethSrc), { ethSrc, ethDst, vlanId: 0 }),
    ethernetFrame(0x88a8, Buffer.concat([Buffer.from('00640800', 'hex'), packet]), { ethSrc, ethDst }),
  ])
}

/** Who has 10.1.0.5? (RFC 826) */
function arpRequest(mac: string): Buffer {
  return Buffer.from(`0001080006040001${mac.replaceAll(':', '')}0a0100030000000000000a010005`, 'hex')
}

describe('two networks and a port that nobody claims', () => {
  let lab: Lab
  let vms: Record<Name, Vm>
  let daemon: RunningCli

  const each = async <T>(act: (vm: Vm, name: Name) => Promise<T>): Promise<Record<Name, T>> =>
    Object.fromEntries(
      await Promise.all(NAMES.map(async (name) => [name, await act(vms[name], name)] as const)),
    ) as Record<Name, T>

  beforeAll(async () => {
    lab = await createLab()
    const booted = await Promise.all(NAMES.map(async (name) => [name, await lab.addVm(VMS[name])] as const))
    vms = Object.fromEntries(booted) as Record<Name, Vm>
  })

  afterAll(() => lab.destroy())

  let captures: Record<Name, Capture>
  let noises: Record<Name, () => Promise<unknown>>

  /** Records what comes in at each VM, and starts its noise. */
  const listen = async (): Promise<void> => {
    captures = await each((vm, name) => vm.capture(`not ether src ${VMS[name].mac}`))
    noises = await each((vm, name) => startNoise(vm, noiseOf(VMS[name].mac)))
  }

  /** Lets everybody send all of its frames again: red2 hears 19 of each round of red1. */
  const twoRounds = async (): Promise<void> => {
    const heardBefore = captures.red2.lines.length
    await waitFor(() => captures.red2.lines.length > heardBefore + 2 * 19, { what: 'two rounds of noise' })
  }

  /** Ends noise and recording; gives by VM which others it heard. */
  const heard = async (): Promise<Record<Name, readonly string[]>> => {
    await each((_, name) => noises[name]())
    return each(async (_, name) => sendersIn(await captures[name].stop()))
  }

  const NOTHING_ELSE = { red1: ['red2'], red2: ['red1'], blue: [], stray: [] }

  test('ports that are plugged before the daemon starts hear nobody, and then their own network alone', async () => {
    await lab.addBridge('br-int')
    await listen()
    await each((vm) => vm.plug())
    await sleep(300)
    expect(captures.red2.lines).toEqual([])
    daemon = await startWatch(lab, [await writeManifests(lab, 'net.yaml', NET)])
    await twoRounds()
    expect(await heard()).toEqual(NOTHING_ELSE)
  })

  test('ports that are plugged, unplugged and swapped under a running daemon hear their own network alone', async () => {
    await listen()
    for (const name of NAMES) await vms[name].unplug()
    for (const name of [...NAMES].reverse()) await vms[name].plug()
    await twoRounds()
    for (const name of NAMES) {
      await vms[name].unplug()
      await vms[name].plug()
    }
    await twoRounds()
    expect(await heard()).toEqual(NOTHING_ELSE)
  })

  test('routers that join no two networks change nothing about it', async () => {
    await listen()
    await passAfter(daemon, () => writeManifests(lab, 'net.yaml', [...NET, ...ROUTERS]))
    await twoRounds()
    await passAfter(daemon, () => writeManifests(lab, 'net.yaml', NET))
    expect(await heard()).toEqual(NOTHING_ELSE)
  })

  test('inside a network untagged broadcast, multicast, ARP, IPv4 and IPv6 arrive, and nothing with a tag', async () => {
    // Without what the kernel says by itself: neighbour discovery and, behind a hop-by-hop header, group reports.
    const ofKernel = 'icmp6 or ip6[6] = 0'
    const capture = await vms.red2.capture(`ether src ${VMS.red1.mac} and not (${ofKernel})`)
    const stopNoise = await startNoise(vms.red1, noiseOf(VMS.red1.mac))
    await waitFor(() => capture.lines.length > 3 * 19, { what: 'three rounds of noise' })
    await stopNoise()
    const groups = ['ff:ff:ff:ff:ff:ff', '01:00:5e:00:00:fb', '33:33:00:00:00:01', '01:80:c2:00:00:00']
    const kinds = new Set((await capture.stop()).map(kindOf))
    expect([...kinds].toSorted()).toEqual(
      [
        ...groups.flatMap((mac) => ['0x0800', '0x0806', '0x86dd', '0x88b5'].map((type) => `${mac} ${type}`)),
        // The routing table knows IPv4 alone: unicast of other protocols ends there, as it did in the post.
        ...['0x0800', '0x0806', '0x86dd'].map((type) => `${VMS.red2.mac} ${type}`),
      ].toSorted(),
    )
  })

  test('with port security only what is its own arrives of all that, and the rest is counted', async () => {
    await passAfter(daemon, () => writeManifests(lab, 'net.yaml', SECURED))
    const ofKernel = 'icmp6 or ip6[6] = 0'
    const capture = await vms.red2.capture(`ether src ${VMS.red1.mac} and not (${ofKernel})`)
    const stopNoise = await startNoise(vms.red1, noiseOf(VMS.red1.mac))
    await waitFor(() => capture.lines.length > 3 * 10, { what: 'three rounds of noise' })
    await stopNoise()
    // Its IPv4 and ARP say 10.1.0.3, which it has; its IPv6 comes from no address of its own, and 0x88b5 is neither.
    const groups = ['ff:ff:ff:ff:ff:ff', '01:00:5e:00:00:fb', '33:33:00:00:00:01', '01:80:c2:00:00:00']
    expect([...new Set((await capture.stop()).map(kindOf))].toSorted()).toEqual(
      [...groups, VMS.red2.mac].flatMap((mac) => [`${mac} 0x0800`, `${mac} 0x0806`]).toSorted(),
    )
    const number = Number(await lab.vsctl('get', 'Interface', VMS.red1.interface, 'ofport'))
    expect(await spoofed(lab, number)).toBeGreaterThan(0)
  })

  test('inside a network ARP, IPv4 and IPv6 work with no router at all', async () => {
    expect(await vms.red1.ping('10.1.0.4', { count: 1 })).toMatchObject({ received: 1 })
    const address = await linkLocal(vms.red2)
    const ping = () => vms.red1.exec('ping', '-6', '-c1', '-W1', `${address}%eth0`)
    await waitFor(async () => (await ping()).includes(' 1 received'), { what: 'an answer over IPv6' })
    await expect(vms.blue.exec('ping', '-6', '-c1', '-W1', `${address}%eth0`)).rejects.toThrow(' 0 received')
  })
})

/** Names of the VMs whose frames are among these, sorted; a sender that is no VM by its MAC. */
function sendersIn(lines: readonly string[]): readonly string[] {
  const names = new Map<string, string>(NAMES.map((name) => [VMS[name].mac, name]))
  const macs = lines.map((line) => /^\S+ (\S+) > /.exec(line)?.[1] ?? line)
  return [...new Set(macs.map((mac) => names.get(mac) ?? mac))].toSorted()
}

/** Destination and EtherType of a frame as tcpdump prints it. */
function kindOf(line: string): string {
  const [, mac = line, type = ''] = /> (\S+), ethertype [^(]*\((0x\w+)\)/.exec(line) ?? []
  return `${mac} ${type}`
}

async function linkLocal(vm: Vm): Promise<string> {
  const [, address] =
    /inet6 (fe80::[\da-f:]+)/.exec(await vm.exec('ip', '-6', 'addr', 'show', 'dev', 'eth0')) ?? []
  if (address === undefined) throw new Error(`${vm.name} has no link-local address`)
  return address
}
