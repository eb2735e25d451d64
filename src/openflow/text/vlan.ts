// 802.1Q in flow text: `dl_vlan=5,dl_vlan_pcp=3` where a tag is matched whole, else `vlan_tci=VALUE/MASK` of the whole tag
// (see fields/tag.ts).
import { hexFromNumber, numberFromHex } from '../../values/hex.js'
import type { Match, MatchField } from '../fields/match.js'
import { PCP, PCP_SHIFT, splitTag, tag, TAGGED, VID } from '../fields/tag.js'
import { parseNumber, syntaxError, type Word } from './scan.js'
import { parseMaskedInteger } from './value.js'

/** "Any tag": what a match on vlan_pcp needs at the least. */
const ANY_TAG: MatchField = tag(TAGGED, TAGGED)

/** In OpenFlow 1.0, "no tag". */
const NO_VLAN = '0xffff'

export function isVlan({ field }: MatchField): boolean {
  return field === 'vlan_vid' || field === 'vlan_pcp'
}

export function parseVlanId(word: Word): MatchField {
  if (word.text === NO_VLAN) return tag(0, TAGGED | VID)
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
  if (pcpMask !== 0 && value & PCP && !(value & mask & TAGGED)) {
    throw syntaxError(word, 'a vlan_tci: a priority needs the bit 0x1000')
  }
  return splitTag(value, mask)
}

/** Adds the tag that a match on the priority alone leaves unsaid. */
export function withTag(match: Match): Match {
  const has = (name: string) => match.some(({ field }) => field === name)
  return has('vlan_pcp') && !has('vlan_vid') ? [...match, ANY_TAG] : match
}

/** `dl_vlan=5`, `dl_vlan_pcp=3`, `vlan_tci=0x5064/0xf0ff`. */
export function renderVlan(match: Match): readonly string[] {
  const vid = match.find(({ field }) => field === 'vlan_vid')
  const priority = match.find(({ field }) => field === 'vlan_pcp')
  if (!vid) return priority ? [renderTci(0, 0, priority)] : []
  const bits = numberFromHex(vid.value)
  const mask = vid.mask === undefined ? TAGGED | VID : numberFromHex(vid.mask)
  const hasVid = (mask & VID) === VID
  if ((bits & TAGGED) === 0 || (mask & VID && !hasVid) || (!hasVid && !priority)) {
    return [renderTci(bits, mask, priority)]
  }
  return [
    ...(hasVid ? [`dl_vlan=${bits & VID}`] : []),
    ...(priority ? [`dl_vlan_pcp=${numberFromHex(priority.value)}`] : []),
  ]
}

function renderTci(vid: number, vidMask: number, priority: MatchField | undefined): string {
  const value = priority ? vid | (numberFromHex(priority.value) << PCP_SHIFT) : vid
  const mask = priority ? vidMask | PCP : vidMask
  return `vlan_tci=0x${hexFromNumber(value, 2)}/0x${hexFromNumber(mask, 2)}`
}
