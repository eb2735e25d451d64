// A match out of the notation of `ovs-ofctl`: words like `ip` and `nw_dst=10.0.0.0/8`.
import { type Hex, hexFromNumber } from '../../values/hex.js'
import { canonicalMatch } from '../fields/canonical.js'
import { type Field, FIELDS, findField, findFieldByActionName } from '../fields/fields.js'
import type { Match, MatchField } from '../fields/match.js'
import type { PortNames } from './port-names.js'
import { ANY_FRAME, ARP_TYPES, ARP_WORDS, FIELD_PREFIX, PROTOCOL_ALIASES, PROTOCOLS } from './protocols.js'
import { parseNumber, slice, splitPair, syntaxError, type Word } from './scan.js'
import { parseValue } from './value.js'
import { parseTci, parseVlanId, withTag } from './vlan.js'

/**
 * Words to a match in canonical form.
 * @throws ReconcileError INVALID_DUMP at the word that is wrong
 */
export function parseMatch(words: readonly Word[], names: PortNames): Match {
  const read = words.map((word) => readWord(word, names))
  const protocol = protocolOf(read.flatMap(({ match }) => match))
  return completeMatch(
    read.flatMap((item) => {
      if (!('pair' in item)) return item.match
      const field = meantField(item.fields, protocol)
      return field === item.fields[0] ? item.match : parsePair(item.pair, field, names)
    }),
  )
}

interface Pair {
  readonly key: string
  readonly value: Word
}

type ReadWord =
  | { readonly match: Match }
  /** With what the name may mean: the protocol beside it decides, `match` is the first meaning. */
  | { readonly match: Match; readonly pair: Pair; readonly fields: readonly Field[] }

function readWord(word: Word, names: PortNames): ReadWord {
  const { key, value } = splitPair(word, '=')
  if (!value) return { match: parseBareWord(word) }
  const fields = fieldsOf(key)
  if (!fields[0] && !SPECIAL.has(key)) {
    throw syntaxError(slice(word, 0, key.length), 'a match field this release knows')
  }
  const pair = { key, value }
  return { match: parsePair(pair, fields[0], names), pair, fields }
}

function parseBareWord(word: Word): Match {
  if (word.text === ANY_FRAME) return [{ field: 'packet_type', value: hexFromNumber(0, 4) }]
  const name = PROTOCOL_ALIASES.get(word.text) ?? word.text
  const protocol = PROTOCOLS.find((known) => known.word === name)
  if (protocol) return protocolFields(protocol)
  const field = findField(word.text)
  if (!field?.variable) throw syntaxError(word, 'a field, flag or protocol of a flow')
  return [{ field: field.name, value: '' as Hex, mask: '' as Hex }]
}

function protocolFields({ ethType, ipProtocol }: (typeof PROTOCOLS)[number]): Match {
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

function parsePair({ key, value }: Pair, field: Field | undefined, names: PortNames): Match {
  const special = SPECIAL.get(key)
  if (special) return special(value)
  const parsed = field && parseValue(field, value.text, names)
  if (!parsed) throw syntaxError(value, `a value of ${key}`)
  return [{ field: field.name, ...parsed }]
}

/** The old type-of-service byte: DSCP in its upper six bits (RFC 2474, section 3), the lower two must be zero. */
function parseTos(word: Word): MatchField {
  const tos = parseNumber(word, word, 0xff)
  if (tos & 3) throw syntaxError(word, 'a multiple of 4')
  return { field: 'ip_dscp', value: hexFromNumber(tos >> 2, 1) }
}

interface Protocol {
  readonly isArp: boolean
  /** How the names of its fields begin. */
  readonly prefix: string | undefined
}

/** Of what the words said last. */
function protocolOf(match: Match): Protocol {
  const last = (name: string) => match.findLast(({ field }) => field === name)?.value ?? ''
  return { isArp: ARP_TYPES.has(last('eth_type')), prefix: FIELD_PREFIX.get(last('nw_proto')) }
}

function meantField(fields: readonly Field[], { isArp, prefix }: Protocol): Field | undefined {
  const [first] = fields
  const arp = isArp && first ? ARP_WORDS.get(first.name) : undefined
  if (arp !== undefined) return findField(arp)
  return fields.find(({ name }) => prefix !== undefined && name.startsWith(prefix)) ?? first
}

/**
 * As ovs-ofctl does before it sends: of two values of a field the last, no bits outside a mask, no field masked to
 * nothing, prerequisites first.
 */
function completeMatch(fields: Match): Match {
  return lastOfEach(canonicalMatch(withTag(lastOfEach(fields))))
}

function lastOfEach(fields: Match): Match {
  return [...new Map(fields.map((field) => [field.field, field])).values()]
}
