import { expect, test } from '@jest/globals'
import { readFile } from 'node:fs/promises'
import { systemReason } from '../../../src/errors/system-reason.js'

test('an error of the system is said in words', async () => {
  const error: unknown = await readFile('/nowhere/at.all').catch((cause: unknown) => cause)
  expect(systemReason(error)).toBe('no such file or directory')
})

test('any other is what it says itself', () => {
  expect(systemReason(new Error('it is no regular file'))).toBe('it is no regular file')
  expect(systemReason(Object.assign(new Error('odd'), { errno: 1 }))).toBe('odd')
  expect(systemReason('gone')).toBe('gone')
})
