import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import { ETHER_TYPE, ethernetHeader, parseEthernet } from '../../../src/packet/ethernet.js'
import { buildIcmpError, isIcmpError, parseIcmp } from '../../../src/packet/icmp.js'
import { buildIpv4, isOneHost, parseIpv4Packet } from '../../../src/packet/ipv4.js'
import type { Problem } from '../../../src/packet/malformed.js'
import { buildReset, parseTcp, TCP_FLAG } from '../../../src/packet/tcp.js'
import { parseUdp } from '../../../src/packet/udp.js'
import { ip, mac } from '../../support/networks.js'
import { ethernetFrame, ipv4Packet, pcap } from '../../support/packets.js'
import { runOrThrow } from '../../support/processes.js'

const ROUTER = ip('10.1.0.1')
const GUEST = ip('10.1.0.3')

/** A TCP segment by the text of RFC 9293, section 3.1, without its checksum. */
function tcp(options: { seq?: number; ack?: number; flags: number; data?: number; offset?: number }): Buffer {
  const { seq = 0, ack = 0, flags, data = 0, offset = 5 } = options
  const segment = Buffer.alloc(20 + data)
  segment.writeUInt16BE(40000, 0)
  segment.writeUInt16BE(22, 2)
  segment.writeUInt32BE(seq, 4)
  segment.writeUInt32BE(ack, 8)
  segment.set([offset << 4, flags], 12)
  return segment
}

function resetTo(segment: Buffer) {
  const parsed = parseTcp(segment, false)
  if (parsed.kind !== 'tcp') throw new Error(parsed.reason)
  const reset = buildReset(parsed, ROUTER, GUEST)
  return reset && parseTcp(reset, false)
}

function problemOf(parsed: { readonly kind: string; readonly problem?: Problem }): Problem | undefined {
  return parsed.problem
}

describe('a reset', () => {
  test('of a SYN acknowledges it', () => {
    expect(resetTo(tcp({ seq: 1000, flags: TCP_FLAG.syn }))).toMatchObject({
      ...{ srcPort: 22, dstPort: 40000, sequence: 0, acknowledgment: 1001 },
      flags: TCP_FLAG.rst | TCP_FLAG.ack,
    })
  })

  test('acknowledges data and FIN, and counts beyond the last number from 0 on', () => {
    const segment = tcp({ seq: 0xffffffff, flags: TCP_FLAG.fin, data: 9 })
    expect(resetTo(segment)).toMatchObject({ sequence: 0, acknowledgment: 9 })
  })

  test('of a segment with an acknowledgment has that as its number', () => {
    expect(resetTo(tcp({ seq: 5, ack: 0xfffffff0, flags: TCP_FLAG.ack, data: 3 }))).toMatchObject({
      ...{ sequence: 0xfffffff0, acknowledgment: 0, flags: TCP_FLAG.rst },
    })
  })

  test('is never said to a reset', () => {
    expect(resetTo(tcp({ flags: TCP_FLAG.rst }))).toBeUndefined()
    expect(resetTo(tcp({ flags: TCP_FLAG.rst | TCP_FLAG.ack }))).toBeUndefined()
  })
})

describe('an ICMP error', () => {
  test('quotes the packet as it came, up to 576 bytes in all', () => {
    const short = ipv4Packet({ payload: Buffer.from('12345678') })
    expect(buildIcmpError(3, 1, short).subarray(8)).toEqual(short)
    const long = ipv4Packet({ payload: Buffer.alloc(1400, 7) })
    const message = buildIcmpError(11, 0, long)
    expect(message).toHaveLength(556)
    expect(message.subarray(8)).toEqual(long.subarray(0, 548))
  })

  test.each([
    [0, false],
    [3, true],
    [4, true],
    [5, true],
    [8, false],
    [11, true],
    [12, true],
    [13, false],
  ])('is what type %i is: %s', (type, isError) => {
    expect(isIcmpError({ kind: 'icmp', type, code: 0 })).toBe(isError)
  })
})

