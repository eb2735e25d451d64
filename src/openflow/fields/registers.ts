// Registers are 32 bits wide. Open vSwitch has them in pairs too (OXM class 0x8001: packet register n holds reg2n in its
// upper half and reg2n+1 in its lower one) and in fours, and in OpenFlow 1.5 it gives them back in pairs.
import { type Hex, onesHex, zeroHex } from '../../values/hex.js'
import type { Match, MatchField } from './match.js'

const HALF = 8 // digits of one register
const PAIRS = 8

/** The registers in a field that holds several; half a mask of zeros makes a register masked to nothing. */
export function splitRegisters({ field, value, mask }: MatchField, count: 2 | 4): Match {
  const first = Number(field.slice(field.indexOf('g') + 1)) * count
  return Array.from({ length: count }, (_, i) => {
    const cut = (hex: Hex) => hex.slice(i * HALF, (i + 1) * HALF) as Hex
    const register = { field: `reg${first + i}`, value: cut(value) }
    return mask === undefined ? register : { ...register, mask: cut(mask) }
  })
}

/** Registers in pairs, the other fields as they are. */
export function pairRegisters(match: Match): Match {
  const registers = new Map(
    match.filter(({ field }) => isRegister(field)).map((field) => [field.field, field]),
  )
  const pairs = Array.from({ length: PAIRS }, (_, n) =>
    pair(`xreg${n}`, registers.get(`reg${2 * n}`), registers.get(`reg${2 * n + 1}`)),
  )
  return [...match.filter(({ field }) => !isRegister(field)), ...pairs.flat()]
}

function isRegister(field: string): boolean {
  return field.startsWith('reg')
}

function pair(field: string, upper: MatchField | undefined, lower: MatchField | undefined): Match {
  if (!upper && !lower) return []
  const value = `${valueOf(upper)}${valueOf(lower)}` as Hex
  const mask = `${maskOf(upper)}${maskOf(lower)}` as Hex
  return [mask === onesHex(8) ? { field, value } : { field, value, mask }]
}

function valueOf(register: MatchField | undefined): Hex {
  return register?.value ?? zeroHex(4)
}

function maskOf(register: MatchField | undefined): Hex {
  return register ? (register.mask ?? onesHex(4)) : zeroHex(4)
}
