import { describe, expect, test } from '@jest/globals'
import { encodeReply, encodeRequest, parseMessage } from '../../../src/ovsdb/json-rpc.js'

describe('a JSON-RPC message', () => {
  test('with a method and an id is a request', () => {
    expect(parseMessage(JSON.parse(encodeRequest(0, 'echo', [1])))).toEqual({
      kind: 'request',
      id: 0,
      method: 'echo',
      params: [1],
    })
  })

  test('with a method and no id is a notification', () => {
    const notification = { kind: 'notification', method: 'update', params: [] }
    expect(parseMessage({ method: 'update', params: [], id: null })).toEqual(notification)
    expect(parseMessage({ method: 'update', params: [] })).toEqual(notification)
  })

  test('without a method is a reply', () => {
    const reply = { kind: 'reply', id: 'echo', result: [], error: null }
    expect(parseMessage(JSON.parse(encodeReply('echo', [])))).toEqual(reply)
    expect(parseMessage({ id: 7, result: null, error: 'no' })).toMatchObject({ id: 7, error: 'no' })
  })

  test.each([
    [[]],
    [null],
    [{}],
    [{ id: null, result: 1 }],
    [{ method: 7, params: [] }],
    [{ method: 'update' }],
  ])('%j is none', (value) => {
    expect(() => parseMessage(value)).toThrow(expect.objectContaining({ code: 'OVSDB_MALFORMED' }))
  })
})
