// The part of a flow behind `actions=`: actions, and the instructions that `ovs-ofctl` writes among them.
import { onesHex } from '../../values/hex.js'
import type { Action } from '../actions/actions.js'
import type { Instruction } from '../actions/instructions.js'
import { type Field, findField, findFieldByMoveName } from '../fields/fields.js'
import { PORT, WHOLE_PACKET } from '../ports.js'
import { parsePort, type PortNames } from './port-names.js'
import { parseNumber, slice, splitPair, splitWords, syntaxError, type Word } from './scan.js'
import { parseMaskedInteger, parseValue } from './value.js'

/** Actions become one apply-actions before the other instructions; `drop` alone is no instruction at all. */
export function parseInstructions(text: Word, names: PortNames): readonly Instruction[] {
  const words = splitWords(text)
  if (words.length === 0) throw syntaxError(text, 'a list of actions; write drop for none')
  if (words.length === 1 && text.text.trim() === 'drop') return []
  const parsed = words.map((word) => parseInstruction(word, names) ?? parseAction(word, names))
  const actions = parsed.filter((item) => isAction(item))
  const instructions = parsed.filter((item) => !isAction(item)) as Instruction[]
  return actions.length > 0 ? [{ type: 'apply_actions', actions }, ...instructions] : instructions
}

const INSTRUCTION_WORDS = new Set(['goto_table', 'write_metadata', 'clear_actions', 'write_actions', 'meter'])

function isAction(item: Action | Instruction): item is Action {
  return !INSTRUCTION_WORDS.has(item.type)
}

function parseInstruction(word: Word, names: PortNames): Instruction | undefined {
  const { key, value } = splitPair(word, ':')
  if (key === 'goto_table') return { type: 'goto_table', tableId: parseNumber(value, word, 254) }
  if (key === 'meter') return { type: 'meter', meterId: parseNumber(value, word, PORT.ANY) }
  if (word.text === 'clear_actions') return { type: 'clear_actions' }
  if (key === 'write_metadata') return parseWriteMetadata(value ?? word)
  const inner = /^write_actions\((.*)\)$/.exec(word.text)
  if (inner?.[1] === undefined) return undefined
  const list = slice(word, 'write_actions('.length, inner[1].length)
  return { type: 'write_actions', actions: splitWords(list).map((item) => parseAction(item, names)) }
}

function parseWriteMetadata(word: Word): Instruction {
  const parsed = parseMaskedInteger(word.text, 8)
  if (!parsed) throw syntaxError(word, 'metadata with an optional mask')
  return { type: 'write_metadata', value: parsed.value, mask: parsed.mask ?? onesHex(8) }
}

export function parseAction(word: Word, names: PortNames): Action {
  const { key, value } = splitPair(word, ':')
  switch (key) {
    case 'output':
      return parseOutput(value ?? word, names)
    case 'set_field':
      return parseSetField(value ?? word, names)
    case 'move':
      return parseMove(value ?? word)
    case 'push_vlan':
      return { type: 'push_vlan', etherType: parseNumber(value, word, 0xffff) }
    case 'mod_nw_ttl':
      return { type: 'set_nw_ttl', ttl: parseNumber(value, word, 0xff) }
    case 'group':
      return { type: 'group', groupId: parseNumber(value, word, PORT.ANY) }
    case 'set_queue':
      return { type: 'set_queue', queueId: parseNumber(value, word, PORT.ANY) }
    default:
      if (value && key.toUpperCase() === 'CONTROLLER') return toController(parseNumber(value, word, 0xffff))
      return parseBareAction(word, names)
  }
}

/** What is taken for a port without `output:` before it: other words may be actions of another release. */
const BARE_PORT = /^("|[a-z0-9]+$|in_port$)/i

/** `dec_ttl`, `IN_PORT`, `NORMAL`; a port number or a port's name, without `output:`. */
function parseBareAction(word: Word, names: PortNames): Action {
  if (word.text === 'dec_ttl' || word.text === 'pop_vlan') return { type: word.text }
  const port = BARE_PORT.test(word.text) ? parsePort(word.text, names) : undefined
  if (port === undefined) throw syntaxError(word, 'an action this release knows')
  return outputTo(port)
}

function parseOutput(word: Word, names: PortNames): Action {
  const port = parsePort(word.text, names)
  if (port === undefined) throw syntaxError(word, 'a port number or the name of a port')
  return outputTo(port)
}

function outputTo(port: number): Action {
  return port === PORT.CONTROLLER ? toController(WHOLE_PACKET) : { type: 'output', port, maxLen: 0 }
}

/** @param maxLen bytes of the packet to send */
function toController(maxLen: number): Action {
  return { type: 'output', port: PORT.CONTROLLER, maxLen }
}

function parseSetField(word: Word, names: PortNames): Action {
  const [valueWord, fieldWord] = splitArrow(word)
  const field = findField(fieldWord.text)
  if (!field) throw syntaxError(fieldWord, 'a field this release knows')
  const value = parseValue(field, valueWord.text, names)
  if (!value) throw syntaxError(valueWord, `a value of ${field.name}`)
  return { type: 'set_field', field: field.name, ...value }
}

function parseMove(word: Word): Action {
  const [left, right] = splitArrow(word)
  const source = parseBits(left)
  const target = parseBits(right)
  if (source.bits !== target.bits) throw syntaxError(word, 'a move between ranges of equal width')
  return {
    type: 'move',
    bits: source.bits,
    sourceOffset: source.offset,
    targetOffset: target.offset,
    source: source.field.name,
    target: target.field.name,
  }
}

/** The two sides of `SOURCE->TARGET`. */
function splitArrow(word: Word): readonly [Word, Word] {
  const at = word.text.indexOf('->')
  if (at === -1) throw syntaxError(word, 'of the form SOURCE->TARGET')
  return [slice(word, 0, at), slice(word, at + 2, word.text.length - at - 2)]
}

interface BitRange {
  readonly field: Field
  readonly offset: number
  readonly bits: number
}

/** `NXM_NX_REG0[0..15]`, `NXM_NX_REG0[3]`, `NXM_NX_REG0[]`. */
function parseBits(word: Word): BitRange {
  const [, name = '', first, last] = /^(\w+)\[(?:(\d+)(?:\.\.(\d+))?)?\]$/.exec(word.text) ?? []
  const field = findFieldByMoveName(name)
  if (!field) throw syntaxError(word, 'a range of bits like NXM_NX_REG0[0..15]')
  const offset = Number(first ?? 0)
  const end = first === undefined ? field.bits - 1 : Number(last ?? first)
  if (end < offset || end >= field.bits)
    throw syntaxError(word, `a range of the ${field.bits} bits of ${name}`)
  return { field, offset, bits: end - offset + 1 }
}
