// The part of a flow behind `actions=`: actions, and the instructions that `ovs-ofctl` writes among them.
import { numberFromHex, onesHex } from '../../values/hex.js'
import { Memo } from '../../values/memo.js'
import type { Action } from '../actions/actions.js'
import type { Instruction } from '../actions/instructions.js'
import type { Match } from '../fields/match.js'
import { TAGGED } from '../fields/tag.js'
import { PORT } from '../ports.js'
import { argsOf, type Call, splitCall } from './call.js'
import { ENCAP_READERS } from './encap.js'
import { CT_READERS } from './parse-ct.js'
import { LEARN_READERS } from './parse-learn.js'
import { NICIRA_READERS } from './parse-nicira.js'
import { FIELD_READERS } from './parse-set-field.js'
import { TAG_READERS } from './parse-tags.js'
import { parsePort, type PortNames } from './port-names.js'
import { parseNumber, splitCommas, splitWords, syntaxError, type Word } from './scan.js'
import type { ActionReader, ActionReaders, Packets, Scope } from './scope.js'
import { parseMaskedInteger } from './value.js'

/**
 * Reads what many flows do. The instructions for a text that comes again are the same record.
 */
export function instructionsParser(names: PortNames): (text: Word, match: Match) => readonly Instruction[] {
  const known = new Memo<string, readonly Instruction[]>()
  return (text, match) => {
    const packets = packetsOf(match)
    const key = `${packets.isTagged}/${packets.ipProtocol ?? ''}/${text.text}`
    return known.get(key) ?? known.put(key, parseInstructions(text, packets, names))
  }
}

function packetsOf(match: Match): Packets {
  const vid = match.find(({ field }) => field === 'vlan_vid')
  return {
    isTagged: vid !== undefined && (numberFromHex(vid.value) & TAGGED) !== 0,
    ipProtocol: match.find(({ field }) => field === 'nw_proto')?.value,
  }
}

/** Actions become one apply-actions before the other instructions; `drop` alone is no instruction at all. */
function parseInstructions(text: Word, packets: Packets, names: PortNames): readonly Instruction[] {
  const words = splitWords(text)
  if (words.length === 0) throw syntaxError(text, 'a list of actions; write drop for none')
  if (isDrop(words)) return []
  const scope = scopeAt({ names, packets, tag: { isThere: packets.isTagged } }, 0)
  const parsed = words.map(
    (word, place) => readInstruction(splitCall(word), place, scope) ?? readAction(word, scope),
  )
  const actions = parsed.flatMap((item) => (isActions(item) ? item : []))
  const instructions = parsed.flatMap((item) => (isActions(item) || isEmpty(item) ? [] : [item]))
  return actions.length > 0 ? [{ type: 'apply_actions', actions }, ...instructions] : instructions
}

function isDrop(words: readonly Word[]): boolean {
  return words.length === 1 && words[0]?.text === 'drop'
}

function isActions(item: Instruction | readonly Action[]): item is readonly Action[] {
  return Array.isArray(item)
}

function isEmpty(instruction: Instruction): boolean {
  return 'actions' in instruction && instruction.actions.length === 0
}

/** How deep actions may lie in actions, as in ovs-ofctl. */
const MAX_DEPTH = 100

function scopeAt(flow: Omit<Scope, 'nested'>, depth: number): Scope {
  const nested = (list: Word): readonly Action[] => {
    if (depth >= MAX_DEPTH) throw syntaxError(list, `at most ${MAX_DEPTH} actions deep`)
    const words = splitWords(list)
    const inner = scopeAt(flow, depth + 1)
    return isDrop(words) ? [] : words.flatMap((word) => readAction(word, inner))
  }
  return { ...flow, nested }
}

/**
 * Undefined: an action. So is a meter behind something else: only as the first it is what older versions have as an
 * instruction.
 */
