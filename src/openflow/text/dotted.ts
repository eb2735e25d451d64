// Bytes in flow text: pairs of hexadecimal digits with dots between them, `01.02.ff`.
import type { Hex } from '../../values/hex.js'
import { syntaxError, type Word } from './scan.js'

export function renderDotted(hex: Hex): string {
  return (hex.match(/../g) ?? []).join('.')
}

/** The dots may be left out. */
export function parseDotted(word: Word): Hex {
  if (!/^([0-9a-f]{2}(\.[0-9a-f]{2}|[0-9a-f]{2})*)?$/i.test(word.text))
    throw syntaxError(word, 'bytes like 01.02.ff')
  return word.text.replaceAll('.', '').toLowerCase() as Hex
}
