import { describe, expect, test } from '@jest/globals'
import { punt } from '../../../src/features/punt/index.js'
import { PACKET_IN_REASON, type PacketIn } from '../../../src/openflow/messages/packet.js'
import { buildCookie, NO_OBJECT } from '../../../src/pipeline/cookie.js'
import { INGRESS, LAYER2, NEIGHBOURS, PUNT, ROUTING, SERVICES } from '../../../src/pipeline/stages.js'
import { judgePacket } from '../../../src/reconcile/packet-in.js'
import { type Hex, hexFromNumber } from '../../../src/values/hex.js'
import { plugged, topologyOf, TWO_NETWORKS, twoNetworks } from '../../support/networks.js'
import { ethernetFrame, ipv4Frame, type Ipv4FrameOptions } from '../../support/packets.js'

const VM2_TO_VM1: Ipv4FrameOptions = {
  ...{ ethSrc: 'fa:16:3e:cf:4b:ed', ethDst: 'fa:16:3e:c5:02:4d' },
  ...{ ipSrc: '10.2.0.3', ipDst: '10.1.0.3', ttl: 64 },
}

function cookieOf(feature: number): Hex {
  return buildCookie({ class: 'model', feature, object: NO_OBJECT })
}

interface PuntOptions {
  readonly ofport?: number
  readonly segmentationId?: number
}

/** A packet as table 56 hands it up. */
function punted(data: Buffer, { ofport = 12, segmentationId = 8003 }: PuntOptions = {}): PacketIn {
  return {
    ...{
      bufferId: 0xffffffff,
      totalLength: data.length,
      reason: PACKET_IN_REASON.action,
      tableId: PUNT.id,
      data,
    },
    cookie: cookieOf(punt.id),
    match: [
      { field: 'in_port', value: hexFromNumber(ofport, 4) },
      ...(segmentationId === 0 ? [] : [{ field: 'metadata', value: hexFromNumber(segmentationId, 8) }]),
    ],
  }
}

function judged(change: Ipv4FrameOptions, options: PuntOptions = {}, topology = twoNetworks()) {
  return judgePacket(topology, punted(ipv4Frame({ ...VM2_TO_VM1, ...change }), options))
}

test('the first packet from VM2 to VM1 opens a connection, and is kept as it came', () => {
  const packet = punted(ipv4Frame(VM2_TO_VM1))
  expect(judgePacket(twoNetworks(), packet)).toMatchObject({
    half: { ofport: 12, segmentationId: 8003 },
    route: { destination: { ofport: 11 } },
    data: packet.data,
  })
})

describe('a packet is not ours', () => {
  const frame = ipv4Frame(VM2_TO_VM1)

  test.each([
    ['ingress', INGRESS.id],
    ['services', SERVICES.id],
    ['neighbours', NEIGHBOURS.id],
    ['layer 2', LAYER2.id],
    ['none of ours', 99],
  ])('when it comes of the table of %s', (_, tableId) => {
    expect(judgePacket(twoNetworks(), { ...punted(frame), tableId })).toBe('not-ours')
  })

  test.each(['no_match', 'invalid_ttl'] as const)('when the reason is %s', (reason) => {
    const packet = { ...punted(frame), reason: PACKET_IN_REASON[reason] }
    expect(judgePacket(twoNetworks(), packet)).toBe('not-ours')
  })
})

test.each([
  [
    'whoever made the flow of table 52, as in the post',
    { tableId: ROUTING.id, cookie: '0000000000000007' as Hex },
  ],
  ['whatever port it passed table 56 for', { tableId: PUNT.id, cookie: cookieOf(punt.id) }],
])('a packet is ours %s', (_, more) => {
  expect(judgePacket(twoNetworks(), { ...punted(ipv4Frame(VM2_TO_VM1)), ...more })).toMatchObject({
    route: { destination: { ofport: 11 } },
  })
})

test('the router beside the network in the metadata does not hide the network', () => {
  const metadata = { field: 'metadata', value: '3e567e8acb001f43' as Hex }
  const packet = punted(ipv4Frame(VM2_TO_VM1))
  const match = packet.match.map((field) => (field.field === 'metadata' ? metadata : field))
  expect(judgePacket(twoNetworks(), { ...packet, match })).toMatchObject({ half: { segmentationId: 8003 } })
})

describe('a packet opens no connection', () => {
  test('when it is cut short, or its checksum is wrong', () => {
    const whole = ipv4Frame(VM2_TO_VM1)
    expect(judgePacket(twoNetworks(), punted(whole.subarray(0, 20)))).toBe('malformed')
    const broken = Buffer.from(whole)
    broken.writeUInt16BE(broken.readUInt16BE(24) ^ 0xffff, 24)
    expect(judgePacket(twoNetworks(), punted(broken))).toBe('malformed')
    expect(judgePacket(twoNetworks(), punted(Buffer.alloc(0)))).toBe('malformed')
  })

  test('when it is not IPv4, or tagged', () => {
    const payload = Buffer.alloc(46)
    expect(judgePacket(twoNetworks(), punted(ethernetFrame(0x86dd, payload)))).toBe('not-ipv4')
    expect(judgePacket(twoNetworks(), punted(ethernetFrame(0x0800, payload, { vlanId: 5 })))).toBe('not-ipv4')
  })

  test('with its last hop, and with none', () => {
    expect(judged({ ttl: 1 })).toBe('ttl-expired')
    expect(judged({ ttl: 0 })).toBe('ttl-expired')
    expect(typeof judged({ ttl: 2 })).toBe('object')
  })

  test('without a network, which the switch leaves out when it is zero', () => {
    expect(judged({}, { segmentationId: 0 })).toBe('unknown-port')
  })

  test.each<[string, Ipv4FrameOptions, PuntOptions]>([
    ['unknown-port', {}, { ofport: 99 }],
    ['unknown-port', {}, { segmentationId: 8002 }],
    ['spoofed-source', { ethSrc: 'fa:16:3e:00:17:e6' }, {}],
    ['spoofed-source', { ipSrc: '10.2.0.4' }, {}],
    ['not-to-router', { ethDst: 'fa:16:3e:00:17:e6' }, {}],
    ['no-route', { ipDst: '192.0.2.1' }, {}],
    ['router-address', { ipDst: '10.1.0.1' }, {}],
    ['unknown-host', { ipDst: '10.1.0.99' }, {}],
  ])('but is refused as %s', (verdict, change, options) => {
    expect(judged(change, options)).toBe(verdict)
  })

  test('to a port that is not plugged in here', () => {
    const alone = topologyOf(TWO_NETWORKS, plugged('tap-vm2', 12))
    expect(judged({}, {}, alone)).toBe('host-not-here')
  })

  test('and the reason is the missing route before the last hop, which tells more', () => {
    expect(judged({ ttl: 1, ipDst: '10.1.0.99' })).toBe('unknown-host')
  })
})
