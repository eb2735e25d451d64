import { fc, test as property } from '@fast-check/jest'
import { expect, test } from '@jest/globals'
import {
  type Hex,
  hexFromNumber,
  numberFromHex,
  onesHex,
  renderHex,
  zeroHex,
} from '../../../src/values/hex.js'

test.each([
  [0, 1, '00'],
  [0x1f42, 8, '0000000000001f42'],
  [0xffffffff, 4, 'ffffffff'],
  [Number.MAX_SAFE_INTEGER, 8, '001fffffffffffff'],
])('%d in %d bytes is %s', (value, bytes, expected) => {
  expect(hexFromNumber(value, bytes)).toBe(expected)
})

test.each([
  ['0000', '0'],
  ['1f42', '0x1f42'],
  ['0000000000001f42', '0x1f42'],
  ['f000', '0xf000'],
])('%s is rendered %s', (hex, expected) => {
  expect(renderHex(hex as Hex)).toBe(expected)
})

test('masks have two digits per byte', () => {
  expect(onesHex(3)).toBe('ffffff')
  expect(zeroHex(8)).toBe('0000000000000000')
})

property.prop([fc.maxSafeNat()])('reading undoes writing, up to 53 bits', (value) => {
  expect(numberFromHex(hexFromNumber(value, 8))).toBe(value)
})

property.prop([fc.maxSafeNat(), fc.maxSafeNat()])(
  'digits of one width compare as their numbers do',
  (a, b) => {
    expect(hexFromNumber(a, 8) < hexFromNumber(b, 8)).toBe(a < b)
  },
)
