// A flow out of the notation of `ovs-ofctl`: what `dump-flows` prints and `add-flows` reads.
import { type Hex, zeroHex } from '../../values/hex.js'
import { DEFAULT_PRIORITY, type Flow, FLOW_FLAG } from '../flow.js'
import { parseInstructions } from './parse-actions.js'
import { parseMatch } from './parse-match.js'
import type { PortNames } from './port-names.js'
import { parseNumber, slice, splitPair, splitWords, syntaxError, type Word } from './scan.js'
import { parseInteger } from './value.js'

export interface ParseOptions {
  readonly names: PortNames
  /** Should the actions of a flow with this cookie be read? Others are left empty. Default: always. */
  readonly readActions?: (cookie: Hex) => boolean
}

/** Counters and ages that a dump with statistics holds. */
const STATISTICS = new Set(['duration', 'n_packets', 'n_bytes', 'idle_age', 'hard_age'])

interface Draft extends Omit<Writable<Flow>, 'match'> {
  /** Words that are no attribute of the flow. */
  match: Word[]
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
  for (const word of splitWords(slice(line, 0, actionsAt))) readHeadWord(draft, word)
  const match = parseMatch(draft.match, names)
  if (readActions(draft.cookie)) {
    const bodyAt = line.text.indexOf('=', actionsAt) + 1
    const body = slice(line, bodyAt, line.text.length - bodyAt)
    draft.instructions = parseInstructions(body, { names, match })
  }
  return { ...draft, match }
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

function readHeadWord(draft: Draft, word: Word): void {
  const { key, value } = splitPair(word, '=')
  const number = NUMBERS.get(key)
  const flag = value ? undefined : FLAGS.get(key)
  if (number) draft[number.key] = parseNumber(value, word, number.max)
  else if (flag !== undefined) draft.flags |= flag
  else if (key === 'cookie') draft.cookie = parseCookie(value ?? word)
  else if (!STATISTICS.has(key)) draft.match.push(word)
}

function parseCookie(word: Word): Hex {
  const cookie = parseInteger(word.text, 8)
  if (cookie === undefined) throw syntaxError(word, 'a 64-bit cookie')
  return cookie
}
