import { fc, test as property } from '@fast-check/jest'
import { expect, test } from '@jest/globals'
import { objectHash, stableHash } from '../../../src/values/hash.js'

test('a hash is the beginning of the SHA-256, as published for "abc" (FIPS 180-4)', () => {
  expect(stableHash('abc', 4)).toBe('ba7816bf')
  expect(stableHash('abc', 32)).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad')
})

test('the hash of an object is 40 bits of its kind and name, and never changes from one version to the next', () => {
  expect(objectHash('Port', 'vm1')).toBe(stableHash('Port/vm1', 5))
  expect(objectHash('Port', 'vm1')).toBe('2d41d1711b')
  expect(objectHash('Network', 'vm1')).not.toBe(objectHash('Port', 'vm1'))
})

property.prop([fc.string(), fc.integer({ min: 1, max: 32 })])(
  'a hash has the width asked for',
  (text, bytes) => {
    expect(stableHash(text, bytes)).toMatch(new RegExp(`^[0-9a-f]{${bytes * 2}}$`))
  },
)
