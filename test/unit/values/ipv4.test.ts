import { fc, test as property } from '@fast-check/jest'
import { describe, expect, test } from '@jest/globals'
import { hexFromIpv4, type Ipv4, parseIpv4, renderIpv4 } from '../../../src/values/ipv4.js'

const anyAddress = fc.integer({ min: 0, max: 0xffffffff }) as fc.Arbitrary<Ipv4>

test.each([
  ['0.0.0.0', 0],
  ['10.1.0.3', 0x0a010003],
  ['127.255.255.255', 0x7fffffff],
  ['128.0.0.0', 0x80000000],
  ['255.255.255.255', 0xffffffff],
])('%s is %d', (text, address) => {
  expect(parseIpv4(text)).toBe(address)
  expect(renderIpv4(address as Ipv4)).toBe(text)
})

describe('what is no address', () => {
  test.each([
    '',
    '10',
    '10.1',
    '10.1.3',
    '10.1.0.3.4',
    '10.1.0.256',
    '10.1.0.1000',
    '010.1.0.3',
    '10.1.0.00',
    '0x0a.1.0.3',
  ])('%j', (text) => expect(parseIpv4(text)).toBeUndefined())
  test.each([
    ' 10.1.0.3',
    '10.1.0.3 ',
    '10.1.0.3\n',
    '10.1.0.-3',
    '10.1.0.+3',
    '10.1.0.3/24',
    '10,1,0,3',
    '::1',
    '١.1.1.1',
  ])('%j', (text) => expect(parseIpv4(text)).toBeUndefined())
})

property.prop([anyAddress])('parsing undoes rendering', (address) => {
  expect(parseIpv4(renderIpv4(address))).toBe(address)
})

property.prop([fc.stringMatching(/^[0-9]{1,4}(\.[0-9]{1,4}){3}$/)])(
  'rendering undoes parsing where there is an address',
  (text) => {
    const address = parseIpv4(text)
    const isPlain = text.split('.').every((octet) => String(Number(octet)) === octet && Number(octet) <= 255)
    expect(address === undefined ? undefined : renderIpv4(address)).toBe(isPlain ? text : undefined)
  },
)

property.prop([anyAddress])('hexadecimal digits are four bytes in network order', (address) => {
  expect(hexFromIpv4(address)).toBe(
    renderIpv4(address)
      .split('.')
      .map((octet) => Number(octet).toString(16).padStart(2, '0'))
      .join(''),
  )
})
