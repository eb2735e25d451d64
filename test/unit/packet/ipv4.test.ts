import { describe, expect, test } from '@jest/globals'
import { internetChecksum } from '../../../src/packet/checksum.js'
import { parseIpv4Packet } from '../../../src/packet/ipv4.js'
import { ipv4Packet } from '../../support/packets.js'

describe('the Internet checksum', () => {
  test('of the example in RFC 1071, section 3, is the complement of its sum ddf2', () => {
    expect(internetChecksum(Buffer.from('0001f203f4f5f6f7', 'hex'))).toBe(0xffff - 0xddf2)
  })

  test('takes a last odd byte as the upper half of a word', () => {
    expect(internetChecksum(Buffer.from('000102', 'hex'))).toBe(0xffff - 0x0201)
  })

  test('of nothing is all ones', () => {
    expect(internetChecksum(Buffer.alloc(0))).toBe(0xffff)
  })
})

describe('an IPv4 packet', () => {
  test('gives its header fields and the payload without padding', () => {
    const bytes = Buffer.concat([
      ipv4Packet({ ttl: 1, protocol: 17, payload: Buffer.from('abc') }),
      Buffer.alloc(9),
    ])
    expect(parseIpv4Packet(bytes)).toEqual({
      kind: 'ipv4',
      src: 0x0a010003,
      dst: 0x0a020007,
      ttl: 1,
      protocol: 17,
      fragmentOffset: 0,
      moreFragments: false,
      payload: Buffer.from('abc'),
      bytes: bytes.subarray(0, 23),
    })
  })

  test('may have options, which are not payload', () => {
    const packet = ipv4Packet({ options: Buffer.alloc(40, 1), payload: Buffer.from('abc') })
    expect(parseIpv4Packet(packet)).toMatchObject({ kind: 'ipv4', payload: Buffer.from('abc') })
  })

  test('has addresses that are unsigned', () => {
    expect(parseIpv4Packet(ipv4Packet({ ipDst: '255.255.255.255' }))).toMatchObject({ dst: 0xffffffff })
  })

  test.each([
    [0x2000, 0, true],
    [0x2001, 8, true],
    [0x1fff, 65528, false],
    [0x4000, 0, false],
  ])(
    'with flags and offset %i is a fragment at byte %i, more to come: %s',
    (fragment, fragmentOffset, moreFragments) => {
      expect(parseIpv4Packet(ipv4Packet({ fragment }))).toMatchObject({ fragmentOffset, moreFragments })
    },
  )
})
