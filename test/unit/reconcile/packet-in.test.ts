import { describe, expect, test } from '@jest/globals'
import { PACKET_IN_REASON } from '../../../src/openflow/messages/packet.js'
import { INGRESS, LAYER2, NEIGHBOURS, PUNT, ROUTING, SERVICES } from '../../../src/pipeline/stages.js'
import {
  describeJudgement,
  type Judgement,
  judgePacket,
  type Refused,
} from '../../../src/reconcile/packet-in.js'
import type { Topology } from '../../../src/topology/topology.js'
import { type Hex } from '../../../src/values/hex.js'
import { ip, plugged, topologyOf, TWO_NETWORKS, twoNetworks } from '../../support/networks.js'
import { packetIn, type PacketInOptions } from '../../support/packet-ins.js'
import { ethernetFrame, ipv4Frame, type Ipv4FrameOptions } from '../../support/packets.js'

const VM2_TO_VM1: Ipv4FrameOptions = {
  ...{ ethSrc: 'fa:16:3e:cf:4b:ed', ethDst: 'fa:16:3e:c5:02:4d' },
  ...{ ipSrc: '10.2.0.3', ipDst: '10.1.0.3', ttl: 64 },
}

function judged(change: Ipv4FrameOptions, options: PacketInOptions = {}, topology = twoNetworks()) {
  return judgePacket(topology, packetIn(ipv4Frame({ ...VM2_TO_VM1, ...change }), options))
}

/** What became of it: the reason of a refusal, else the verdict. */
function outcome(judgement: Judgement): string {
  return judgement.verdict === 'refused' ? judgement.reason : judgement.verdict
}

function judgedAs(change: Ipv4FrameOptions, options?: PacketInOptions, topology?: Topology): string {
  return outcome(judged(change, options, topology))
}

/** The answer to a refused packet, and the pair that is remembered. */
function refusal(change: Ipv4FrameOptions, topology?: Topology): Refused {
  const judgement = judged(change, {}, topology)
  if (judgement.verdict !== 'refused') throw new Error(judgement.verdict)
  return judgement
}

test('the first packet from VM2 to VM1 opens a connection, and is kept as it came', () => {
  const packet = packetIn(ipv4Frame(VM2_TO_VM1))
  expect(judgePacket(twoNetworks(), packet)).toMatchObject({
    verdict: 'connection',
    half: { ofport: 12, segmentationId: 8003 },
    route: { destination: { ofport: 11 } },
    data: packet.data,
  })
})

test('through a proactive router it is sent on and opens none', () => {
  const routers = TWO_NETWORKS.routers.map((router) => ({ ...router, forwarding: 'proactive' as const }))
  expect(judgedAs({}, {}, twoNetworks({ ...TWO_NETWORKS, routers }))).toBe('sent-on')
})

test.each([
  ['ingress', INGRESS.id],
  ['services', SERVICES.id],
  ['neighbours', NEIGHBOURS.id],
  ['layer 2', LAYER2.id],
  ['none of ours', 99],
])('a packet is not ours when it comes of the table of %s', (_, tableId) => {
  const packet = { ...packetIn(ipv4Frame(VM2_TO_VM1)), tableId }
  expect(outcome(judgePacket(twoNetworks(), packet))).toBe('not-ours')
})

test.each([
  [
    'whoever made the flow of table 52, as in the post',
    { tableId: ROUTING.id, cookie: '0000000000000007' as Hex },
  ],
  ['whatever port it passed table 56 for', { tableId: PUNT.id }],
])('a packet is ours %s', (_, more) => {
  expect(judgePacket(twoNetworks(), { ...packetIn(ipv4Frame(VM2_TO_VM1)), ...more })).toMatchObject({
    route: { destination: { ofport: 11 } },
  })
})

test('the router beside the network in the metadata does not hide the network', () => {
  const metadata = { field: 'metadata', value: '3e567e8acb001f43' as Hex }
  const packet = packetIn(ipv4Frame(VM2_TO_VM1))
  const match = packet.match.map((field) => (field.field === 'metadata' ? metadata : field))
  expect(judgePacket(twoNetworks(), { ...packet, match })).toMatchObject({ half: { segmentationId: 8003 } })
})

