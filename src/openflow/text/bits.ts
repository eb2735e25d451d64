// Ranges of bits in flow text: `NXM_NX_REG0[0..15]`, `NXM_NX_REG0[3]`, `NXM_NX_REG0[]`.
import type { Bits } from '../actions/bits.js'
import { type Field, fieldNamed, findFieldByMoveName } from '../fields/fields.js'
import { slice, syntaxError, type Word } from './scan.js'

/** A whole field has empty brackets. */
export function renderBits({ field: name, offset, bits }: Bits): string {
  const field = fieldNamed(name)
  if (offset === 0 && bits === field.bits) return `${field.moveName}[]`
  return bits === 1 ? `${field.moveName}[${offset}]` : `${field.moveName}[${offset}..${offset + bits - 1}]`
}

export function parseBits(word: Word): Bits {
  const { field, name, first, last } = findField(word)
  if (!field) throw syntaxError(word, 'a range of bits like NXM_NX_REG0[0..15]')
  const offset = Number(first ?? 0)
  const end = first === undefined ? field.bits - 1 : Number(last ?? first)
  if (end < offset || end >= field.bits)
    throw syntaxError(word, `a range of the ${field.bits} bits of ${name}`)
  return { field: field.name, offset, bits: end - offset + 1 }
}

/** Does it name a field, whether or not its bits are right? */
export function isBits(word: Word): boolean {
  return findField(word).field !== undefined
}

interface Found {
  readonly field: Field | undefined
  readonly name: string
  readonly first: string | undefined
  readonly last: string | undefined
}

function findField({ text }: Word): Found {
  const [, name = '', first, last] = /^(\w+)(?:\[(?:(\d{1,4})(?:\.\.(\d{1,4}))?)?\])?$/.exec(text) ?? []
  return { field: findFieldByMoveName(name), name, first, last }
}

/** The two sides of `SOURCE->TARGET`. */
export function splitArrow(word: Word): readonly [Word, Word] {
  const at = word.text.indexOf('->')
  if (at === -1) throw syntaxError(word, 'of the form SOURCE->TARGET')
  return [slice(word, 0, at), slice(word, at + 2, word.text.length - at - 2)]
}
