// Named bits in flow text: `+trk-new` where each bit named has to be set or clear, `syn|ack` where all bits count.
import { type Hex, hexFromNumber, numberFromHex } from '../../values/hex.js'
import type { FlagFormat } from '../fields/rows.js'
import type { MaskedValue } from './value.js'

/** Names of the bits, from the lowest on. */
const NAMES: Readonly<Record<FlagFormat, readonly string[]>> = {
  ct_state: ['new', 'est', 'rel', 'rpl', 'inv', 'trk', 'snat', 'dnat'],
  tcp_flags: ['fin', 'syn', 'rst', 'psh', 'ack', 'urg', 'ece', 'cwr', 'ns', '[200]', '[400]', '[800]'],
  tunnel_flags: ['oam'],
}

/** @param all mask of the bits that count where there is no mask */
export function renderFlags(format: FlagFormat, masked: MaskedValue, all: Hex): string {
  const names = NAMES[format]
  const full = 2 ** names.length - 1
  if ((numberFromHex(masked.mask ?? all) & full) !== full) return renderSignedFlags(format, masked, all)
  const set = numberFromHex(masked.value)
  const shown = names.filter((_, i) => set & (1 << i))
  return shown.length === 0 ? '0' : shown.join('|')
}

/** The same, a sign before each name, whatever bits count. */
export function renderSignedFlags(format: FlagFormat, { value, mask }: MaskedValue, all: Hex): string {
  const [set, counts] = [numberFromHex(value), numberFromHex(mask ?? all)]
  const signed = NAMES[format].map((name, i) => ((set >> i) & 1 ? `+${name}` : `-${name}`))
  return signed.filter((_, i) => counts & (1 << i)).join('')
}

/** `+syn-ack`, `syn|ack`; undefined when a word is no name of a bit. */
export function parseFlags(format: FlagFormat, text: string, bytes: number): MaskedValue | undefined {
  const names = NAMES[format]
  const bitOf = (name: string): number => (names.includes(name) ? 1 << names.indexOf(name) : Number.NaN)
  if (!/^[+-]/.test(text)) {
    const bits = text.split('|').map(bitOf)
    return bits.some(Number.isNaN) ? undefined : { value: hexFromNumber(sum(bits), bytes) }
  }
  const signed = text.match(/[+-][^+-]*/g) ?? []
  const words = signed.map((word) => ({ isSet: word.startsWith('+'), bit: bitOf(word.slice(1)) }))
  const once = new Set(words.map(({ bit }) => bit))
  if (once.has(Number.NaN) || once.size < words.length) return undefined
  return {
    value: hexFromNumber(sum(words.filter(({ isSet }) => isSet).map(({ bit }) => bit)), bytes),
    mask: hexFromNumber(sum(words.map(({ bit }) => bit)), bytes),
  }
}

function sum(bits: readonly number[]): number {
  return bits.reduce((all, bit) => all | bit, 0)
}
