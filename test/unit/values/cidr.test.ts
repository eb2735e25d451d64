import { fc, test as property } from '@fast-check/jest'
import { describe, expect, test } from '@jest/globals'
import {
  broadcastOf,
  type Cidr,
  cidrOf,
  contains,
  firstHost,
  netmask,
  overlaps,
  parseCidr,
  renderCidr,
} from '../../../src/values/cidr.js'
import { type Ipv4, parseIpv4, renderIpv4 } from '../../../src/values/ipv4.js'

const anyAddress = fc.integer({ min: 0, max: 0xffffffff }) as fc.Arbitrary<Ipv4>
const anyCidr = fc.record({ address: anyAddress, prefixLength: fc.nat(32) }).map(cidrOf)

const cidr = (text: string): Cidr => cidrOf(parseCidr(text)!)
const size = ({ prefixLength }: Cidr): number => 2 ** (32 - prefixLength)

test('a prefix as written keeps its host bits until they are cleared', () => {
  const written = parseCidr('10.1.0.5/24')!
  expect(renderIpv4(written.address)).toBe('10.1.0.5')
  expect(renderCidr(cidrOf(written))).toBe('10.1.0.0/24')
})

test.each([
  '10.1.0.0',
  '10.1.0.0/',
  '10.1.0.0/33',
  '10.1.0.0/024',
  '10.1.0.0/-1',
  '10.1.0/24',
  '010.1.0.0/24',
  '/24',
  '',
])('%j is no prefix', (text) => expect(parseCidr(text)).toBeUndefined())

test.each([
  ' 10.1.0.0/24',
  '10.1.0.0/24 ',
  '10.1.0.0/24\n',
  '10.1.0.0 /24',
  '10.1.0.0/2 4',
  '10.1.0.0/1e1',
  '::/0',
  '10.1.0.0/99',
])('%j is no prefix', (text) => expect(parseCidr(text)).toBeUndefined())

test.each([
  [0, 0],
  [1, 0x80000000],
  [24, 0xffffff00],
  [31, 0xfffffffe],
  [32, 0xffffffff],
])('the mask of length %d is %d', (length, mask) => {
  expect(netmask(length)).toBe(mask)
})

describe('first host and broadcast address', () => {
  test.each([
    ['10.1.0.0/24', '10.1.0.1', '10.1.0.255'],
    ['0.0.0.0/0', '0.0.0.1', '255.255.255.255'],
    ['128.0.0.0/1', '128.0.0.1', '255.255.255.255'],
    ['10.1.0.4/30', '10.1.0.5', '10.1.0.7'],
    ['10.1.0.4/31', '10.1.0.4', undefined],
    ['255.255.255.255/32', '255.255.255.255', undefined],
  ])('of %s are %s and %s', (text, first, broadcast) => {
    expect(renderIpv4(firstHost(cidr(text)))).toBe(first)
    expect(broadcastOf(cidr(text))).toBe(broadcast === undefined ? undefined : parseIpv4(broadcast))
  })
})

property.prop([anyCidr])('parsing undoes rendering', (prefix) => {
  expect(cidr(renderCidr(prefix))).toEqual(prefix)
})

property.prop([anyCidr, anyAddress])(
  'a prefix contains just the addresses from its network on, as many as its size',
  (prefix, address) => {
    expect(contains(prefix, address)).toBe(
      address >= prefix.network && address < prefix.network + size(prefix),
    )
  },
)

property.prop([anyAddress, fc.nat(32)])(
  'clearing host bits twice is clearing them once, and the address stays inside',
  (address, prefixLength) => {
    const prefix = cidrOf({ address, prefixLength })
    expect(cidrOf({ address: prefix.network, prefixLength })).toEqual(prefix)
    expect(contains(prefix, address)).toBe(true)
  },
)

property.prop([anyCidr, anyCidr])(
  'two prefixes overlap just when one holds the other, in either order',
  (a, b) => {
    const share = Math.max(a.network, b.network) < Math.min(a.network + size(a), b.network + size(b))
    expect(overlaps(a, b)).toBe(share)
    expect(overlaps(b, a)).toBe(share)
  },
)

property.prop([anyCidr, fc.nat(32)])('a prefix overlaps every prefix around it', (inner, shorterBy) => {
  const outer = cidrOf({ address: inner.network, prefixLength: Math.max(0, inner.prefixLength - shorterBy) })
  expect(overlaps(outer, inner)).toBe(true)
})

property.prop([anyCidr])('the first host is inside and not the broadcast address', (prefix) => {
  expect(contains(prefix, firstHost(prefix))).toBe(true)
  expect(firstHost(prefix)).not.toBe(broadcastOf(prefix))
})
