import { describe, expect, test } from '@jest/globals'
import { test as property, fc } from '@fast-check/jest'
import {
  buildCookie,
  type Cookie,
  isOurs,
  NO_OBJECT,
  OWNER_COOKIE,
  OWNER_MASK,
  parseCookie,
} from '../../../src/pipeline/cookie.js'
import { andHex } from '../../../src/values/hex.js'
import type { Hex } from '../../../src/values/hex.js'
import { objectHash } from '../../../src/values/hash.js'
import { hex } from '../../support/flows.js'

describe('a cookie', () => {
  test('has the bits as drawn: owner, class, feature, object', () => {
    const object = '0123456789' as Hex
    expect(buildCookie({ class: 'pipeline', feature: 1, object: NO_OBJECT })).toBe('df01010000000000')
    expect(buildCookie({ class: 'model', feature: 3, object })).toBe('df01430123456789')
    expect(buildCookie({ class: 'connection', feature: 10, object })).toBe('df018a0123456789')
    expect(buildCookie({ class: 'model', feature: 63, object })).toBe('df017f0123456789')
  })

  test('of an object depends on its kind and name alone', () => {
    const object = objectHash('Port', 'vm1')
    expect(object).toBe('2d41d1711b')
    expect(buildCookie({ class: 'model', feature: 3, object })).toBe('df01432d41d1711b')
  })

  test('of somebody else has no parts', () => {
    for (const foreign of ['0000000000000000', '0001008000000019', 'df02010000000000', 'de01010000000000']) {
      expect(isOurs(foreign as Hex)).toBe(false)
      expect(parseCookie(foreign as Hex)).toBeUndefined()
    }
  })

  test('of ours with a class that is not given out yet is ours, but has no parts', () => {
    expect(isOurs('df01ff0000000000' as Hex)).toBe(true)
    expect(parseCookie('df01ff0000000000' as Hex)).toBeUndefined()
  })
})

const cookie: fc.Arbitrary<Cookie> = fc.record({
  class: fc.constantFrom('pipeline', 'model', 'connection'),
  feature: fc.nat({ max: 63 }),
  object: hex(5),
})

property.prop([cookie])('every cookie says again what it was made of', (parts) => {
  expect(parseCookie(buildCookie(parts))).toEqual(parts)
})

property.prop([cookie])('every cookie of ours is under the mask by which we ask for our flows', (parts) => {
  expect(andHex(buildCookie(parts), OWNER_MASK)).toBe(OWNER_COOKIE)
})

property.prop([hex(8)])('the mask finds just what is ours', (any) => {
  expect(andHex(any, OWNER_MASK) === OWNER_COOKIE).toBe(isOurs(any))
})
