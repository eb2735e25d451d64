import { describe, expect, test } from '@jest/globals'
import { parseEthernet } from '../../../src/packet/ethernet.js'
import { type Frame, parseFrame } from '../../../src/packet/frame.js'
import { parseIpv4 } from '../../../src/values/ipv4.js'
import { decode } from '../../../src/openflow/codec.js'
import { messageVectors } from '../../golden/openflow/vectors.js'
import { ethernetFrame, ipv4Checksum, ipv4Frame, pcap } from '../../support/packets.js'
import { runOrThrow } from '../../support/processes.js'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const spoken = messageVectors.filter(({ version }) => version !== 'OpenFlow14')
const packetIns = spoken.flatMap(({ name, version, message_hex }) => {
  const { message } = decode(Buffer.from(message_hex, 'hex'))
  return message.type === 'packet_in' ? [[`${version} ${name}`, message.data] as const] : []
})

function reasonOf(frame: Frame): string {
  return frame.kind === 'malformed' ? frame.reason : `not malformed but ${frame.kind}`
}

/** A copy with one byte changed. */
function patched(bytes: Buffer, at: number, value: number): Buffer {
  const copy = Buffer.from(bytes)
  copy.writeUInt8(value, at)
  return copy
}

describe('the frame of a recorded packet-in', () => {
  test('there are some', () => {
    expect(packetIns.length).toBeGreaterThanOrEqual(2)
  })

  // Whoever recorded them put a wrong IPv4 checksum into the packets, and the switch does not look at it.
  test.each(packetIns)('%s has a wrong checksum', (_, data) => {
    expect(reasonOf(parseFrame(data))).toBe('an IPv4 header with a wrong checksum')
  })

  test.each(packetIns)('%s is the echo request that was sent, once its checksum is right', (_, data) => {
    const frame = Buffer.from(data)
    frame.writeUInt16BE(0, 24)
    frame.writeUInt16BE(ipv4Checksum(frame.subarray(14, 34)), 24)
    expect(parseFrame(frame)).toMatchObject({
      kind: 'ipv4',
      ethSrc: 'fa:16:3e:00:17:e6',
      ethDst: 'fa:16:3e:c0:8d:8b',
      ipSrc: parseIpv4('10.0.1.3'),
      ipDst: parseIpv4('10.0.2.3'),
      protocol: 1,
    })
  })
})

describe('a frame that carries no IPv4', () => {
  test('is known by its type', () => {
    expect(parseFrame(ethernetFrame(0x86dd, Buffer.alloc(40)))).toEqual({
      kind: 'other',
      ethSrc: 'fa:16:3e:00:17:e6',
      ethDst: 'fa:16:3e:c0:8d:8b',
      etherType: 0x86dd,
    })
  })

  test('is known by its tag when it is tagged, whatever is in it', () => {
    const tagged = ethernetFrame(0x0800, Buffer.alloc(20), { vlanId: 5 })
    expect(parseFrame(tagged)).toMatchObject({ kind: 'other', etherType: 0x8100 })
  })

  test('may be empty', () => {
    expect(parseFrame(ethernetFrame(0x0806, Buffer.alloc(0)))).toMatchObject({
      kind: 'other',
      etherType: 0x0806,
    })
  })
})

describe('a malformed frame is told apart by its reason:', () => {
  const frame = ipv4Frame({ payload: Buffer.from('hello') })
  const ip = 14

  test.each([
    ['no byte at all', Buffer.alloc(0), 'an Ethernet frame of 0 bytes'],
    ['one byte short of a header', frame.subarray(0, 13), 'an Ethernet frame of 13 bytes'],
    ['a cut tag', ethernetFrame(0x0800, frame, { vlanId: 5 }).subarray(0, 17), 'a tagged frame of 17 bytes'],
    ['an IPv4 header cut short', frame.subarray(0, ip + 19), 'an IPv4 packet of 19 bytes'],
    ['a payload cut short', frame.subarray(0, ip + 24), 'an IPv4 packet of 25 bytes, of which 24 came'],
    ['IPv6 in an IPv4 type', patched(frame, ip, 0x65), 'an IPv4 packet of version 6'],
    ['a header length below five words', patched(frame, ip, 0x44), 'an IPv4 header of 16 bytes'],
    [
      'a header longer than the packet',
      patched(frame, ip, 0x4f),
      'an IPv4 packet of 25 bytes with a header of 60',
    ],
    ['a changed address', patched(frame, ip + 15, 9), 'an IPv4 header with a wrong checksum'],
  ])('%s', (_, bytes, reason) => {
    expect(reasonOf(parseFrame(bytes))).toBe(reason)
  })
})

test('padding behind a short packet does no harm', () => {
  const padded = Buffer.concat([ipv4Frame({ ttl: 3 }), Buffer.alloc(26)])
  expect(parseFrame(padded)).toMatchObject({ kind: 'ipv4', ttl: 3 })
})

test('a tag gives its VLAN without the priority bits', () => {
  const frame = parseEthernet(ethernetFrame(0x0806, Buffer.from([1, 2]), { vlanId: 0xe123 }))
  expect(frame).toMatchObject({ tag: { etherType: 0x8100, vlanId: 0x123 }, etherType: 0x0806 })
  expect(frame).toHaveProperty('payload', Buffer.from([1, 2]))
})

test('tcpdump reads the frames of these tests as they are meant', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'pcap-'))
  const file = join(folder, 'frames.pcap')
  const frames = [
    ipv4Frame({ ttl: 7, protocol: 17, payload: Buffer.alloc(8) }),
    ethernetFrame(0x0806, Buffer.alloc(28), { vlanId: 5 }),
  ]
  try {
    await writeFile(file, pcap(frames))
    const text = await runOrThrow('tcpdump', ['-r', file, '-n', '-e', '-vv'])
    expect(text).toContain('fa:16:3e:00:17:e6 > fa:16:3e:c0:8d:8b, ethertype IPv4')
    expect(text).toContain('ttl 7,')
    expect(text).toContain('proto UDP (17), length 28)')
    expect(text).toContain('vlan 5,')
    expect(text).not.toContain('bad cksum')
  } finally {
    await rm(folder, { recursive: true })
  }
})
