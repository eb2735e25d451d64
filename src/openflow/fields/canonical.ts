// Two matches that a switch takes for the same may be said in many ways. Goes in: a match as it came; comes out: the one
// form of it (see docs/openflow.md, "When two flows are equal"), and the form in which Open vSwitch would send it.
import { compareText } from '../../errors/position.js'
import { andHex, type Hex, hexFromNumber, numberFromHex } from '../../values/hex.js'
import { widePort } from '../ports.js'
import { OPENFLOW_15, type Version } from '../version.js'
import { type Field, fieldNamed, FIELDS, wireRank } from './fields.js'
import type { Match, MatchField } from './match.js'
import { pairRegisters, splitRegisters } from './registers.js'
import { splitTag } from './tag.js'

type Rewrite = (field: MatchField) => Match

/** Fields that say what others say. */
const REWRITES: ReadonlyMap<string, Rewrite> = new Map<string, Rewrite>([
  ...Array.from(
    { length: 8 },
    (_, n) => [`xreg${n}`, (field: MatchField) => splitRegisters(field, 2)] as const,
  ),
  ...Array.from(
    { length: 4 },
    (_, n) => [`xxreg${n}`, (field: MatchField) => splitRegisters(field, 4)] as const,
  ),
  ['vlan_tci', ({ value, mask }) => splitTag(numberFromHex(value), mask ? numberFromHex(mask) : 0xffff)],
  ['nw_tos', ({ value }) => [{ field: 'ip_dscp', value: hexFromNumber(numberFromHex(value) >> 2, 1) }]],
  [
    'nxm_in_port',
    ({ value }) => [{ field: 'in_port', value: hexFromNumber(widePort(numberFromHex(value)), 4) }],
  ],
])

/** Of these Open vSwitch 3.1 looks at no more bits than the value has ones. */
const MASKED_BY_VALUE = new Set([
  'tun_erspan_ver',
  'tun_erspan_dir',
  'tun_erspan_hwid',
  'tun_gtpu_flags',
  'tun_gtpu_msgtype',
])

/** Fields that only an Ethernet frame has: with any of them, the packet type is that of Ethernet. */
const OF_ETHERNET = new Set(['eth_src', 'eth_dst', 'eth_type', 'vlan_vid'])
const PACKET_TYPE = 'packet_type'
const ETHERNET = '00000000' as Hex

/**
 * Fields by their own name and in wire order, registers one by one; value bits outside the mask cleared, a mask of all
 * ones dropped, a field masked to nothing left out. The packet type of Ethernet is said only where nothing else says it.
 */
export function canonicalMatch(match: Match): Match {
  return isCanonical(match) ? match : rewrittenMatch(match)
}

/** Fields that stand in a canonical match as they are, with their place in it. */
const PLAIN: ReadonlyMap<string, Plain> = new Map(
  FIELDS.filter((field) => !field.variable && !isSpecial(field.name)).map((field) => [
    field.name,
    { rank: wireRank(field.name), full: field.full },
  ]),
)

interface Plain {
  readonly rank: number
  readonly full: Hex
}

function isSpecial(name: string): boolean {
  return REWRITES.has(name) || MASKED_BY_VALUE.has(name) || name === PACKET_TYPE
}

/** Most matches are canonical as the switch sends them, and this is quicker than making them so. */
function isCanonical(match: Match): boolean {
  let last = -1
  for (const { field, value, mask } of match) {
    const plain = PLAIN.get(field)
    if (plain === undefined || plain.rank <= last) return false
    if (mask !== undefined && !isTidy(value, mask, plain.full)) return false
    last = plain.rank
  }
  return true
}

function isTidy(value: Hex, mask: Hex, full: Hex): boolean {
  return mask !== full && !isZero(mask) && andHex(mask, full) === mask && andHex(value, mask) === value
}

function rewrittenMatch(match: Match): Match {
  const kept: MatchField[] = []
  let isEthernet = false
  for (const given of match) {
    const { canonical } = fieldNamed(given.field)
    const named = canonical === given.field ? given : { ...given, field: canonical }
    for (const part of REWRITES.get(canonical)?.(named) ?? [named]) {
      const field = canonicalField(part, fieldNamed(part.field))
      isEthernet ||= isOfEthernet(part)
      if (field && !isOfEthernetType(field)) kept.push(field)
    }
  }
  if (isEthernet && needsPacketType(kept)) kept.push({ field: PACKET_TYPE, value: ETHERNET })
  return sortedByRank(kept)
}

function isOfEthernet(field: MatchField): boolean {
  return OF_ETHERNET.has(field.field) || isOfEthernetType(field)
}

function isOfEthernetType({ field, value }: MatchField): boolean {
  return field === PACKET_TYPE && value === ETHERNET
}

function needsPacketType(fields: Match): boolean {
  return !fields.some(({ field }) => OF_ETHERNET.has(field) || field === PACKET_TYPE)
}

function canonicalField({ field, value, mask }: MatchField, def: Field): MatchField | undefined {
  if (def.variable) return canonicalVariable({ field, value, ...(mask === undefined ? {} : { mask }) })
  const counts = MASKED_BY_VALUE.has(field) ? andHex(value, mask ?? def.full) : mask
  if (counts === undefined || counts === def.full) return { field, value }
  const bits = andHex(counts, def.full)
  if (isZero(bits)) return undefined
  return bits === def.full ? { field, value } : { field, value: andHex(value, bits), mask: bits }
}

/** Leading zeros of a value of varying width mean nothing. A mask of nothing still asks that the field be there. */
function canonicalVariable({ field, value, mask }: MatchField): MatchField {
  if (mask === undefined) return { field, value: value.replace(/^(00)+/, '') as Hex }
  const bits = mask.replace(/^(00)+/, '') as Hex
  return { field, value: andHex(value.slice(value.length - bits.length) as Hex, bits), mask: bits }
}

function isZero(hex: Hex): boolean {
  return /^0*$/.test(hex)
}

function sortedByRank(fields: MatchField[]): Match {
  return fields.sort((a, b) => wireRank(a.field) - wireRank(b.field) || compareText(a.field, b.field))
}

/** A match as Open vSwitch would send it: in OpenFlow 1.5 registers go in pairs. */
export function wireMatch(match: Match, version: Version): Match {
  const canonical = canonicalMatch(match).map(withMask)
  const paired = version >= OPENFLOW_15 ? pairRegisters(canonical) : canonical
  return paired === canonical ? canonical : sortedByRank([...paired])
}

function withMask(field: MatchField): MatchField {
  const def = fieldNamed(field.field)
  return def.alwaysMasked && field.mask === undefined ? { ...field, mask: def.full } : field
}
