import { expect, test } from '@jest/globals'
import { lockName } from '../../../src/ovsdb/lock.js'

test.each([
  ['br0', 'reconcile_br0'],
  ['br-int', 'reconcile_br_2dint'],
  ['br_2dint', 'reconcile_br_5f2dint'],
  ['brücke.1', 'reconcile_br_c3_bccke_2e1'],
])('the lock of bridge %s is %s: an <id> of RFC 7047, and of no other bridge', (bridge, name) => {
  expect(lockName(bridge)).toBe(name)
  expect(name).toMatch(/^[a-zA-Z_][a-zA-Z0-9_]*$/)
})
