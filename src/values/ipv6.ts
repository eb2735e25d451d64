// IPv6 addresses between text and 16 bytes of hexadecimal digits.
import { type Hex, hexFromNumber, numberFromHex } from './hex.js'
import { hexFromIpv4, type Ipv4, parseIpv4, renderIpv4 } from './ipv4.js'

const WORDS = 8
const DIGITS = 4 // per word

/** Text to address, or undefined (RFC 4291, section 2.2: words of up to four digits, one `::`, an IPv4 address at the end). */
export function parseIpv6(text: string): Hex | undefined {
  const halves = text.split('::')
  const [head, tail] = halves.map((half, i) => parseWords(half, i === halves.length - 1))
  if (!head || halves.length > 2) return undefined
  if (halves.length === 1) return head.length === WORDS ? (head.join('') as Hex) : undefined
  if (!tail || head.length + tail.length >= WORDS) return undefined
  const zeros = Array.from({ length: WORDS - head.length - tail.length }, () => '0000')
  return [...head, ...zeros, ...tail].join('') as Hex
}

/** @param isLast only the end of an address may be written as an IPv4 one */
function parseWords(text: string, isLast: boolean): readonly string[] | undefined {
  if (text === '') return []
  const words = text.split(':')
  const embedded = isLast ? parseIpv4(words.at(-1) ?? '') : undefined
  const plain = embedded === undefined ? words : words.slice(0, -1)
  if (!plain.every((word) => /^[0-9a-f]{1,4}$/i.test(word))) return undefined
  const padded = plain.map((word) => word.toLowerCase().padStart(DIGITS, '0'))
  const ending = embedded === undefined ? '' : hexFromIpv4(embedded)
  return embedded === undefined ? padded : [...padded, ending.slice(0, DIGITS), ending.slice(DIGITS)]
}

/**
 * The one text that RFC 5952 recommends: lower case, no leading zeros, the longest run of zero words as `::`, an
 * embedded IPv4 address with dots.
 */
export function renderIpv6(address: Hex): string {
  const words = Array.from({ length: WORDS }, (_, i) =>
    Number.parseInt(address.slice(i * DIGITS, (i + 1) * DIGITS), 16),
  )
  const run = longestZeros(words)
  const isEmbedded = run.start === 0 && (run.length === 6 || (run.length === 5 && words[5] === 0xffff))
  const shown = words.map((word) => word.toString(16))
  if (isEmbedded) {
    shown.splice(6, 2, renderIpv4(numberFromHex(address.slice(6 * DIGITS) as Hex) as Ipv4))
  }
  if (run.length < 2) return shown.join(':')
  return `${shown.slice(0, run.start).join(':')}::${shown.slice(run.start + run.length).join(':')}`
}

interface Run {
  readonly start: number
  readonly length: number
}

/** The first of the longest runs. */
function longestZeros(words: readonly number[]): Run {
  let best: Run = { start: 0, length: 0 }
  let start = 0
  words.forEach((word, i) => {
    if (word !== 0) start = i + 1
    else if (i + 1 - start > best.length) best = { start, length: i + 1 - start }
  })
  return best
}

/** 64 → `ffffffffffffffff0000000000000000`. */
export function ipv6Netmask(prefixLength: number): Hex {
  const bits = '1'.repeat(prefixLength).padEnd(WORDS * 16, '0')
  const words = Array.from({ length: WORDS }, (_, i) => Number.parseInt(bits.slice(i * 16, (i + 1) * 16), 2))
  return words.map((word) => hexFromNumber(word, 2)).join('') as Hex
}

/** The prefix length that a mask stands for; undefined when it has holes. */
export function ipv6PrefixLength(mask: Hex): number | undefined {
  const [, ones = '', edge = ''] = /^(f*)([0-9a-f]?)0*$/.exec(mask) ?? []
  const length = ones.length * 4 + Math.max(0, ['0', '8', 'c', 'e'].indexOf(edge))
  return ipv6Netmask(length) === mask ? length : undefined
}
