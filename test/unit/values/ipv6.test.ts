import { fc, test } from '@fast-check/jest'
import { describe, expect } from '@jest/globals'
import { isIPv6 } from 'node:net'
import type { Hex } from '../../../src/values/hex.js'
import { ipv6Netmask, ipv6PrefixLength, parseIpv6, renderIpv6 } from '../../../src/values/ipv6.js'

describe('an IPv6 address', () => {
  test.each([
    ['::', '00000000000000000000000000000000'],
    ['::1', '00000000000000000000000000000001'],
    ['fd00::', 'fd000000000000000000000000000000'],
    ['fd00:2::3', 'fd000002000000000000000000000003'],
    ['1::2:0:0:3:0', '00010000000000020000000000030000'],
    ['1:0:0:2::', '00010000000000020000000000000000'],
    ['1:2:3:4:5:6:7:0', '00010002000300040005000600070000'],
    ['0:1:0:1:0:1:0:1', '00000001000000010000000100000001'],
    ['::ffff:1.2.3.4', '00000000000000000000ffff01020304'],
    ['::1.2.3.4', '00000000000000000000000001020304'],
    ['::2:0:1', '00000000000000000000000200000001'],
  ])('%s is written and read', (text, hex) => {
    expect(renderIpv6(hex as Hex)).toBe(text)
    expect(parseIpv6(text)).toBe(hex)
  })

  test.each([
    ['FD00::1', 'fd000000000000000000000000000001'],
    ['0:0:0:0:0:0:0:1', '00000000000000000000000000000001'],
    ['::1:2:3:4:5:6:7', '00000001000200030004000500060007'],
    ['1:2:3:4:5:6:1.2.3.4', '00010002000300040005000601020304'],
  ])('%s is read', (text, hex) => {
    expect(parseIpv6(text)).toBe(hex)
  })

  test.each([
    '',
    ':',
    ':::',
    '1',
    '1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7:8:9',
    '1::2::3',
    '12345::',
    'g::',
    '1.2.3.4',
    '::1.2.3.4:5',
    '1:2:3:4:5:6:7:8::',
    '::1.2.3',
    ':1::2',
    '1::2:',
  ])('"%s" is none', (text) => {
    expect(parseIpv6(text)).toBeUndefined()
  })

  test.prop([fc.array(fc.constantFrom('0000', '0001', 'ffff', '0a00'), { minLength: 8, maxLength: 8 })])(
    'is read as it was written',
    (words) => {
      const hex = words.join('') as Hex
      expect(parseIpv6(renderIpv6(hex))).toBe(hex)
      expect(isIPv6(renderIpv6(hex))).toBe(true)
    },
  )

  test.prop([fc.array(fc.constantFrom(':', '::', '0', '1', 'ffff', '1.2.3.4', 'x'), { maxLength: 17 })])(
    'is what Node takes for one',
    (pieces) => {
      expect(parseIpv6(pieces.join('')) !== undefined).toBe(isIPv6(pieces.join('')))
    },
  )
})

describe('an IPv6 netmask', () => {
  test('has a length, and every length a mask', () => {
    for (let length = 0; length <= 128; length++) expect(ipv6PrefixLength(ipv6Netmask(length))).toBe(length)
  })

  test.each([
    'ff00ff00000000000000000000000000',
    '0000000000000000000000000000ffff',
    'a0000000000000000000000000000000',
  ])('with holes has no length: %s', (mask) => {
    expect(ipv6PrefixLength(mask as Hex)).toBeUndefined()
  })
})
