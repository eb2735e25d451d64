import { describe, expect, test } from '@jest/globals'
import {
  encodeNamedUuid,
  encodeSet,
  encodeTextMap,
  encodeUuid,
  integer,
  optional,
  setOf,
  text,
  textMap,
  uuid,
  type Uuid,
} from '../../../src/ovsdb/values.js'

const A = '0b4a6e32-0000-4000-8000-00000000000a' as Uuid
const B = '0b4a6e32-0000-4000-8000-00000000000b' as Uuid
const where = 'Interface.ofport'

describe('the notation of OVSDB values', () => {
  test('a set of one element is that element, bare or wrapped', () => {
    expect(optional(integer)(11, where)).toBe(11)
    expect(optional(integer)(['set', [11]], where)).toBe(11)
    expect(setOf(integer)(11, where)).toEqual([11])
  })

  test('a set of none or several is wrapped', () => {
    expect(optional(integer)(['set', []], where)).toBeUndefined()
    expect(setOf(integer)(['set', []], where)).toEqual([])
    expect(setOf(integer)(encodeSet([1, 2]), where)).toEqual([1, 2])
  })

  test('a row id is not taken for a set, though it is an array', () => {
    expect(setOf(uuid)(encodeUuid(A), where)).toEqual([A])
    expect(setOf(uuid)(encodeSet([encodeUuid(A), encodeUuid(B)]), where)).toEqual([A, B])
  })

  test('a map keeps its pairs', () => {
    const pairs = [
      ['iface-id', 'vm1'],
      ['__proto__', ''],
    ] as const
    expect(textMap(['map', []], where)).toEqual(new Map())
    expect(textMap(encodeTextMap(pairs), where)).toEqual(new Map(pairs))
  })

  test('a row of the same transaction is named, not numbered', () => {
    expect(encodeNamedUuid('new_port')).toEqual(['named-uuid', 'new_port'])
  })

  test.each([
    ['text', () => text(1, where)],
    ['integer', () => integer(1.5, where)],
    ['integer as text', () => integer('1', where)],
    ['optional', () => optional(integer)(['set', [1, 2]], where)],
    ['set', () => setOf(integer)(['set', 1], where)],
    ['member', () => setOf(integer)(['set', ['x']], where)],
    ['uuid', () => uuid(['uuid', 'new_port'], where)],
    ['named uuid', () => uuid(encodeNamedUuid(A), where)],
    ['bare uuid', () => uuid(A, where)],
    ['map', () => textMap(['set', []], where)],
    ['map without list', () => textMap(['map'], where)],
    ['pair', () => textMap(['map', [['a']]], where)],
    ['pair of numbers', () => textMap(['map', [['a', 1]]], where)],
    ['absent', () => textMap(undefined, where)],
  ])('a wrong %s is refused with the name of the column', (_, decode) => {
    expect(decode).toThrow(
      expect.objectContaining({ code: 'OVSDB_MALFORMED', message: expect.stringContaining(where) }),
    )
  })
})
