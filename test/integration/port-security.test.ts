// A guest sends from its own addresses only: real frames from its namespace, and what the guest beside it sees of them.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { createLab, type Lab } from '../support/lab.js'
import { ethernetFrame, ipv4Frame } from '../support/packets.js'
import {
  flowStats,
  manifest,
  networkWithSubnet,
  passAfter,
  startWatch,
  writeManifests,
} from '../support/scene.js'
import { sendFrames } from '../support/traffic.js'
import type { Vm } from '../support/vm.js'
import type { RunningCli } from '../support/cli.js'
import { waitFor } from '../support/wait.js'

const ALICE = {
  ...{ name: 'alice', interface: 'tap-alice', mac: 'fa:16:3e:00:00:0a' },
  ...{ ip: '10.1.0.10/24', gateway: '10.1.0.1', ipv6: true },
} as const
const BOB = {
  name: 'bob',
  interface: 'tap-bob',
  mac: 'fa:16:3e:00:00:0b',
  ip: '10.1.0.11/24',
  ipv6: true,
} as const
const GATEWAY_MAC = 'fa:16:3e:00:00:fe'
const VIRTUAL_MAC = '00:00:5e:00:01:0a'
const LINK_LOCAL = 'fe80000000000000f8163efffe00000a'
const EVERYBODY = 'ff:ff:ff:ff:ff:ff'

const alicePort = (more: object = {}) =>
  manifest('Port', 'alice', {
    ...{ network: 'net1', macAddress: ALICE.mac, interface: ALICE.interface },
    ...{ fixedIps: [{ subnet: 'net1-v4', ipAddress: '10.1.0.10' }], ...more },
  })
const manifestsWith = (port: string) => [
  ...networkWithSubnet('net1', 100, '10.1.0.0/24'),
  manifest('Router', 'r1', { interfaces: [{ subnet: 'net1-v4', macAddress: GATEWAY_MAC }] }),
  port,
  manifest('Port', 'bob', {
    ...{ network: 'net1', macAddress: BOB.mac, interface: BOB.interface },
    fixedIps: [{ subnet: 'net1-v4', ipAddress: '10.1.0.11' }],
  }),
]

const toBob = { ethSrc: ALICE.mac, ethDst: BOB.mac }
const udp = (sourcePort: number, destinationPort: number) => {
  const header = Buffer.alloc(8)
  header.writeUInt16BE(sourcePort, 0)
  header.writeUInt16BE(destinationPort, 2)
  header.writeUInt16BE(8, 4)
  return header
}

/** RFC 826: hardware and protocol type and sizes, operation, sender and target. */
function arp(operation: number, sha: string, spa: string, tpa: string, ethSrc = sha): Buffer {
  const macBytes = (mac: string) => mac.split(':').map((octet) => Number.parseInt(octet, 16))
  const ipBytes = (ip: string) => ip.split('.').map(Number)
  const body = [
    0,
    1,
    8,
    0,
    6,
    4,
    0,
    operation,
    ...macBytes(sha),
    ...ipBytes(spa),
    0,
    0,
    0,
    0,
    0,
    0,
    ...ipBytes(tpa),
  ]
  return ethernetFrame(0x0806, Buffer.from(body), { ethSrc, ethDst: BOB.mac })
}

function ipv6(source: string, nextHeader: number, payload: Buffer): Buffer {
  const header = Buffer.alloc(40)
  header.writeUInt8(0x60, 0)
  header.writeUInt16BE(payload.length, 4)
  header.set([nextHeader, 255], 6)
  header.write(source, 8, 'hex')
  header.write('ff020000000000000000000000000001', 24, 'hex')
  return ethernetFrame(0x86dd, Buffer.concat([header, payload]), toBob)
}

/** Type, code, checksum, four reserved bytes and a target (RFC 4861, section 4). */
function neighbourMessage(type: number, target: string): Buffer {
  return Buffer.concat([Buffer.from([type, 0, 0, 0, 0, 0, 0, 0]), Buffer.from(target, 'hex')])
}

const OTHER_ADDRESS = 'fe80000000000000f8163efffe00000b'
const UNSPECIFIED = '0'.repeat(32)

const SPOOFED: readonly (readonly [string, Buffer])[] = [
  [
    'another MAC address',
    ipv4Frame({ ethSrc: 'fa:16:3e:00:00:99', ethDst: BOB.mac, ipSrc: '10.1.0.10', ipDst: '10.1.0.11' }),
  ],
  ['another IP address', ipv4Frame({ ...toBob, ipSrc: '10.1.0.99', ipDst: '10.1.0.11' })],
  ["the gateway's address", ipv4Frame({ ...toBob, ipSrc: '10.1.0.1', ipDst: '10.1.0.11' })],
  [
    'no address, but for DHCP',
    ipv4Frame({ ...toBob, ipSrc: '0.0.0.0', ipDst: '10.1.0.11', protocol: 17, payload: udp(68, 53) }),
  ],
  [
    'a DHCP server',
    ipv4Frame({
      ...toBob,
      ethDst: EVERYBODY,
      ipSrc: '0.0.0.0',
      ipDst: '255.255.255.255',
      protocol: 17,
      payload: udp(67, 68),
    }),
  ],
  ["ARP with the gateway's address", arp(2, ALICE.mac, '10.1.0.1', '10.1.0.11')],
  ['ARP with the address of another', arp(2, ALICE.mac, '10.1.0.11', '10.1.0.11')],
  ['ARP with another MAC address inside', arp(2, 'fa:16:3e:00:00:99', '10.1.0.10', '10.1.0.11', ALICE.mac)],
  ['an ARP answer from no address', arp(2, ALICE.mac, '0.0.0.0', '10.1.0.11')],
  ['another IPv6 address', ipv6('20010db8000000000000000000000001', 59, Buffer.alloc(0))],
  ['a neighbour advertisement for another', ipv6(LINK_LOCAL, 58, neighbourMessage(136, OTHER_ADDRESS))],
  ['a router advertisement', ipv6(LINK_LOCAL, 58, neighbourMessage(134, UNSPECIFIED))],
  [
    'a protocol that is neither IP nor ARP',
    ethernetFrame(0x88b5, Buffer.alloc(46), { ...toBob, ethDst: EVERYBODY }),
  ],
]

