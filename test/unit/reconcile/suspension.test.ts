import { expect, test } from '@jest/globals'
import type { BridgeNotes } from '../../../src/ovsdb/view.js'
import { describeSuspension, suspensionOf } from '../../../src/reconcile/suspension.js'

const notes = (value?: string): BridgeNotes => ({
  uuid: 'u' as BridgeNotes['uuid'],
  name: 'br-int',
  externalIds: new Map(value === undefined ? [] : [['reconcile-suspended', value]]),
})

test.each([
  ['2026-01-01T00:00:00.000Z', { since: '2026-01-01T00:00:00.000Z', reason: '' }],
  ['2026-01-01T00:00:00.000Z a drill', { since: '2026-01-01T00:00:00.000Z', reason: 'a drill' }],
  ['true', { since: '', reason: 'true' }],
  ['', { since: '', reason: '' }],
])('the text "%s" on the bridge suspends it, whoever wrote it', (value, suspension) => {
  expect(suspensionOf(notes(value))).toEqual(suspension)
})

test('without the key, and without a bridge, nothing is suspended', () => {
  expect(suspensionOf(notes())).toBeUndefined()
  expect(suspensionOf(undefined)).toBeUndefined()
})

test('the words are one sentence', () => {
  expect(describeSuspension('br-int', { since: '', reason: '' })).toBe('br-int is suspended')
  expect(describeSuspension('br-int', { since: 'noon', reason: 'a drill' })).toBe(
    'br-int is suspended since noon: a drill',
  )
})
