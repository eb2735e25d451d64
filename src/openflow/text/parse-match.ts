// A match out of the notation of `ovs-ofctl`: words like `ip` and `nw_dst=10.0.0.0/8`.
import { type Hex, hexFromNumber } from '../../values/hex.js'
import { Memo } from '../../values/memo.js'
import { canonicalMatch } from '../fields/canonical.js'
import { type Field, FIELDS, findField, findFieldByActionName, wireRank } from '../fields/fields.js'
import type { Match, MatchField } from '../fields/match.js'
import type { PortNames } from './port-names.js'
import { ANY_FRAME, ARP_TYPES, ARP_WORDS, FIELD_PREFIX, type Protocol, protocolOfWord } from './protocols.js'
import { parseNumber, slice, splitPair, syntaxError, type Word } from './scan.js'
import { parseValue } from './value.js'
import { parseTci, parseVlanId, withTag } from './vlan.js'

/**
 * Reads many matches: words to a match in canonical form. A word that comes again is read once. The parser throws
 * ReconcileError INVALID_DUMP at the word that is wrong.
 */
export function matchParser(names: PortNames): (words: readonly Word[]) => Match {
  const known = new Memo<string, ReadWord>()
  const read = (word: Word) => known.get(word.text) ?? known.put(word.text, readWord(word, names))
  return (words) => {
    const fields: MatchField[] = []
    for (const word of words) fields.push(...read(word).match)
    const beside = besideOf(fields)
    if (!beside.isArp && beside.prefix === undefined) return completeMatch(fields)
    return completeMatch(words.flatMap((word) => meantMatch(word, read(word), beside, names)))
  }
}

/** A word as it reads whatever stands beside it. */
interface ReadWord {
  /** By the first of its meanings. */
  readonly match: Match
  /** What its name may mean, where the words beside it decide. */
  readonly meanings?: readonly Field[]
}

function readWord(word: Word, names: PortNames): ReadWord {
  const { key, value } = splitPair(word, '=')
  if (!value) return { match: parseBareWord(word) }
  const special = SPECIAL.get(key)
  if (special) return { match: special(value) }
  const meanings = fieldsOf(key)
  const [first] = meanings
  if (!first) throw syntaxError(slice(word, 0, key.length), 'a match field this release knows')
  const match = readPair(key, value, first, names)
  return meanings.length > 1 || ARP_WORDS.has(first.name) ? { match, meanings } : { match }
}

/** Of names with several meanings, the one that fits to the protocol. */
function meantMatch(word: Word, { match, meanings }: ReadWord, beside: Beside, names: PortNames): Match {
  const field = meanings && meantField(meanings, beside)
  if (!field || field === meanings[0]) return match
  const { key, value = word } = splitPair(word, '=')
  return readPair(key, value, field, names)
}

function parseBareWord(word: Word): Match {
  if (word.text === ANY_FRAME) return [{ field: 'packet_type', value: hexFromNumber(0, 4) }]
  const protocol = protocolOfWord(word.text)
  if (protocol) return protocolFields(protocol)
  const field = findField(word.text)
  if (!field?.variable) throw syntaxError(word, 'a field, flag or protocol of a flow')
  return [{ field: field.name, value: '' as Hex, mask: '' as Hex }]
}

function protocolFields({ ethType, ipProtocol }: Protocol): Match {
  const type = { field: 'eth_type', value: ethType as Hex }
  return ipProtocol === undefined ? [type] : [type, { field: 'nw_proto', value: ipProtocol as Hex }]
}

const byMatchName = new Map<string, readonly Field[]>()
for (const field of FIELDS) {
  byMatchName.set(field.matchName, [...(byMatchName.get(field.matchName) ?? []), field])
}

/** `tp_src` and `icmp_type` are one word for several fields. */
function fieldsOf(key: string): readonly Field[] {
  const shared = byMatchName.get(key)
  if (shared) return shared
  const field = key === 'in_port_oxm' ? findField('in_port') : (findFieldByActionName(key) ?? findField(key))
  return field ? [field] : []
}

/** Names with a notation of their own. */
const SPECIAL: ReadonlyMap<string, (value: Word) => Match> = new Map([
  ['dl_vlan', (value) => [parseVlanId(value)]],
  ['vlan_tci', parseTci],
  ['nw_tos', (value) => [parseTos(value)]],
])

function readPair(key: string, value: Word, field: Field, names: PortNames): Match {
  const parsed = parseValue(field, value.text, names)
  if (!parsed) throw syntaxError(value, `a value of ${key}`)
  return [{ field: field.name, ...parsed }]
}

/** The old type-of-service byte: DSCP in its upper six bits (RFC 2474, section 3), the lower two must be zero. */
function parseTos(word: Word): MatchField {
  const tos = parseNumber(word, word, 0xff)
  if (tos & 3) throw syntaxError(word, 'a multiple of 4')
  return { field: 'ip_dscp', value: hexFromNumber(tos >> 2, 1) }
}

/** What decides between the meanings of a name. */
interface Beside {
  readonly isArp: boolean
  /** How the names of the protocol's fields begin. */
  readonly prefix: string | undefined
}

/** Of what the words said last. */
function besideOf(match: Match): Beside {
  let [ethType, ipProtocol] = ['', '']
  for (const { field, value } of match) {
    if (field === 'eth_type') ethType = value
    else if (field === 'nw_proto') ipProtocol = value
  }
  return { isArp: ARP_TYPES.has(ethType), prefix: FIELD_PREFIX.get(ipProtocol) }
}

function meantField(meanings: readonly Field[], { isArp, prefix }: Beside): Field | undefined {
  const [first] = meanings
  const arp = isArp && first ? ARP_WORDS.get(first.name) : undefined
  if (arp !== undefined) return findField(arp)
  return meanings.find(({ name }) => prefix !== undefined && name.startsWith(prefix)) ?? first
}

/**
 * As ovs-ofctl does before it sends: of two values of a field the last, no bits outside a mask, no field masked to
 * nothing, prerequisites first. Most matches need no more than the last of it.
 */
function completeMatch(fields: Match): Match {
  const sorted = withTag(fields.toSorted((a, b) => wireRank(a.field) - wireRank(b.field)))
  if (canonicalMatch(sorted) === sorted) return sorted
  return lastOfEach(canonicalMatch(withTag(lastOfEach(fields))))
}

function lastOfEach(fields: Match): Match {
  return [...new Map(fields.map((field) => [field.field, field])).values()]
}
