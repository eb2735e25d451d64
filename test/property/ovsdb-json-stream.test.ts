import { describe, expect } from '@jest/globals'
import { fc, test } from '@fast-check/jest'
import { ReconcileError } from '../../src/errors/error.js'
import { JsonStream } from '../../src/ovsdb/json-stream.js'

/** Objects and arrays with texts of every kind of character; -0 is not kept by JSON itself. */
const message = fc
  .oneof(
    fc.array(fc.jsonValue({ stringUnit: 'binary' })),
    fc.dictionary(fc.string({ unit: 'binary' }), fc.jsonValue({ stringUnit: 'binary' })),
  )
  .map((value) => JSON.stringify(value))
const separator = fc.constantFrom('', ' ', '\n', '\r\n\t')
const cuts = fc.array(fc.nat(), { maxLength: 20 })

function chunks(bytes: Buffer, at: readonly number[]): Buffer[] {
  const positions = [0, ...at.map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b), bytes.length]
  return positions.slice(1).map((end, index) => bytes.subarray(positions[index], end))
}

function read(pieces: readonly Buffer[]): unknown[] {
  const stream = new JsonStream()
  return pieces.flatMap((piece) => [...stream.push(piece)])
}

describe('the framing of JSON messages', () => {
  test.prop([fc.array(fc.tuple(separator, message)), cuts])(
    'gives back any sequence of values, wherever the bytes are cut',
    (texts, at) => {
      const bytes = Buffer.from(texts.flat().join(''))
      expect(read(chunks(bytes, at))).toEqual(texts.map(([, text]) => JSON.parse(text) as unknown))
    },
  )

  test.prop([fc.array(fc.tuple(separator, message), { minLength: 1 }), fc.nat()])(
    'gives every value one byte at a time, the last with its last byte',
    (texts) => {
      const bytes = Buffer.from(texts.flat().join(''))
      const pieces = [...bytes].map((byte) => Buffer.of(byte))
      expect(read(pieces.slice(0, -1))).toHaveLength(texts.length - 1)
      expect(read(pieces)).toHaveLength(texts.length)
    },
  )

  test.prop([fc.uint8Array({ maxLength: 200 }), cuts])(
    'answers any bytes with values or a typed error',
    (noise, at) => {
      try {
        for (const value of read(chunks(Buffer.from(noise), at))) expect(typeof value).toBe('object')
      } catch (error) {
        expect(error).toBeInstanceOf(ReconcileError)
        expect(error).toMatchObject({ code: 'OVSDB_MALFORMED' })
      }
    },
  )

  test.prop([message, fc.constantFrom('x', '}', ']', '"', '1', ',', '\u0000', 'é')])(
    'refuses garbage between values with a typed error',
    (text, garbage) => {
      expect(() => read([Buffer.from(text + garbage + text)])).toThrow(
        expect.objectContaining({ code: 'OVSDB_MALFORMED' }),
      )
    },
  )
})
