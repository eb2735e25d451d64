// Flow text cut into words that remember their column, so that a mistake can be shown where it is.
import { ReconcileError, type SourcePosition } from '../../errors/error.js'

/** A piece of a line. */
export interface Word {
  readonly text: string
  readonly at: SourcePosition
}

/**
 * Words between commas or spaces; a comma inside quotes or parentheses does not count. A quote or parenthesis without
 * its other half takes all that follows into its word, where it will be found wrong.
 */
export function splitWords(line: Word): readonly Word[] {
  return splitAt(line, /[\s,]/).filter(({ text }) => text !== '')
}

/** Parts between single commas, empty ones too. */
export function splitCommas(list: Word): readonly Word[] {
  return splitAt(list, /,/)
}

function splitAt(line: Word, separator: RegExp): readonly Word[] {
  const words: Word[] = []
  let start = 0
  for (const at of outerPlaces(line.text)) {
    if (!separator.test(line.text.charAt(at))) continue
    words.push(trimmed(line, start, at))
    start = at + 1
  }
  return [...words, trimmed(line, start, line.text.length)]
}

function trimmed(line: Word, start: number, end: number): Word {
  const text = line.text.slice(start, end)
  const indent = text.length - text.trimStart().length
  return slice(line, start + indent, text.trim().length)
}

/** Places that lie in no quotes and no parentheses; of a pair of parentheses, the closing one. */
export function* outerPlaces(text: string): Generator<number> {
  let depth = 0
  let isQuoted = false
  for (let at = 0; at < text.length; at++) {
    const letter = text.charAt(at)
    if (isQuoted && letter === '\\') at++
    else if (letter === '"') isQuoted = !isQuoted
    else if (isQuoted) continue
    else if (letter === '(') depth++
    else if (letter === ')') depth = Math.max(0, depth - 1)
    if (depth === 0 && !isQuoted) yield at
  }
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