const HONEST: readonly (readonly [string, Buffer])[] = [
  ['its own addresses', ipv4Frame({ ...toBob, ipSrc: '10.1.0.10', ipDst: '10.1.0.11' })],
  [
    'DHCP discovery',
    ipv4Frame({
      ...toBob,
      ethDst: EVERYBODY,
      ipSrc: '0.0.0.0',
      ipDst: '255.255.255.255',
      protocol: 17,
      payload: udp(68, 67),
    }),
  ],
  ['an ARP probe', arp(1, ALICE.mac, '0.0.0.0', '10.1.0.10')],
  ['an ARP answer', arp(2, ALICE.mac, '10.1.0.10', '10.1.0.11')],
  ['its IPv6 link-local address', ipv6(LINK_LOCAL, 59, Buffer.alloc(0))],
  ['the probe for that address', ipv6(UNSPECIFIED, 58, neighbourMessage(135, LINK_LOCAL))],
  ['a neighbour advertisement for itself', ipv6(LINK_LOCAL, 58, neighbourMessage(136, LINK_LOCAL))],
]

describe('a guest', () => {
  let lab: Lab
  let alice: Vm
  let bob: Vm
  let daemon: RunningCli

  beforeAll(async () => {
    lab = await createLab()
    await lab.addBridge('br-int')
    ;[alice, bob] = [await lab.addVm(ALICE), await lab.addVm(BOB)]
    await alice.plug({ ofport: 11 })
    await bob.plug({ ofport: 12 })
    daemon = await startWatch(lab, [await writeManifests(lab, 'net.yaml', manifestsWith(alicePort()))])
    // What the kernel of the guest sends by itself must not be counted.
    await alice.exec('ip', 'link', 'set', 'eth0', 'arp', 'off')
    await alice.exec('sysctl', '-qw', 'net.ipv6.conf.eth0.disable_ipv6=1')
  })

  afterAll(() => lab.destroy())

  /** Frames of alice's port that table 2 has dropped. */
  const dropped = async (): Promise<number> => {
    await lab.appctl('revalidator/purge')
    const [own] = await flowStats(lab, 'table=2,in_port=11')
    return own?.packets ?? 0
  }

  /** Does bob get the frame? One that he must get follows it, so nothing waits for a time. */
  const arrives = async (frame: Buffer): Promise<boolean> => {
    const marker = ipv4Frame({ ...toBob, ipSrc: '10.1.0.10', ipDst: '10.1.0.11', protocol: 253 })
    const capture = await bob.capture(`not ether src ${BOB.mac}`)
    await sendFrames(alice, frame, marker)
    await waitFor(() => capture.lines.some((line) => /ip-proto-253|\bexp1\b|proto.*253/i.test(line)))
    return (await capture.stop()).length > 1
  }

  test.each(SPOOFED)('that sends %s reaches nobody, and is counted', async (_, frame) => {
    const before = await dropped()
    expect(await arrives(frame)).toBe(false)
    expect((await dropped()) - before).toBe(1)
  })

  test.each(HONEST)('reaches the other with %s', async (_, frame) => {
    const before = await dropped()
    expect(await arrives(frame)).toBe(true)
    expect((await dropped()) - before).toBe(0)
  })

  test('with allowed pairs may send from these, and still not from the gateway', async () => {
    const pairs = [{ ipAddress: '10.1.0.100', macAddress: VIRTUAL_MAC }, { ipAddress: '10.1.0.0/28' }]
    const port = alicePort({ allowedAddressPairs: pairs })
    await passAfter(daemon, () => writeManifests(lab, 'net.yaml', manifestsWith(port)))
    const from = (ipSrc: string, ethSrc: string = ALICE.mac) =>
      arrives(ipv4Frame({ ethSrc, ethDst: BOB.mac, ipSrc, ipDst: '10.1.0.11' }))
    expect(await from('10.1.0.100', VIRTUAL_MAC)).toBe(true)
    expect(await from('10.1.0.7')).toBe(true)
    expect(await from('10.1.0.100')).toBe(false)
    expect(await from('10.1.0.16')).toBe(false)
    expect(await from('10.1.0.1')).toBe(false)
    expect(await arrives(arp(2, ALICE.mac, '10.1.0.1', '10.1.0.11'))).toBe(false)
  })

  test('without port security may send anything', async () => {
    const port = alicePort({ portSecurity: false })
    await passAfter(daemon, () => writeManifests(lab, 'net.yaml', manifestsWith(port)))
    for (const [, frame] of SPOOFED) expect(await arrives(frame)).toBe(true)
  })
})
