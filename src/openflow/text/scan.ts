// Flow text cut into words that remember their column, so that a mistake can be shown where it is.
import { ReconcileError, type SourcePosition } from '../../errors/error.js'

/** A piece of a line. */
export interface Word {
  readonly text: string
  readonly at: SourcePosition
}

/**
 * Words between commas or spaces; a comma inside quotes or parentheses does not count. A quote or parenthesis without
 * its other half is part of the word, where it will be found wrong.
 */
export function splitWords(line: Word): readonly Word[] {
  return [...line.text.matchAll(/(?:"(?:[^"\\]|\\.)*"|\([^()]*\)|[^\s,])+/g)].map((match) =>
    slice(line, match.index, match[0].length),
  )
}

export function slice(word: Word, start: number, length: number): Word {
  const at = { ...word.at, column: word.at.column + start, length: Math.max(1, length) }
  return { text: word.text.slice(start, start + length), at }
}

/** `key=value` or `key:value` at the first separator; the value is undefined where there is none. */
export function splitPair(word: Word, separator: '=' | ':'): { key: string; value: Word | undefined } {
  const index = word.text.indexOf(separator)
  if (index === -1) return { key: word.text, value: undefined }
  return { key: word.text.slice(0, index), value: slice(word, index + 1, word.text.length - index - 1) }
}

/** Characters of a wrong word that a message repeats; the code frame shows more. */
const MAX_SHOWN = 80

export function syntaxError({ text, at }: Word, expected: string): ReconcileError {
  const shown = text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}…` : text
  return new ReconcileError('INVALID_DUMP', `"${shown}" is not ${expected}.`, {
    at,
    remedy: 'Use the notation of `ovs-ofctl -O OpenFlow15 dump-flows`.',
  })
}

/** A decimal or 0x number of 0 to `max`. */
export function parseNumber(word: Word | undefined, of: Word, max: number): number {
  const number = word && /^(0x[0-9a-f]+|[0-9]+)$/i.test(word.text) ? Number(word.text) : Number.NaN
  if (!(number <= max)) throw syntaxError(word ?? of, `a number of 0 to ${max}`)
  return number
}
