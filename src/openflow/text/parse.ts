// A flow out of the notation of `ovs-ofctl`: what `dump-flows` prints and `add-flows` reads.
import { type Hex, zeroHex } from '../../values/hex.js'
import { DEFAULT_PRIORITY, type Flow, FLOW_FLAG } from '../flow.js'
import { instructionsParser } from './parse-actions.js'
import { matchParser } from './parse-match.js'
import type { PortNames } from './port-names.js'
import { parseNumber, slice, splitPair, splitWords, syntaxError, type Word } from './scan.js'
import { parseInteger } from './value.js'

export interface ParseOptions {
  readonly names: PortNames
  /** Should the actions of a flow with this cookie be read? Others are left empty. Default: always. */
  readonly readActions?: (cookie: Hex) => boolean
}

export type FlowParser = (line: Word) => Flow

/**
 * One line of flow text to a flow.
 * @throws ReconcileError INVALID_DUMP at the word that is wrong
 */
export function parseFlow(line: Word, options: ParseOptions): Flow {
  return flowParser(options)(line)
}

/**
 * The same for many lines. Words and lists of actions that come again are read once, and flows share their records, so a
 * parser is made for a dump and dropped with it.
 */
export function flowParser({ names, readActions = () => true }: ParseOptions): FlowParser {
  const readMatch = matchParser(names)
  const readInstructions = instructionsParser(names)
  return (line) => {
    const [head, body] = splitFlow(line)
    const flow = emptyFlow()
    const words: Word[] = []
    for (const word of splitWords(head)) if (!readAttribute(flow, word)) words.push(word)
    flow.match = readMatch(words)
    if (readActions(flow.cookie)) flow.instructions = readInstructions(body, flow.match)
    return flow
  }
}

/** What stands before the actions, and the actions. */
function splitFlow(line: Word): readonly [head: Word, body: Word] {
  const { text } = line
  const found = /(?:^|[\s,])actions?=/.exec(text)
  if (!found) throw syntaxError(line, 'a flow: it has no actions=')
  const bodyAt = found.index + found[0].length
  return [slice(line, 0, found.index), slice(line, bodyAt, text.length - bodyAt)]
}

type Draft = { -readonly [K in keyof Flow]: Flow[K] }

const NO_COOKIE = zeroHex(8)

function emptyFlow(): Draft {
  return {
    tableId: 0,
    priority: DEFAULT_PRIORITY,
    cookie: NO_COOKIE,
    idleTimeout: 0,
    hardTimeout: 0,
    importance: 0,
    flags: 0,
    match: [],
    instructions: [],
  }
}

/** Counters and ages that a dump with statistics holds. */
const STATISTICS = ['duration', 'n_packets', 'n_bytes', 'idle_age', 'hard_age']

type Attribute =
  | {
      readonly key: 'tableId' | 'priority' | 'idleTimeout' | 'hardTimeout' | 'importance'
      readonly max: number
    }
  | { readonly key: 'flags'; readonly bit: number }
  | { readonly key: 'cookie' }
  | { readonly key: 'statistics' }

const ATTRIBUTES: ReadonlyMap<string, Attribute> = new Map<string, Attribute>([
  ['cookie', { key: 'cookie' }],
  ['table', { key: 'tableId', max: 254 }],
  ['priority', { key: 'priority', max: 0xffff }],
  ['idle_timeout', { key: 'idleTimeout', max: 0xffff }],
  ['hard_timeout', { key: 'hardTimeout', max: 0xffff }],
  ['importance', { key: 'importance', max: 0xffff }],
  ...Object.entries(FLOW_FLAG).map(([name, bit]) => [name, { key: 'flags', bit }] as const),
  ...STATISTICS.map((name) => [name, { key: 'statistics' }] as const),
])

/** False for a word of the match. */
function readAttribute(flow: Draft, word: Word): boolean {
  const attribute = ATTRIBUTES.get(keyOf(word))
  if (!attribute) return false
  const { value } = splitPair(word, '=')
  switch (attribute.key) {
    case 'cookie':
      flow.cookie = parseCookie(value ?? word)
      return true
    case 'flags':
      if (value) return false
      flow.flags |= attribute.bit
      return true
    case 'statistics':
      return true
    default:
      flow[attribute.key] = parseNumber(value, word, attribute.max)
      return true
  }
}

function keyOf({ text }: Word): string {
  const end = text.indexOf('=')
  return end === -1 ? text : text.slice(0, end)
}

function parseCookie(word: Word): Hex {
  const cookie = parseInteger(word.text, 8)
  if (cookie === undefined) throw syntaxError(word, 'a 64-bit cookie')
  return cookie
}
