// Open vSwitch gives registers back in pairs when it speaks OpenFlow 1.5: packet register n (OXM class 0x8001) holds
// reg2n in its upper half and reg2n+1 in its lower one. Goes in: a field of a match; comes out: the registers in it.
import type { Hex } from '../../values/hex.js'
import type { Match, MatchField } from './match.js'

const PACKET_REGISTER = /^oxm_8001_([0-7])_8$/
const HALF = 8 // digits

/** One register of 32 bits as it is, a packet register as two; half a mask of zeros makes a field masked to nothing. */
export function splitRegisters(field: MatchField): Match {
  const pair = PACKET_REGISTER.exec(field.field)?.[1]
  if (pair === undefined) return [field]
  return [half(field, 2 * Number(pair), 0), half(field, 2 * Number(pair) + 1, HALF)]
}

function half({ value, mask }: MatchField, register: number, at: number): MatchField {
  const cut = (hex: Hex) => hex.slice(at, at + HALF) as Hex
  const field = { field: `reg${register}`, value: cut(value) }
  return mask === undefined ? field : { ...field, mask: cut(mask) }
}