function readInstruction(call: Call, place: number, scope: Scope): Instruction | undefined {
  const { name, args, word } = call
  switch (name) {
    case 'goto_table':
      return { type: 'goto_table', tableId: parseNumber(args, word, 254) }
    case 'meter':
      return place > 0 ? undefined : { type: 'meter', meterId: parseNumber(args, word, PORT.ANY) }
    case 'clear_actions':
      return args ? undefined : { type: 'clear_actions' }
    case 'write_metadata':
      return readWriteMetadata(argsOf(call))
    case 'write_actions':
      return args && { type: 'write_actions', actions: scope.nested(args) }
    default:
      return undefined
  }
}

function readWriteMetadata(word: Word): Instruction {
  const parsed = parseMaskedInteger(word.text, 8)
  if (!parsed) throw syntaxError(word, 'metadata with an optional mask')
  return { type: 'write_metadata', value: parsed.value, mask: parsed.mask ?? onesHex(8) }
}

function readAction(word: Word, scope: Scope): readonly Action[] {
  const call = splitCall(word)
  const reader = READERS.get(call.name.toLowerCase())
  if (reader && (call.tail.text === '' || call.name === 'check_pkt_larger'))
    return [reader(call, scope)].flat()
  const port = !call.args && BARE_PORT.test(word.text) ? parsePort(word.text, scope.names) : undefined
  if (port === undefined) throw syntaxError(word, 'an action this release knows')
  return [{ type: 'output', port, maxLen: 0 }]
}

/** What is taken for a port without `output:` before it: other words may be actions of another release. */
const BARE_PORT = /^("|[a-z0-9]+$|in_port$)/i

/** Actions that are a word alone. */
const BARE = [
  'pop_queue',
  'dec_mpls_ttl',
  'copy_ttl_out',
  'copy_ttl_in',
  'dec_nsh_ttl',
  'ct_clear',
  'exit',
  'pop_pbb',
] as const

const bare = (type: (typeof BARE)[number]): readonly [string, ActionReader] => [
  type,
  ({ args, word }) => {
    if (args && args.text !== '') throw syntaxError(word, 'an action this release knows')
    return { type }
  },
]

const etherType =
  (type: 'push_mpls' | 'pop_mpls' | 'push_pbb'): ActionReader =>
  ({ args, word }) => ({ type, etherType: parseNumber(args, word, 0xffff) })

const ttl =
  (type: 'set_nw_ttl' | 'set_mpls_ttl'): ActionReader =>
  ({ args, word }) => ({ type, ttl: parseNumber(args, word, 0xff) })

/** `dec_ttl` alone, or with the ids of the controllers to tell when it reaches zero. */
function readDecTtl({ args, word }: Call): Action {
  if (!args || args.text === '') return { type: 'dec_ttl' }
  if (!word.text.endsWith(')')) throw syntaxError(word, 'an action this release knows')
  const controllerIds = splitCommas(args).map((id) => parseNumber(id, id, 0xffff))
  return { type: 'dec_ttl_cnt_ids', controllerIds }
}

function readClone({ args, word }: Call, { nested }: Scope): Action {
  if (!args) throw syntaxError(word, 'of the form clone(ACTIONS)')
  return { type: 'clone', actions: nested(args) }
}

const PLAIN_READERS: ActionReaders = {
  ...Object.fromEntries(BARE.map(bare)),
  group: ({ args, word }) => ({ type: 'group', groupId: parseNumber(args, word, PORT.ANY) }),
  set_queue: ({ args, word }) => ({ type: 'set_queue', queueId: parseNumber(args, word, PORT.ANY) }),
  mod_nw_ttl: ttl('set_nw_ttl'),
  set_nw_ttl: ttl('set_nw_ttl'),
  set_mpls_ttl: ttl('set_mpls_ttl'),
  dec_ttl: readDecTtl,
  push_mpls: etherType('push_mpls'),
  pop_mpls: etherType('pop_mpls'),
  push_pbb: etherType('push_pbb'),
  meter: ({ args, word }) => ({ type: 'meter', meterId: parseNumber(args, word, PORT.ANY) }),
  clone: readClone,
}

const READERS: ReadonlyMap<string, ActionReader> = new Map(
  Object.entries({
    ...PLAIN_READERS,
    ...FIELD_READERS,
    ...TAG_READERS,
    ...NICIRA_READERS,
    ...CT_READERS,
    ...LEARN_READERS,
    ...ENCAP_READERS,
  }),
)
