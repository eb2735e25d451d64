// A flow out of the notation of `ovs-ofctl`: what `dump-flows` prints and `add-flows` reads.
import { type Hex, hexFromNumber, zeroHex } from '../../values/hex.js'
import { type Field, FIELDS, wireRank } from '../fields/fields.js'
import type { Match, MatchField } from '../fields/match.js'
import { canonicalMatch, DEFAULT_PRIORITY, type Flow, FLOW_FLAG } from '../flow.js'
import { parseInstructions } from './parse-actions.js'
import type { PortNames } from './port-names.js'
import { FIELD_PREFIX, PROTOCOLS } from './protocols.js'
import { parseNumber, slice, splitPair, splitWords, syntaxError, type Word } from './scan.js'
import { parseInteger, parseValue } from './value.js'
import { parseTci, parseVlanId, withTag } from './vlan.js'

export interface ParseOptions {
  readonly names: PortNames
  /** Should the actions of a flow with this cookie be read? Others are left empty. Default: always. */
  readonly readActions?: (cookie: Hex) => boolean
}

/** Counters and ages that a dump with statistics holds. */
const STATISTICS = new Set(['duration', 'n_packets', 'n_bytes', 'idle_age', 'hard_age'])

interface Draft extends Omit<Writable<Flow>, 'match'> {
  match: MatchField[]
}

type Writable<T> = { -readonly [K in keyof T]: T[K] }

/**
 * One line of flow text to a flow.
 * @throws ReconcileError INVALID_DUMP at the word that is wrong
 */
export function parseFlow(line: Word, { names, readActions = () => true }: ParseOptions): Flow {
  const actionsAt = line.text.search(/(?<=^|[\s,])actions?=/)
  if (actionsAt === -1) throw syntaxError(line, 'a flow: it has no actions=')
  const draft: Draft = {
    tableId: 0,
    priority: DEFAULT_PRIORITY,
    cookie: zeroHex(8),
    idleTimeout: 0,
    hardTimeout: 0,
    importance: 0,
    flags: 0,
    match: [],
    instructions: [],
  }
  for (const word of splitWords(slice(line, 0, actionsAt))) readHeadWord(draft, word, names)
  if (readActions(draft.cookie)) {
    const bodyAt = line.text.indexOf('=', actionsAt) + 1
    draft.instructions = parseInstructions(slice(line, bodyAt, line.text.length - bodyAt), names)
  }
  return { ...draft, match: completeMatch(draft.match) }
}

type NumberKey = 'tableId' | 'priority' | 'idleTimeout' | 'hardTimeout' | 'importance'

const NUMBERS = new Map<string, { readonly key: NumberKey; readonly max: number }>([
  ['table', { key: 'tableId', max: 254 }],
  ['priority', { key: 'priority', max: 0xffff }],
  ['idle_timeout', { key: 'idleTimeout', max: 0xffff }],
  ['hard_timeout', { key: 'hardTimeout', max: 0xffff }],
  ['importance', { key: 'importance', max: 0xffff }],
])

const FLAGS = new Map<string, number>(Object.entries(FLOW_FLAG))

function readHeadWord(draft: Draft, word: Word, names: PortNames): void {
  const { key, value } = splitPair(word, '=')
  const number = NUMBERS.get(key)
  if (number) draft[number.key] = parseNumber(value, word, number.max)
  else if (!value) readBareWord(draft, word)
  else if (key === 'cookie') draft.cookie = parseCookie(value)
  else if (!STATISTICS.has(key)) draft.match.push(...parseField(word, { key, value }, draft.match, names))
}

function readBareWord(draft: Draft, word: Word): void {
  const flag = FLAGS.get(word.text)
  const protocol = PROTOCOLS.find((known) => known.word === word.text)
  if (flag !== undefined) draft.flags |= flag
  else if (protocol) draft.match.push(...protocolFields(protocol))
  else throw syntaxError(word, 'a field, flag or protocol of a flow')
}

/**
 * As ovs-ofctl does before it sends: of two values of a field the last, no bits outside a mask, no field masked to
 * nothing, prerequisites first.
 */
function completeMatch(fields: Match): Match {
  const last = new Map(fields.map((field) => [field.field, field]))
  const match = canonicalMatch(withTag([...last.values()]))
  return [...match].sort((a, b) => wireRank(a.field) - wireRank(b.field))
}

function parseCookie(word: Word): Hex {
  const cookie = parseInteger(word.text, 8)
  if (cookie === undefined) throw syntaxError(word, 'a 64-bit cookie')
  return cookie
}

function protocolFields({ ethType, ipProtocol }: (typeof PROTOCOLS)[number]): readonly MatchField[] {
  const type = { field: 'eth_type', value: ethType as Hex }
  return ipProtocol === undefined ? [type] : [type, { field: 'nw_proto', value: ipProtocol as Hex }]
}

interface Pair {
  readonly key: string
  readonly value: Word
}

function parseField(word: Word, { key, value }: Pair, before: Match, names: PortNames): Match {
  if (key === 'dl_vlan') return [parseVlanId(value)]
  if (key === 'vlan_tci') return parseTci(value)
  if (key === 'nw_tos') return [parseTos(value)]
  const field = findMatchField(key, before)
  if (!field) throw syntaxError(slice(word, 0, key.length), 'a match field this release knows')
  const parsed = parseValue(field, value.text, names)
  if (!parsed) throw syntaxError(value, `a value of ${key}`)
  return [{ field: field.name, ...parsed }]
}

/** `tp_src` and `icmp_type` are one word for several fields; the protocol named before them decides. */
function findMatchField(key: string, before: Match): Field | undefined {
  const candidates = FIELDS.filter((field) => field.matchName === key || field.name === key)
  const ipProtocol = before.find(({ field }) => field === 'nw_proto')?.value
  const prefix = ipProtocol && FIELD_PREFIX.get(ipProtocol)
  return candidates.find(({ name }) => prefix !== undefined && name.startsWith(prefix)) ?? candidates[0]
}

/** The old type-of-service byte: DSCP in its upper six bits (RFC 2474, section 3), the lower two must be zero. */
function parseTos(word: Word): MatchField {
  const tos = parseNumber(word, word, 0xff)
  if (tos & 3) throw syntaxError(word, 'a multiple of 4')
  return { field: 'ip_dscp', value: hexFromNumber(tos >> 2, 1) }
}
