// 802.1Q in flow text: `dl_vlan=5,dl_vlan_pcp=3` where a tag is matched whole, else `vlan_tci=VALUE/MASK`: 3 bits of
// priority, a bit that says "tagged", 12 bits of VLAN. In a match these are vlan_vid (tagged bit and VLAN) and vlan_pcp.
import { hexFromNumber, numberFromHex } from '../../values/hex.js'
import type { Match, MatchField } from '../fields/match.js'
import { parseNumber, syntaxError, type Word } from './scan.js'
import { parseMaskedInteger } from './value.js'

const TAGGED = 0x1000
const VID = 0x0fff
const PCP = 0xe000
const PCP_SHIFT = 13

/** "Any tag": what a match on vlan_pcp needs at the least. */
const ANY_TAG: MatchField = tag(TAGGED, TAGGED)

export function isVlan({ field }: MatchField): boolean {
  return field === 'vlan_vid' || field === 'vlan_pcp'
}

export function parseVlanId(word: Word): MatchField {
  return tag(TAGGED | parseNumber(word, word, VID), TAGGED | VID)
}

export function parseTci(word: Word): Match {
  const parsed = parseMaskedInteger(word.text, 2)
  const value = parsed && numberFromHex(parsed.value)
  const mask = parsed?.mask === undefined ? 0xffff : numberFromHex(parsed.mask)
  const pcpMask = mask & PCP
  if (value === undefined || (pcpMask !== 0 && pcpMask !== PCP)) {
    throw syntaxError(word, 'a vlan_tci with all three bits of the priority masked, or none')
  }
  const vid = tag(value, mask)
  if (pcpMask === 0) return [vid]
  if (value & TAGGED) return [vid, pcp(value >> PCP_SHIFT)]
  if (value & PCP) throw syntaxError(word, 'a vlan_tci: a priority needs the bit 0x1000')
  return [vid]
}

/** Adds the tag that a match on the priority alone leaves unsaid. */
export function withTag(match: Match): Match {
  const names = new Set(match.map(({ field }) => field))
  return names.has('vlan_pcp') && !names.has('vlan_vid') ? [...match, ANY_TAG] : match
}

/** `dl_vlan=5`, `dl_vlan_pcp=3`, `vlan_tci=0x5064/0xf0ff`, each as name and text of the value. */
export function renderVlan(match: Match): readonly (readonly [name: string, value: string])[] {
  const vid = match.find(({ field }) => field === 'vlan_vid')
  const priority = match.find(({ field }) => field === 'vlan_pcp')
  if (!vid) return priority ? [['vlan_tci', renderTci(0, 0, priority)]] : []
  const bits = numberFromHex(vid.value)
  const mask = vid.mask === undefined ? TAGGED | VID : numberFromHex(vid.mask)
  const hasVid = (mask & VID) === VID
  if ((bits & TAGGED) === 0 || (mask & VID && !hasVid) || (!hasVid && !priority)) {
    return [['vlan_tci', renderTci(bits, mask, priority)]]
  }
  return [
    ...(hasVid ? [['dl_vlan', String(bits & VID)] as const] : []),
    ...(priority ? [['dl_vlan_pcp', String(numberFromHex(priority.value))] as const] : []),
  ]
}

function renderTci(vid: number, vidMask: number, priority: MatchField | undefined): string {
  const value = priority ? vid | (numberFromHex(priority.value) << PCP_SHIFT) : vid
  const mask = priority ? vidMask | PCP : vidMask
  return `0x${hexFromNumber(value, 2)}/0x${hexFromNumber(mask, 2)}`
}

function tag(value: number, mask: number): MatchField {
  const vid = { field: 'vlan_vid', value: hexFromNumber(value & (TAGGED | VID), 2) }
  const vidMask = mask & (TAGGED | VID)
  return vidMask === (TAGGED | VID) ? vid : { ...vid, mask: hexFromNumber(vidMask, 2) }
}

function pcp(value: number): MatchField {
  return { field: 'vlan_pcp', value: hexFromNumber(value, 1) }
}