test.each(['no_match', 'invalid_ttl'] as const)('a packet is not ours when the reason is %s', (reason) => {
  const packet = { ...packetIn(ipv4Frame(VM2_TO_VM1)), reason: PACKET_IN_REASON[reason] }
  expect(outcome(judgePacket(twoNetworks(), packet))).toBe('not-ours')
})

describe('a packet opens no connection', () => {
  test('when it is cut short, or its checksum is wrong', () => {
    const whole = ipv4Frame(VM2_TO_VM1)
    const judge = (data: Buffer) => judgePacket(twoNetworks(), packetIn(data))
    expect(judge(whole.subarray(0, 20))).toEqual({ verdict: 'malformed', problem: 'ipv4-header' })
    const broken = Buffer.from(whole)
    broken.writeUInt16BE(broken.readUInt16BE(24) ^ 0xffff, 24)
    expect(judge(broken)).toEqual({ verdict: 'malformed', problem: 'ipv4-checksum' })
    expect(judge(Buffer.alloc(0))).toEqual({ verdict: 'malformed', problem: 'ethernet-header' })
  })

  test('when it is not IPv4, or tagged', () => {
    const payload = Buffer.alloc(46)
    const judge = (data: Buffer) => outcome(judgePacket(twoNetworks(), packetIn(data)))
    expect(judge(ethernetFrame(0x86dd, payload))).toBe('not-ipv4')
    expect(judge(ethernetFrame(0x0800, payload, { vlanId: 5 }))).toBe('not-ipv4')
  })

  test('with its last hop, and with none', () => {
    expect(judgedAs({ ttl: 1 })).toBe('ttl-expired')
    expect(judgedAs({ ttl: 0 })).toBe('ttl-expired')
    expect(judgedAs({ ttl: 2 })).toBe('connection')
  })

  test('without a network, which the switch leaves out when it is zero', () => {
    expect(judgedAs({}, { segmentationId: 0 })).toBe('unknown-port')
  })

  test.each<[string, Ipv4FrameOptions, PacketInOptions]>([
    ['unknown-port', {}, { ofport: 99 }],
    ['unknown-port', {}, { segmentationId: 8002 }],
    ['spoofed-source', { ethSrc: 'fa:16:3e:00:17:e6' }, {}],
    ['spoofed-source', { ipSrc: '10.2.0.4' }, {}],
    ['not-to-router', { ethDst: 'fa:16:3e:00:17:e6' }, {}],
    ['no-route', { ipDst: '192.0.2.1' }, {}],
    ['router-address', { ipDst: '10.1.0.1' }, {}],
    ['router-address', { ipDst: '10.2.0.1' }, {}],
    ['unknown-host', { ipDst: '10.1.0.99' }, {}],
    ['martian', { ipSrc: '10.1.0.3' }, {}],
    ['martian', { ipSrc: '0.0.0.0' }, {}],
    ['martian', { ipSrc: '127.0.0.1' }, {}],
    ['martian', { ipSrc: '224.0.0.1' }, {}],
    ['martian', { ipSrc: '255.255.255.255' }, {}],
    ['martian', { ethSrc: '01:00:5e:00:00:01' }, {}],
    ['martian', { ethSrc: 'ff:ff:ff:ff:ff:ff' }, {}],
    ['martian', { ethSrc: '00:00:00:00:00:00' }, {}],
  ])('but is refused as %s', (reason, change, options) => {
    expect(judgedAs(change, options)).toBe(reason)
  })

  test('to a port that is not plugged in here', () => {
    const alone = topologyOf(TWO_NETWORKS, plugged('tap-vm2', 12))
    expect(judgedAs({}, {}, alone)).toBe('host-not-here')
  })

  test('and the reason is the first that a router finds: no way, its own address, the last hop, no host', () => {
    expect(judgedAs({ ttl: 1, ipDst: '192.0.2.1' })).toBe('no-route')
    expect(judgedAs({ ttl: 1, ipDst: '10.1.0.1' })).toBe('router-address')
    expect(judgedAs({ ttl: 1, ipDst: '10.1.0.99' })).toBe('ttl-expired')
  })
})

