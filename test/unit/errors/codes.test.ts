import { expect, test } from '@jest/globals'
import { ERROR_KINDS, type ErrorCode, EXIT } from '../../../src/errors/codes.js'
import { ReconcileError } from '../../../src/errors/error.js'

const codes = Object.keys(ERROR_KINDS) as ErrorCode[]

test('each exit code has one number, and they are the documented ones', () => {
  expect(Object.values(EXIT)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 64])
})

test.each(codes)('%s knows its exit code and says what it means', (code) => {
  const error = new ReconcileError(code, 'message')
  expect(Object.values(EXIT)).toContain(error.exitCode)
  expect(error.exitCode).not.toBe(EXIT.done)
  expect(error.retriable).toBe(ERROR_KINDS[code].retriable)
  expect(ERROR_KINDS[code].meaning).toMatch(/^[A-Za-z].*\.$/)
})

test('an error keeps its cause, and has no cause of its own making', () => {
  const cause = new Error('disk')
  expect(new ReconcileError('PATH_UNREADABLE', 'm', { cause }).cause).toBe(cause)
  expect('cause' in new ReconcileError('PATH_UNREADABLE', 'm')).toBe(false)
  expect(new ReconcileError('USAGE', 'm')).toMatchObject({
    name: 'ReconcileError',
    message: 'm',
    related: [],
  })
})
