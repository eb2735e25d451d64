// Fixed-width hexadecimal text is how this program holds bit strings wider than a JavaScript number is exact
// (53 bits): cookies, OpenFlow metadata, IPv6 addresses. It compares with ===, keeps its width, and prints as it is.
import type { Branded } from './brand.js'

/** Lower-case hexadecimal digits, two per byte, no prefix. */
export type Hex = Branded<string, 'Hex'>

/**
 * Unsigned number to hexadecimal digits.
 * @param value an integer of 0 to 2^53 - 1
 * @param bytes width of the result in bytes
 */
export function hexFromNumber(value: number, bytes: number): Hex {
  return value.toString(16).padStart(bytes * 2, '0') as Hex
}

/** Hexadecimal digits to an unsigned number; exact up to 53 bits. */
export function numberFromHex(hex: Hex): number {
  return Number.parseInt(hex, 16)
}

/** All-ones mask of the given width in bytes. */
export function onesHex(bytes: number): Hex {
  return 'f'.repeat(bytes * 2) as Hex
}

/** Zero of the given width in bytes. */
export function zeroHex(bytes: number): Hex {
  return '0'.repeat(bytes * 2) as Hex
}

/** Shortest text with a 0x prefix, as C's `%#x` has it: `0x1f42`, and `0` without. */
export function renderHex(hex: Hex): string {
  const digits = hex.replace(/^0+/, '')
  return digits === '' ? '0' : `0x${digits}`
}

/** Digits of a 32-bit number, the most that bit operations reach. */
const WORD = 8

/** Bitwise and of two texts of equal width. */
export function andHex(a: Hex, b: Hex): Hex {
  return byWords(a, b, (x, y) => x & y)
}

/** Bitwise or of two texts of equal width. */
export function orHex(a: Hex, b: Hex): Hex {
  return byWords(a, b, (x, y) => x | y)
}

function byWords(a: Hex, b: Hex, operation: (x: number, y: number) => number): Hex {
  let result = ''
  for (let at = 0; at < a.length; at += WORD) {
    const [x, y] = [a.slice(at, at + WORD), b.slice(at, at + WORD)]
    const word = operation(Number.parseInt(x, 16), Number.parseInt(y, 16)) >>> 0
    result += word.toString(16).padStart(x.length, '0')
  }
  return result as Hex
}
