import { describe, expect, test } from '@jest/globals'
import { JsonStream } from '../../../src/ovsdb/json-stream.js'

const malformed = expect.objectContaining({ code: 'OVSDB_MALFORMED' })

function read(stream: JsonStream, ...chunks: (string | number[])[]): unknown[] {
  return chunks.flatMap((chunk) => [
    ...stream.push(typeof chunk === 'string' ? Buffer.from(chunk) : Buffer.from(chunk)),
  ])
}

describe('the framing of JSON messages', () => {
  test('several messages in one read come out one by one', () => {
    expect(read(new JsonStream(), ' {"a":1}[2] \n{}')).toEqual([{ a: 1 }, [2], {}])
  })

  test('a message in several reads comes out once it is whole', () => {
    const stream = new JsonStream()
    expect(read(stream, '{"a":', '[1,')).toEqual([])
    expect(read(stream, '2]}{')).toEqual([{ a: [1, 2] }])
    expect(read(stream, '}')).toEqual([{}])
  })

  test('brackets and quotes inside strings do not count', () => {
    const value = { a: '}]"\\', 'b{[': '\\"{' }
    expect(read(new JsonStream(), JSON.stringify(value))).toEqual([value])
  })

  test('a UTF-8 sequence may be cut in half', () => {
    expect(read(new JsonStream(), [0x5b, 0x22, 0xe2, 0x82], [0xac, 0x22, 0x5d])).toEqual([['€']])
  })

  test.each(['x{}', '12 ', '"text"', '}', '{]', '{"a" 1}', '[1,]', '{}garbage', '\u0006\u0000\u0000\u0008'])(
    '%j is refused with a typed error',
    (text) => {
      expect(() => read(new JsonStream(), text)).toThrow(malformed)
    },
  )

  test('what precedes garbage in one read is still delivered', () => {
    const values = new JsonStream().push(Buffer.from('{"a":1}garbage'))
    expect(values.next().value).toEqual({ a: 1 })
    expect(() => values.next()).toThrow(malformed)
  })

  test('bytes that are not UTF-8 are refused, not replaced', () => {
    expect(() => read(new JsonStream(), [0x5b, 0x22, 0xff, 0x22, 0x5d])).toThrow(malformed)
  })

  test('a message longer than the limit is refused before it is whole; one of exactly the limit is read', () => {
    expect(read(new JsonStream(10), '["345678"]["345678"]')).toHaveLength(2)
    expect(() => read(new JsonStream(10), '["3456', '7890')).not.toThrow()
    expect(() => read(new JsonStream(10), '["3456', '78901')).toThrow(malformed)
  })
})
