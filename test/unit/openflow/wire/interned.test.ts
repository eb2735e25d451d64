import { fc, test as property } from '@fast-check/jest'
import { describe, expect, test } from '@jest/globals'
import { OPENFLOW_13, OPENFLOW_15 } from '../../../../src/openflow/version.js'
import { interned } from '../../../../src/openflow/wire/interned.js'
import { type Layout, list, struct, u32, u8 } from '../../../../src/openflow/wire/layout.js'
import { Reader } from '../../../../src/openflow/wire/reader.js'
import { hexRest, measured } from '../../../../src/openflow/wire/sections.js'
import type { Hex } from '../../../../src/values/hex.js'

/** A record that opens with its length (16 bits). */
const plain = measured(struct({ kind: u8, body: hexRest }))

const shared = (longest = 64) =>
  interned(plain, { extent: (reader) => reader.byteAhead(0) * 256 + reader.byteAhead(1), longest })

function read<T>(
  layout: Layout<T>,
  hex: string,
  version: typeof OPENFLOW_15 | typeof OPENFLOW_13 = OPENFLOW_15,
): T {
  return layout.read(new Reader(Buffer.from(hex, 'hex')), version)
}

function bytesOf(body: string): string {
  return `${(body.length / 2 + 3).toString(16).padStart(4, '0')}01${body}`
}

describe('a shared record', () => {
  test('is the same one for the same bytes', () => {
    const layout = shared()
    expect(read(layout, '000501abcd')).toBe(read(layout, '000501abcd'))
  })

  test('is another one for bytes that differ in length, in the last byte, or in a byte of zeros', () => {
    const layout = shared()
    const bodies = ['', '00', '0000', '000000', '00000000', '01', '0001', '000001', 'ff00', 'ff']
    for (const body of [...bodies, ...bodies]) {
      expect(read(layout, bytesOf(body))).toEqual({ kind: 1, body })
    }
  })

  test('is not shared between versions, which may read the same bytes differently', () => {
    const byVersion: Layout<string> = { read: (r, version) => `${version} ${r.u8()}`, write: () => undefined }
    const layout = interned(byVersion, { extent: () => 1, longest: 1 })
    const versions = [OPENFLOW_15, OPENFLOW_13, OPENFLOW_15] as const
    expect(versions.map((version) => read(layout, '07', version))).toEqual(['6 7', '4 7', '6 7'])
  })

  test('that is too long is read anew', () => {
    const layout = shared(4)
    expect(read(layout, '000501abcd')).not.toBe(read(layout, '000501abcd'))
    expect(read(layout, '000401ab')).toBe(read(layout, '000401ab'))
  })

  test('is read as it is when its first bytes promise more than there is', () => {
    const layout = shared()
    expect(() => read(layout, '000601abcd')).toThrow('OpenFlow')
    expect(() => read(layout, '00')).toThrow('OpenFlow')
  })

  test('is not remembered when the promise of its first bytes was false', () => {
    const all = list(interned(struct({ a: u8, b: u8 }), { extent: () => 3, longest: 8 }))
    const pairs = [
      { a: 1, b: 2 },
      { a: 3, b: 1 },
      { a: 2, b: 3 },
    ]
    for (let i = 0; i < 2; i++) expect(read(all, '010203010203')).toEqual(pairs)
  })

  test('stays right when more have come than are remembered', () => {
    const layout = interned(struct({ n: u32 }), { extent: () => 4, longest: 4 })
    for (let round = 0; round < 2; round++) {
      for (let n = 0; n < 70_000; n++) {
        if (read(layout, n.toString(16).padStart(8, '0')).n !== n) throw new Error(`${n} is read as another`)
      }
    }
    expect(read(layout, '0001116f')).toBe(read(layout, '0001116f'))
  })

  const hexBody = fc.uint8Array({ maxLength: 80 }).map((bytes) => Buffer.from(bytes).toString('hex') as Hex)
  property.prop([fc.array(hexBody, { maxLength: 40 })])(
    'reads any sequence as the plain layout does',
    (bodies) => {
      const layout = shared()
      const hex = [...bodies, ...bodies].map(bytesOf).join('')
      expect(read(list(layout), hex)).toEqual(read(list(plain), hex))
    },
  )
})
