import { describe, expect, test } from '@jest/globals'
import { checkResults, type Operation } from '../../../src/ovsdb/transaction.js'

const operations: readonly Operation[] = [
  { op: 'insert', table: 'Bridge', row: { name: 'br-int' } },
  { op: 'comment', comment: 'a word' },
]

function refusal(reply: unknown): unknown {
  try {
    return checkResults(operations, reply)
  } catch (error) {
    return error
  }
}

describe('the reply to a transaction', () => {
  test('gives one result for each operation', () => {
    expect(checkResults(operations, [{ uuid: ['uuid', 'x'] }, {}])).toEqual([{ uuid: ['uuid', 'x'] }, {}])
  })

  test('names the operation that failed, with error and details', () => {
    expect(refusal([{ error: 'constraint violation', details: 'too long.' }, null])).toMatchObject({
      code: 'OVSDB_ERROR',
      message: 'ovsdb-server refused "insert" on table Bridge: constraint violation: too long.',
    })
  })

  test('may have one more error, of the commit', () => {
    expect(refusal([{}, {}, { error: 'referential integrity violation' }])).toMatchObject({
      code: 'OVSDB_ERROR',
      message: 'ovsdb-server refused to commit a transaction: referential integrity violation.',
    })
  })

  test.each([[null], [{}], [[{}]], [[{}, null]], [[{}, 7]]])('%j is malformed', (reply) => {
    expect(refusal(reply)).toMatchObject({ code: 'OVSDB_MALFORMED' })
  })
})
