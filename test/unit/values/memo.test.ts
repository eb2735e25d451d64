import { describe, expect, test } from '@jest/globals'
import { Memo } from '../../../src/values/memo.js'

describe('a memo', () => {
  test('has what was put into it, and nothing else', () => {
    const memo = new Memo<string, number>()
    expect(memo.get('a')).toBeUndefined()
    expect(memo.put('a', 1)).toBe(1)
    expect(memo.get('a')).toBe(1)
    expect(memo.get('b')).toBeUndefined()
  })

  test('knows a text by its content and a record by its identity', () => {
    const texts = new Memo<string, number>()
    texts.put('abc', 1)
    expect(texts.get(['a', 'b', 'c'].join(''))).toBe(1)
    const records = new Memo<object, number>()
    const record = { a: 1 }
    records.put(record, 1)
    expect([records.get(record), records.get({ a: 1 })]).toEqual([1, undefined])
  })

  test('holds 65,536 keys and forgets them all for one more', () => {
    const memo = new Memo<number, number>()
    for (let key = 0; key < 65_536; key++) memo.put(key, -key)
    expect([memo.get(0), memo.get(65_535)]).toEqual([-0, -65_535])
    memo.put(65_536, 7)
    expect([memo.get(0), memo.get(65_535), memo.get(65_536)]).toEqual([undefined, undefined, 7])
  })
})
