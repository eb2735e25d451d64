// What guests may send: 100,000 frames, of random bytes and of packets with bytes changed, cut off and added, through all
// that looks at a packet. The seed is fixed, so that a failure can be had again.
import { expect, test } from '@jest/globals'
import { parseFrame } from '../../src/packet/frame.js'
import { Counters } from '../../src/reconcile/counters.js'
import { judgePacket } from '../../src/reconcile/packet-in.js'
import { ReactivePath } from '../../src/reconcile/reactive-path.js'
import { hexFromIpv4 } from '../../src/values/ipv4.js'
import { hexFromMac } from '../../src/values/mac.js'
import { twoNetworks } from '../support/networks.js'
import { packetIn } from '../support/packet-ins.js'
import { ethernetFrame, ipv4Frame, ipv4Checksum } from '../support/packets.js'
import { TIMEOUTS } from '../support/plans.js'

const FRAMES = 100_000

/** Numbers of 0 to 1 from a seed (mulberry32). */
function randomFrom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
}

const random = randomFrom(20260723)
const upTo = (limit: number): number => Math.floor(random() * limit)
const POOL = Buffer.from(Array.from({ length: 1 << 17 }, () => upTo(256)))
const bytes = (length: number): Buffer => {
  const start = upTo(POOL.length - length)
  return POOL.subarray(start, start + length)
}

const FROM_VM2 = { ethSrc: 'fa:16:3e:cf:4b:ed', ethDst: 'fa:16:3e:c5:02:4d', ipSrc: '10.2.0.3' }
const ADDRESSES = [
  '10.1.0.3',
  '10.1.0.1',
  '10.2.0.1',
  '10.1.0.99',
  '10.1.0.255',
  '192.0.2.1',
  '10.2.0.3',
  '224.0.0.1',
]

/** A sound packet of VM2, of any protocol, to any kind of destination, a fragment or not. */
function soundFrame(): Buffer {
  return ipv4Frame({
    ...FROM_VM2,
    ipDst: ADDRESSES[upTo(ADDRESSES.length)]!,
    ttl: upTo(4),
    protocol: [1, 6, 17, 2, 47][upTo(5)]!,
    fragment: random() < 0.8 ? 0 : upTo(0x4000),
    options: Buffer.alloc(upTo(3) * 4, 1),
    payload: bytes(upTo(80)),
  })
}

/** With up to three bytes changed; half of the time with a header checksum that is right all the same. */
function mutated(frame: Buffer): Buffer {
  const copy = Buffer.from(frame)
  for (let changes = upTo(4); changes > 0; changes--) copy.writeUInt8(upTo(256), upTo(copy.length))
  const headerBytes = (copy.readUInt8(14) & 0x0f) * 4
  if (random() < 0.5 && headerBytes >= 20 && 14 + headerBytes <= copy.length) {
    copy.writeUInt16BE(0, 24)
    copy.writeUInt16BE(ipv4Checksum(copy.subarray(14, 14 + headerBytes)), 24)
  }
  return copy
}

function hostileFrame(): Buffer {
  const frame = mutated(soundFrame())
  switch (upTo(7)) {
    case 0:
      return bytes(upTo(14))
    case 1:
      return bytes(upTo(200))
    case 2:
      return frame.subarray(0, upTo(frame.length))
    case 3:
      return Buffer.concat([frame, bytes(upTo(40))])
    case 4:
      return ethernetFrame([0x8100, 0x88a8, 0x0800, 0x0806][upTo(4)]!, bytes(upTo(60)), {
        vlanId: upTo(65536),
      })
    case 5:
      return ipv4Frame({ ...FROM_VM2, ipDst: '10.1.0.1', protocol: 6, payload: bytes(upTo(9000)) })
    default:
      return frame
  }
}

test(`of ${FRAMES} hostile frames none throws, and none opens a connection that was not read from it`, () => {
  const topology = twoNetworks()
  const verdicts = new Map<string, number>()
  const wrong: string[] = []
  for (let i = 0; i < FRAMES; i++) {
    const data = hostileFrame()
    const judgement = judgePacket(topology, packetIn(data))
    verdicts.set(judgement.verdict, (verdicts.get(judgement.verdict) ?? 0) + 1)
    if ('route' in judgement) {
      const { ethSrc, ethDst, ipSrc, ipDst } = judgement.half
      // The fields stand in the bytes at their places, in a frame that tells no lie of itself.
      const isRead = data.toString('hex', 0, 14) === `${hexFromMac(ethDst)}${hexFromMac(ethSrc)}0800`
      const isSound = parseFrame(data).kind === 'ipv4' && data.readUInt16BE(16) <= data.length - 14
      const areAddresses = data.toString('hex', 26, 34) === hexFromIpv4(ipSrc) + hexFromIpv4(ipDst)
      if (!isRead || !isSound || !areAddresses) wrong.push(data.toString('hex'))
    } else if (judgement.verdict === 'refused' && judgement.answer) {
      if (parseFrame(judgement.answer.frame).kind !== 'ipv4') wrong.push(data.toString('hex'))
    }
  }
  expect(wrong).toEqual([])
  // They are of all kinds, or this test says little.
  for (const verdict of ['malformed', 'refused', 'connection']) {
    expect(verdicts.get(verdict)).toBeGreaterThan(FRAMES / 200)
  }
})

test('a million pairs of one guest grow nothing: its port is muted, and has as many connections as are allowed', () => {
  const topology = twoNetworks()
  const counters = new Counters()
  const path = new ReactivePath({
    ...{ timeouts: TIMEOUTS, counters, now: () => 0 },
    onVerdict: () => undefined,
  })
  for (let batch = 0; batch < 20; batch++) {
    const packets = Array.from({ length: 500 }, (_, i) => {
      const host = batch * 500 + i
      const ipDst = `${11 + (host >> 16)}.${(host >> 8) & 255}.${host & 255}.7`
      return packetIn(ipv4Frame({ ...FROM_VM2, ipDst, ttl: 64 }))
    })
    path.installed(path.react(topology, packets), () => true)
  }
  const kinds = path.observed.flows.map(({ kind }) => kind)
  expect(kinds).toEqual(['fallback', 'muted'])
  expect(counters.toJSON()).toMatchObject({ notRemembered: 10_000 - 16 })
})
