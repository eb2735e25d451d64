// The 802.1Q tag as Open vSwitch keeps it, 16 bits: 3 of priority, one that says "tagged", 12 of VLAN. In a match these
// are two fields: vlan_vid holds the tagged bit and the VLAN, vlan_pcp the priority.
import { hexFromNumber } from '../../values/hex.js'
import type { Match, MatchField } from './match.js'

export const TAGGED = 0x1000
export const VID = 0x0fff
export const PCP = 0xe000
export const PCP_SHIFT = 13

export function tag(value: number, mask: number): MatchField {
  const vid = { field: 'vlan_vid', value: hexFromNumber(value & (TAGGED | VID), 2) }
  const vidMask = mask & (TAGGED | VID)
  return vidMask === (TAGGED | VID) ? vid : { ...vid, mask: hexFromNumber(vidMask, 2) }
}

export function pcp(value: number): MatchField {
  return { field: 'vlan_pcp', value: hexFromNumber(value, 1) }
}

/** A match on the tag as one number to matches on its parts. A priority counts only where there is a tag. */
export function splitTag(value: number, mask: number): Match {
  const vid = tag(value, mask)
  return (mask & PCP) !== 0 && (value & mask & TAGGED) !== 0 ? [vid, pcp(value >> PCP_SHIFT)] : [vid]
}
