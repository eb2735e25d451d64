// A word of flow text that names something and tells more about it: `output:12`, `ct(commit,zone=5)`,
// `check_pkt_larger(1500)->NXM_NX_REG0[0]`, `zone=5`.
import { otherHalf, slice, splitWords, syntaxError, type Word } from './scan.js'

export interface Call {
  readonly word: Word
  readonly name: string
  /** What stands behind the colon or equals sign, or between the parentheses. */
  readonly args: Word | undefined
  /** What stands behind the closing parenthesis; empty when nothing does. */
  readonly tail: Word
}

export function splitCall(word: Word): Call {
  const { text } = word
  const none = slice(word, text.length, 0)
  const at = text.startsWith('"') ? -1 : text.search(/[:(=]/)
  if (at === -1) return { word, name: text, args: undefined, tail: none }
  const name = text.slice(0, at)
  if (text.charAt(at) !== '(') return { word, name, args: restOf(word, at + 1), tail: none }
  const close = closingPlace(text, at)
  if (close === undefined) return { word, name: text, args: undefined, tail: none }
  return { word, name, args: slice(word, at + 1, close - at - 1), tail: restOf(word, close + 1) }
}

function restOf(word: Word, at: number): Word {
  return slice(word, at, word.text.length - at)
}

/** Undefined where there is none, or where the opening one stands in quotes. */
function closingPlace(text: string, open: number): number | undefined {
  for (let quote = text.indexOf('"'); quote !== -1 && quote < open; quote = text.indexOf('"', quote + 1)) {
    quote = otherHalf(text, quote)
    if (quote > open) return undefined
  }
  const close = otherHalf(text, open)
  return close < text.length ? close : undefined
}

/** What a call must have said more about. */
export function argsOf({ args, word }: Call): Word {
  return args ?? word
}

/** How each named argument is read, into a part of `T`. */
export type Readers<T> = ReadonlyMap<string, (call: Call) => Partial<T>>

/** `commit,zone=5,exec(...)`: named arguments in any order, the last of one name counts. */
export function parseNamed<T extends object>(args: Word, readers: Readers<T>, defaults: T): T {
  return splitWords(args).reduce<T>((read, word) => {
    const call = splitCall(word)
    const reader = readers.get(call.name)
    if (!reader || call.tail.text !== '') throw syntaxError(word, `one of ${[...readers.keys()].join(', ')}`)
    return { ...read, ...reader(call) }
  }, defaults)
}