describe('malformed is', () => {
  test.each<[string, { readonly kind: string; readonly problem?: Problem }, Problem]>([
    ['ICMP of 7 bytes', parseIcmp(Buffer.alloc(7)), 'icmp'],
    ['UDP of 7 bytes', parseUdp(Buffer.alloc(7), false), 'udp'],
    ['UDP that says it has 7 bytes', parseUdp(Buffer.from('0001000200070000', 'hex'), false), 'udp'],
    ['UDP that says it has more than came', parseUdp(Buffer.from('0001000200090000', 'hex'), false), 'udp'],
    ['TCP of 19 bytes', parseTcp(Buffer.alloc(19), false), 'tcp'],
    ['TCP with a header of four words', parseTcp(tcp({ flags: 2, offset: 4 }), false), 'tcp'],
    ['TCP with a header longer than it is', parseTcp(tcp({ flags: 2, offset: 6 }), false), 'tcp'],
    [
      'an option of one byte',
      parseIpv4Packet(ipv4Packet({ options: Buffer.from([7, 1, 0, 0]) })),
      'ipv4-options',
    ],
    [
      'an option without a length',
      parseIpv4Packet(ipv4Packet({ options: Buffer.from([1, 1, 1, 7]) })),
      'ipv4-options',
    ],
    [
      'an option longer than the header',
      parseIpv4Packet(ipv4Packet({ options: Buffer.from([7, 5, 0, 0]) })),
      'ipv4-options',
    ],
    [
      'a fragment that ends too late',
      parseIpv4Packet(ipv4Packet({ fragment: 0x1fff, payload: Buffer.alloc(8) })),
      'ipv4-fragment',
    ],
    [
      'a fragment of odd length before others',
      parseIpv4Packet(ipv4Packet({ fragment: 0x2000, payload: Buffer.alloc(7) })),
      'ipv4-fragment',
    ],
    [
      'a second tag cut off',
      parseEthernet(ethernetFrame(0x8100, Buffer.from([0]), { vlanId: 5 })),
      'vlan-tag',
    ],
  ])('%s', (_, parsed, problem) => {
    expect(problemOf(parsed)).toBe(problem)
  })
})

test('a first fragment may have less than its UDP header says', () => {
  expect(parseUdp(Buffer.from('0001000203e80000', 'hex'), true)).toEqual({
    kind: 'udp',
    srcPort: 1,
    dstPort: 2,
  })
})

test('an option list may end before the header does', () => {
  expect(parseIpv4Packet(ipv4Packet({ options: Buffer.from([7, 3, 4, 0]) }))).toMatchObject({ kind: 'ipv4' })
})

test('two tags are read, and a third is payload', () => {
  const inner = Buffer.from('00078100000908060102', 'hex')
  expect(parseEthernet(ethernetFrame(0x88a8, inner, { vlanId: 5 }))).toMatchObject({
    tag: { etherType: 0x8100, vlanId: 5 },
    innerTag: { etherType: 0x88a8, vlanId: 7 },
    etherType: 0x8100,
    payload: Buffer.from('000908060102', 'hex'),
  })
})

test.each([
  ['0.0.0.0', false],
  ['0.1.2.3', false],
  ['10.0.0.1', true],
  ['127.0.0.1', false],
  ['223.255.255.255', true],
  ['224.0.0.1', false],
  ['240.0.0.1', false],
  ['255.255.255.255', false],
])('%s is the address of one host: %s', (address, is) => {
  expect(isOneHost(ip(address))).toBe(is)
})

test('tcpdump reads what is built, and finds every checksum right', async () => {
  const framed = (packet: Buffer) =>
    Buffer.concat([
      ethernetHeader(mac('fa:16:3e:00:17:e6'), mac('fa:16:3e:c0:8d:8b'), ETHER_TYPE.ipv4),
      packet,
    ])
  const udp = ipv4Packet({
    ipSrc: '10.1.0.3',
    ipDst: '10.2.0.99',
    protocol: 17,
    ttl: 1,
    payload: Buffer.from('9c40829a00080000', 'hex'),
  })
  const syn = parseTcp(tcp({ seq: 7, flags: TCP_FLAG.syn }), false)
  if (syn.kind !== 'tcp') throw new Error(syn.reason)
  const frames = [
    framed(buildIpv4({ src: ROUTER, dst: GUEST, protocol: 1, tos: 0xc0 }, buildIcmpError(11, 0, udp))),
    framed(buildIpv4({ src: ROUTER, dst: GUEST, protocol: 1 }, buildIcmpError(3, 3, udp))),
    framed(buildIpv4({ src: ROUTER, dst: GUEST, protocol: 6 }, buildReset(syn, ROUTER, GUEST)!)),
  ]
  const folder = await mkdtemp(join(tmpdir(), 'pcap-'))
  try {
    const file = join(folder, 'frames.pcap')
    await writeFile(file, pcap(frames))
    const text = await runOrThrow('tcpdump', ['-r', file, '-n', '-e', '-vv'])
    expect(text).toContain('10.1.0.1 > 10.1.0.3: ICMP time exceeded in-transit')
    expect(text).toContain('10.1.0.1 > 10.1.0.3: ICMP 10.2.0.99 udp port 33434 unreachable')
    expect(text).toMatch(
      /10\.1\.0\.1\.22 > 10\.1\.0\.3\.40000: Flags \[R\.\], cksum 0x[0-9a-f]{4} \(correct\).*ack 8/,
    )
    expect(text).toContain('tos 0xc0, ttl 64')
    expect(text).not.toMatch(/bad cksum|incorrect|wrong/)
  } finally {
    await rm(folder, { recursive: true })
  }
})