describe('the switch remembers a refused pair', () => {
  test.each<[string, Ipv4FrameOptions]>([
    ['of an unknown host', { ipDst: '10.1.0.99' }],
    ['without a route', { ipDst: '192.0.2.1' }],
    ['of a spoofed source', { ipSrc: '10.2.0.4' }],
    ['that does not send to the router', { ethDst: 'fa:16:3e:00:17:e6' }],
  ])('%s', (_, change) => {
    const { ipSrc = VM2_TO_VM1.ipSrc!, ipDst = VM2_TO_VM1.ipDst! } = change
    expect(refusal(change).remember).toMatchObject({ ofport: 12, ipSrc: ip(ipSrc), ipDst: ip(ipDst) })
  })

  test.each<[string, Ipv4FrameOptions]>([
    ['for the router itself', { ipDst: '10.1.0.1' }],
    ['with its last hop: another packet of the pair may live longer', { ttl: 1 }],
    ['that nobody can have sent', { ipSrc: '0.0.0.0' }],
  ])('but not one %s', (_, change) => {
    expect(refusal(change).remember).toBeUndefined()
  })
})

const UDP = { protocol: 17, payload: Buffer.from('c000829a000c000064617461', 'hex') }
const ECHO = { protocol: 1, payload: Buffer.from('0800000000010001', 'hex') }

describe('a router says', () => {
  test.each<[string, string, Ipv4FrameOptions]>([
    ['time exceeded', 'time-exceeded', { ttl: 1 }],
    ['time exceeded, also on the way to nobody', 'time-exceeded', { ttl: 1, ipDst: '10.1.0.99' }],
    ['that a host is not there', 'host-unreachable', { ipDst: '10.1.0.99' }],
    ['that there is no way', 'net-unreachable', { ipDst: '192.0.2.1' }],
    ['that its port is closed', 'port-unreachable', { ipDst: '10.1.0.1' }],
    ['that its port is closed, of its nearest address too', 'port-unreachable', { ipDst: '10.2.0.1' }],
    ['that it does not speak a protocol', 'protocol-unreachable', { ipDst: '10.1.0.1', protocol: 47 }],
    [
      'the same to the first fragment',
      'host-unreachable',
      { ipDst: '10.1.0.99', fragment: 0x2000, payload: UDP.payload.subarray(0, 8) },
    ],
  ])('%s', (_, kind, change) => {
    expect(refusal({ ...UDP, ...change }).answer?.kind).toBe(kind)
  })

  test('that a host is not plugged in here', () => {
    const alone = topologyOf(TWO_NETWORKS, plugged('tap-vm2', 12))
    expect(refusal(UDP, alone).answer?.kind).toBe('host-unreachable')
  })

  test.each<[string, Ipv4FrameOptions]>([
    ['a later fragment', { fragment: 0x0001 }],
    ['an ICMP error', { protocol: 1, payload: Buffer.from('0301000000000000', 'hex') }],
    ['a time exceeded', { protocol: 1, payload: Buffer.from('0b00000000000000', 'hex') }],
    ['ICMP too short to tell an error from', { protocol: 1, payload: Buffer.from('08000000000100', 'hex') }],
    ['the broadcast address of a subnet', { ipDst: '10.1.0.255' }],
    ['the oldest form of that address', { ipDst: '10.1.0.0' }],
    ['the limited broadcast address', { ipDst: '255.255.255.255' }],
    ['a multicast address', { ipDst: '224.0.0.5' }],
    ['what was sent to everybody in layer 2', { ipDst: '10.1.0.99', ethDst: 'ff:ff:ff:ff:ff:ff' }],
    ['a spoofed source', { ipSrc: '10.2.0.4' }],
    ['an echo request for its own address, which the switch answers', { ...ECHO, ipDst: '10.1.0.1' }],
    [
      'a datagram of a lying length for its own address',
      { ipDst: '10.1.0.1', payload: Buffer.from('c000829a00ff000064617461', 'hex') },
    ],
    ['a packet that had no hop to begin with', { ttl: 0 }],
  ])('nothing to %s', (_, change) => {
    expect(refusal({ ...UDP, ipDst: '10.1.0.99', ...change }).answer).toBeUndefined()
  })
})

test('a judgement prints in words', () => {
  expect(describeJudgement(judged(VM2_TO_VM1))).toBe('connection')
  expect(describeJudgement(judged({ ...UDP, ipDst: '10.1.0.99' }))).toBe(
    'refused: unknown-host (host-unreachable)',
  )
  expect(describeJudgement(judged({ ipSrc: '0.0.0.0' }))).toBe('refused: martian')
  expect(describeJudgement(judgePacket(twoNetworks(), packetIn(Buffer.alloc(3))))).toBe(
    'malformed: ethernet-header',
  )
})
