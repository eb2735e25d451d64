import { describe, expect, test } from '@jest/globals'
import { applyUpdate, EMPTY_REPLICA } from '../../../src/ovsdb/replica.js'
import { id, interfaceRow } from './rows.js'

const malformed = expect.objectContaining({ code: 'OVSDB_MALFORMED' })
const withTap = applyUpdate(EMPTY_REPLICA, { Interface: { [id(1)]: { new: interfaceRow('tap-vm1') } } })

describe('the replica', () => {
  test('takes up inserted rows', () => {
    expect(withTap.Interface.get(id(1))).toEqual({
      name: 'tap-vm1',
      type: '',
      ofport: undefined,
      error: undefined,
      external_ids: new Map(),
      options: new Map(),
    })
    expect(EMPTY_REPLICA.Interface.size).toBe(0)
  })

  test('replaces modified rows as a whole', () => {
    const update = { old: { ofport: ['set', []] }, new: interfaceRow('tap-vm1', { ofport: 11 }) }
    const next = applyUpdate(withTap, { Interface: { [id(1)]: update } })
    expect(next.Interface.get(id(1))?.ofport).toBe(11)
    expect(withTap.Interface.get(id(1))?.ofport).toBeUndefined()
  })

  test('forgets deleted rows', () => {
    const next = applyUpdate(withTap, { Interface: { [id(1)]: { old: interfaceRow('tap-vm1') } } })
    expect(next.Interface.size).toBe(0)
  })

  test('keeps the tables that an update does not name, and ignores tables it does not know', () => {
    const next = applyUpdate(withTap, { Mirror: { x: 1 } })
    expect(next.Interface).toBe(withTap.Interface)
  })

  test.each([
    ['no object', null],
    ['a table that is no object', { Interface: [] }],
    ['a row id that is none', { Interface: { 'row-1': { new: interfaceRow('a') } } }],
    ['an update that is no object', { Interface: { [id(2)]: 7 } }],
    ['a row that is no object', { Interface: { [id(2)]: { new: null } } }],
    ['an absent column', { Interface: { [id(2)]: { new: { name: 'a' } } } }],
    ['a column of another type', { Interface: { [id(2)]: { new: interfaceRow('a', { ofport: 'x' }) } } }],
  ])('refuses %s with a typed error', (_, update) => {
    expect(() => applyUpdate(withTap, update)).toThrow(malformed)
  })
})
