// Actions on the 802.1Q tag. The words of OpenFlow 1.0 put a tag on where there is none, so it matters whether the flow
// matches on one and what was done to it before.
import { type Hex, hexFromNumber } from '../../values/hex.js'
import type { Action } from '../actions/actions.js'
import { parseNumber, syntaxError } from './scan.js'
import type { ActionReader, ActionReaders, Scope } from './scope.js'
import { TAGGED } from '../fields/tag.js'

const ETHER_TYPE = 0x8100
const MAX_VID = 0xfff
const MAX_PCP = 7

function onTag({ tag }: Scope, field: string, value: Hex): readonly Action[] {
  const set: Action = { type: 'set_field', field, value }
  if (tag.isThere) return [set]
  tag.isThere = true
  return [{ type: 'push_vlan', etherType: ETHER_TYPE }, set]
}

const modVid: ActionReader = ({ args, word }, scope) =>
  onTag(scope, 'vlan_vid', hexFromNumber(TAGGED | parseNumber(args, word, MAX_VID), 2))

const modPcp: ActionReader = ({ args, word }, scope) =>
  onTag(scope, 'vlan_pcp', hexFromNumber(parseNumber(args, word, MAX_PCP), 1))

const pop: ActionReader = ({ args, word }, { tag }) => {
  if (args && args.text !== '') throw syntaxError(word, 'an action this release knows')
  tag.isThere = false
  return { type: 'pop_vlan' }
}

const push: ActionReader = ({ args, word }, { tag }) => {
  const etherType = parseNumber(args, word, 0xffff)
  tag.isThere = true
  return { type: 'push_vlan', etherType }
}

export const TAG_READERS: ActionReaders = {
  push_vlan: push,
  pop_vlan: pop,
  strip_vlan: pop,
  mod_vlan_vid: modVid,
  mod_vlan_pcp: modPcp,
}
