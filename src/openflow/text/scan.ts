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
  return split(line, { atSpaces: true })
}

/** Parts between single commas, empty ones too. */
export function splitCommas(list: Word): readonly Word[] {
  return split(list, { atSpaces: false })
}

function split(line: Word, { atSpaces }: { readonly atSpaces: boolean }): readonly Word[] {
  const { text } = line
  const words: Word[] = []
  for (let start = 0; start <= text.length; start++) {
    const end = nextSeparator(text, start, atSpaces)
    if (end > start || !atSpaces) words.push(trimmed(line, start, end))
    start = end
  }
  return words
}

const [QUOTE, OPEN, CLOSE, COMMA, BACKSLASH, SPACE] = [0x22, 0x28, 0x29, 0x2c, 0x5c, 0x20] as const
const FIRST_BEYOND_ASCII = 0x80

/** The place of a comma, or of a space, in no quotes and no parentheses; the end of the text where there is none. */
function nextSeparator(text: string, from: number, atSpaces: boolean): number {
  for (let at = from; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code > COMMA && code < FIRST_BEYOND_ASCII) continue
    if (code === COMMA || (atSpaces && isSpace(code))) return at
    if (code === QUOTE || code === OPEN) at = otherHalf(text, at)
  }
  return text.length
}

function trimmed(line: Word, from: number, to: number): Word {
  let [start, end] = [from, to]
  while (start < end && isSpace(line.text.charCodeAt(start))) start++
  while (start < end && isSpace(line.text.charCodeAt(end - 1))) end--
  return slice(line, start, end - start)
}

/** As `\s` in a pattern. */
function isSpace(code: number): boolean {
  if (code >= FIRST_BEYOND_ASCII) return /\s/.test(String.fromCharCode(code))
  return code === SPACE || (code >= 0x09 && code <= 0x0d)
}

/** The place of what closes the quote or parenthesis at `open`; the end of the text where nothing does. */
export function otherHalf(text: string, open: number): number {
  let depth = 0
  for (let at = open; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === QUOTE) at = closingQuote(text, at)
    else if (code === OPEN) depth++
    else if (code === CLOSE) depth--
    if (depth === 0) return at
  }
  return text.length
}

function closingQuote(text: string, open: number): number {
  for (let at = open + 1; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === QUOTE) return at
    if (code === BACKSLASH) at++
  }
  return text.length
}

export function slice(word: Word, start: number, length: number): Word {
  return new Piece(word.text.slice(start, start + length), word, start)
}

/** Where it lies is worked out when somebody asks: of a hundred thousand lines hardly a word is wrong. */
class Piece implements Word {
  constructor(
    readonly text: string,
    private readonly whole: Word,
    private readonly start: number,
  ) {}

  get at(): SourcePosition {
    const { at } = this.whole
    return { ...at, column: at.column + this.start, length: Math.max(1, this.text.length) }
  }
}

/** `key=value` or `key:value` at the first separator; the value is undefined where there is none. */
export function splitPair(word: Word, separator: '=' | ':'): { key: string; value: Word | undefined } {
  const { text } = word
  const index = text.indexOf(separator)
  if (index === -1) return { key: text, value: undefined }
  return { key: text.slice(0, index), value: slice(word, index + 1, text.length - index - 1) }
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
  const number = word && isNumber(word.text) ? Number(word.text) : Number.NaN
  if (!(number <= max)) throw syntaxError(word ?? of, `a number of 0 to ${max}`)
  return number
}

/** Decimal or 0x-prefixed digits? */
export function isNumber(text: string): boolean {
  return /^(?:[0-9]+|0[xX][0-9a-fA-F]+)$/.test(text)
}
