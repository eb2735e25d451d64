import { fc, test as property } from '@fast-check/jest'
import { expect, test } from '@jest/globals'
import { type Hex, hexFromNumber } from '../../../src/values/hex.js'
import { deriveMac, hexFromMac, isGroupMac, macFromHex, parseMac } from '../../../src/values/mac.js'

const anyMac = fc.nat(2 ** 48 - 1).map((value) => macFromHex(hexFromNumber(value, 6)))

test('a MAC address is read in either case and kept in lower case', () => {
  expect(parseMac('FA:16:3e:00:17:E6')).toBe('fa:16:3e:00:17:e6')
})

test.each([
  '',
  'fa:16:3e:00:17',
  'fa:16:3e:00:17:e6:00',
  'fa-16-3e-00-17-e6',
  'fa163e0017e6',
  'fa:16:3e:0:17:e6',
  'fa:16:3e:00:17:eg',
])('%j is no MAC address', (text) => expect(parseMac(text)).toBeUndefined())

test.each([' fa:16:3e:00:17:e6', 'fa:16:3e:00:17:e6\n', 'fa16.3e00.17e6'])('%j is no MAC address', (text) =>
  expect(parseMac(text)).toBeUndefined(),
)

test.each([
  ['ff:ff:ff:ff:ff:ff', true],
  ['01:00:5e:00:00:01', true],
  ['33:33:00:00:00:01', true],
  ['fa:16:3e:00:17:e6', false],
  ['00:ff:ff:ff:ff:ff', false],
])('the group bit of %s is %s', (text, expected) => {
  expect(isGroupMac(parseMac(text)!)).toBe(expected)
})

property.prop([anyMac])('hexadecimal digits and back', (mac) => {
  expect(parseMac(mac)).toBe(mac)
  expect(macFromHex(hexFromMac(mac))).toBe(mac)
  expect(hexFromMac(mac)).toMatch(/^[0-9a-f]{12}$/)
})

property.prop([fc.string(), fc.string()])(
  'a derived MAC address is locally administered and no group',
  (kind, name) => {
    const mac = deriveMac(kind, name)
    expect(parseMac(mac)).toBe(mac)
    expect(Number.parseInt(mac.slice(0, 2), 16) & 3).toBe(2)
  },
)

test('a derived MAC address never changes from one version to the next', () => {
  expect(deriveMac('Port', 'vm1')).toBe('92:d9:c0:f0:ef:aa')
  expect(deriveMac('RouterInterface', 'r1/net1-v4')).toBe('56:0b:74:f8:b0:34')
})

test('kind and name both count', () => {
  const macs = [deriveMac('Port', 'a'), deriveMac('Port', 'b'), deriveMac('RouterInterface', 'a')]
  expect(new Set(macs).size).toBe(3)
})

test('digits become pairs with colons', () => {
  expect(macFromHex('0123456789ab' as Hex)).toBe('01:23:45:67:89:ab')
})
