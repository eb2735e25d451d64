// The two ways to write bits into a field: NXAST_REG_LOAD names a run of at most 64 bits, OFPAT_SET_FIELD has a value and
// a mask as wide as the field. Before OpenFlow 1.5 a mask can only be said by loads; from 1.5 on there are no loads.
import { type Hex, onesHex } from '../../values/hex.js'
import { type Field, fieldNamed } from '../fields/fields.js'
import type { MatchField } from '../fields/match.js'
import type { Action, ActionOf } from './actions.js'
import type { Bits } from './bits.js'

type SetField = ActionOf<'set_field'>

/** Bits of the value of a load. */
const LOAD_BITS = 64

/** A load as the set-field that does the same; the mask is left out where all bits of all bytes are set. */
export function setFieldOfLoad({ target, value }: Pick<ActionOf<'reg_load'>, 'target' | 'value'>): SetField {
  return setBits(target, toBits(value))
}

/** @param value binary digits */
function setBits({ field, offset, bits }: Bits, value: string): SetField {
  const bytes = widthFor(fieldNamed(field), offset + bits)
  const placed = (digits: string) => toHex(`${digits}${'0'.repeat(offset)}`, bytes)
  const mask = placed('1'.repeat(bits))
  const set: SetField = { type: 'set_field', field, value: placed(value.slice(-bits)) }
  return mask === onesHex(bytes) ? set : { ...set, mask }
}

function widthFor(field: Field, bits: number): number {
  return field.variable ? Math.ceil(bits / 8) : field.bytes
}

/** A load can name neither a field of varying width nor an experimenter's: these go whole, by NXAST_REG_LOAD2. */
export function canBeLoaded(field: string): boolean {
  const { variable, nxm } = fieldNamed(field)
  return !variable && nxm.experimenter === undefined
}

/** A masked set-field as the loads that do the same: one for each run of ones in the mask, from the lowest on. */
export function loadsOfSetField({
  field,
  value,
  mask = onesHex(value.length / 2),
}: MatchField): readonly Action[] {
  if (!canBeLoaded(field)) {
    const isWhole = mask === onesHex(mask.length / 2)
    return [{ type: 'reg_load2', field, value, ...(isWhole ? {} : { mask }) }]
  }
  const bits = toBits(value)
  return runsOfOnes(toBits(mask)).map(({ offset, length }) => ({
    type: 'reg_load',
    target: { field, offset, bits: length },
    value: toHex(bits.slice(bits.length - offset - length, bits.length - offset), LOAD_BITS / 8),
  }))
}

interface Run {
  /** From the lowest bit */
  readonly offset: number
  readonly length: number
}

function runsOfOnes(mask: string): readonly Run[] {
  const lowestFirst = Array.from(mask).reverse().join('')
  return [...lowestFirst.matchAll(new RegExp(`1{1,${LOAD_BITS}}`, 'g'))].map((run) => ({
    offset: run.index,
    length: run[0].length,
  }))
}

function toBits(hex: Hex): string {
  return Array.from(hex, (digit) => Number.parseInt(digit, 16).toString(2).padStart(4, '0')).join('')
}

/** The lowest bits that `bytes` bytes hold. */
function toHex(bits: string, bytes: number): Hex {
  const groups =
    bits
      .slice(-bytes * 8)
      .padStart(bytes * 8, '0')
      .match(/.{4}/g) ?? []
  return groups.map((group) => Number.parseInt(group, 2).toString(16)).join('') as Hex
}
