// Nicira's actions out of the notation of `ovs-ofctl`, those with several arguments.
import type { Hex } from '../../values/hex.js'
import type { Action } from '../actions/actions.js'
import type { Bits } from '../actions/bits.js'
import { TO_CONTROLLER_DEFAULTS, toController, type ToController } from '../actions/controller.js'
import { NO_TABLE } from '../actions/ct.js'
import { fieldNamed } from '../fields/fields.js'
import { NO_PORT_16, PORT, portTo16 } from '../ports.js'
import { isBits, parseBits, splitArrow } from './bits.js'
import { argsOf, type Call, parseNamed, type Readers } from './call.js'
import { parseDotted } from './dotted.js'
import {
  BUNDLE_ALGORITHMS,
  DIRECTIONS,
  HASH_FIELDS,
  MEMBER_TYPES,
  MULTIPATH_ALGORITHMS,
  REASONS,
  type Words,
} from './nicira-words.js'
import { parsePort } from './port-names.js'
import { parseNumber, slice, splitCommas, splitWords, syntaxError, type Word } from './scan.js'
import { type ActionReaders, readPort, readPort16, type Scope } from './scope.js'

const U16 = 0xffff
const U32 = 0xffffffff

function wordOf(words: Words, word: Word, expected: string): number {
  const number = words.parse(word.text)
  if (number === undefined) throw syntaxError(word, expected)
  return number
}

/** The arguments in their places; too few or too many are a mistake of the whole. */
function places(call: Call, count: number, expected: string): readonly Word[] {
  const words = call.args ? splitCommas(call.args) : []
  if (words.length !== count) throw syntaxError(call.word, expected)
  return words
}

const CONTROLLER_ARGS: Readers<ToController> = new Map<string, (call: Call) => Partial<ToController>>([
  ['max_len', ({ args, word }) => ({ maxLen: parseNumber(args, word, U16) })],
  ['id', ({ args, word }) => ({ controllerId: parseNumber(args, word, U16) })],
  ['reason', (call) => ({ reason: wordOf(REASONS, argsOf(call), 'a reason like no_match') })],
  ['userdata', ({ args }) => ({ userdata: args ? parseDotted(args) : ('' as Hex) })],
  ['pause', () => ({ pause: true })],
  ['meter_id', ({ args, word }) => ({ meterId: parseNumber(args, word, U32) })],
])

function readController({ args, word }: Call): Action {
  if (args && !/^[a-z]/.test(args.text) && args.text !== '') {
    return { type: 'output', port: PORT.CONTROLLER, maxLen: parseNumber(args, word, U16) }
  }
  return toController(
    args ? parseNamed(args, CONTROLLER_ARGS, TO_CONTROLLER_DEFAULTS) : TO_CONTROLLER_DEFAULTS,
  )
}

function readOutput(call: Call, scope: Scope): Action {
  const word = argsOf(call)
  const port = parsePort(word.text, scope.names)
  if (port === PORT.CONTROLLER) return toController(TO_CONTROLLER_DEFAULTS)
  if (port !== undefined) return { type: 'output', port, maxLen: 0 }
  if (word.text.startsWith('port=')) return readTruncated(word, scope)
  if (isBits(word)) return outputBits(parseBits(word))
  throw syntaxError(word, 'a port number or the name of a port')
}

/** A field with an experimenter's header needs the newer action. */
function outputBits(source: Bits): Action {
  const isLong = fieldNamed(source.field).nxm.experimenter !== undefined
  return { type: isLong ? 'output_reg2' : 'output_reg', source, maxLen: U16 }
}

function readTruncated(args: Word, scope: Scope): Action {
  type Truncated = { readonly port?: number; readonly maxLen?: number }
  const { port, maxLen } = parseNamed<Truncated>(
    args,
    new Map<string, (call: Call) => Truncated>([
      ['port', (call) => ({ port: readPort16(argsOf(call), scope) })],
      ['max_len', (call) => ({ maxLen: parseNumber(call.args, call.word, U32) })],
    ]),
    {},
  )
  if (port === undefined || maxLen === undefined) throw syntaxError(args, 'a port and a max_len')
  return { type: 'output_trunc', port, maxLen }
}

const ENQUEUE = 'of the form enqueue:PORT:QUEUE'

/** Sets a queue for one output. */
function readEnqueue(call: Call, scope: Scope): readonly Action[] {
  const { args, word } = call
  const colon = args ? args.text.lastIndexOf(':') : -1
  const [portWord, queueWord] =
    args && colon !== -1
      ? [slice(args, 0, colon), slice(args, colon + 1, args.text.length - colon - 1)]
      : places(call, 2, ENQUEUE)
  if (!portWord || !queueWord) throw syntaxError(word, ENQUEUE)
  return [
    { type: 'set_queue', queueId: parseNumber(queueWord, word, U32) },
    { type: 'output', port: readPort(portWord, scope), maxLen: U16 },
    { type: 'pop_queue' },
  ]
}

const RESUBMIT = 'of the form resubmit:PORT or resubmit(PORT,TABLE)'

function readResubmit(call: Call, scope: Scope): Action {
  const { args, word } = call
  const [portWord, tableWord, ct] = args ? splitCommas(args) : []
  const isTracked = ct?.text === 'ct'
  if (!portWord || (ct && !isTracked)) throw syntaxError(word, RESUBMIT)
  const inPort = portWord.text === '' ? portTo16(PORT.IN_PORT) : readPort16(portWord, scope)
  const tableId = tableWord && tableWord.text !== '' ? parseNumber(tableWord, word, 0xff) : NO_TABLE
  if (inPort === undefined || (inPort === portTo16(PORT.IN_PORT) && tableId === NO_TABLE)) {
    throw syntaxError(word, RESUBMIT)
  }
  return { type: isTracked ? 'resubmit_table_ct' : 'resubmit_table', inPort, tableId }
}

const HASH = 'a word for fields like eth_src'

function readMultipath(call: Call): Action {
  const form = 'multipath(FIELDS,BASIS,ALGORITHM,LINKS,ARGUMENT,TARGET)'
  const [fields, basis, algorithm, links, argument, target] = places(call, 6, `of the form ${form}`)
  if (!fields || !algorithm || !links || !target) throw syntaxError(call.word, `of the form ${form}`)
  const count = parseNumber(links, call.word, U16 + 1)
  if (count === 0) throw syntaxError(links, 'a number of 1 to 65536')
  return {
    type: 'multipath',
    fields: wordOf(HASH_FIELDS, fields, HASH),
    basis: parseNumber(basis, call.word, U16),
    algorithm: wordOf(MULTIPATH_ALGORITHMS, algorithm, 'an algorithm like hrw'),
    maxLink: count - 1,
    argument: parseNumber(argument, call.word, U32),
    target: parseBits(target),
  }
}

/** The list of members stands last, and has commas of its own. */
const MEMBERS = /^(.*?),\s*(?:members|slaves):\s*\[?([^\]]*)\]?$/

function readBundle(call: Call, scope: Scope): Action {
  const { args, word } = call
  const [, , list = ''] = (args && MEMBERS.exec(args.text)) ?? []
  const head = args && slice(args, 0, MEMBERS.exec(args.text)?.[1]?.length ?? 0)
  const [fields, basis, algorithm, type, target, more] = head ? splitCommas(head) : []
  if (!args || !fields || !algorithm || !type || more) {
    throw syntaxError(word, 'of the form bundle(FIELDS,BASIS,ALGORITHM,ofport,members:PORT,...)')
  }
  const bundle = {
    fields: wordOf(HASH_FIELDS, fields, HASH),
    basis: parseNumber(basis, word, U16),
    algorithm: wordOf(BUNDLE_ALGORITHMS, algorithm, 'active_backup or hrw'),
    memberType: wordOf(MEMBER_TYPES, type, 'ofport'),
    members: splitWords(slice(args, args.text.lastIndexOf(list), list.length)).map((port) =>
      readPort16(port, scope),
    ),
  }
  if ((call.name === 'bundle_load') !== (target !== undefined)) throw syntaxError(word, 'a bundle')
  return target
    ? { type: 'bundle_load', ...bundle, target: parseBits(target) }
    : { type: 'bundle', ...bundle }
}

interface Sample {
  readonly probability: number
  readonly collectorSetId: number
  readonly domainId: number
  readonly pointId: number
  readonly samplingPort: number
  readonly direction: number
}

function readSample({ args, word }: Call, scope: Scope): Action {
  const readers = new Map<string, (call: Call) => Partial<Sample>>([
    ['probability', (call) => ({ probability: parseNumber(call.args, call.word, U16) })],
    ['collector_set_id', (call) => ({ collectorSetId: parseNumber(call.args, call.word, U32) })],
    ['obs_domain_id', (call) => ({ domainId: parseNumber(call.args, call.word, U32) })],
    ['obs_point_id', (call) => ({ pointId: parseNumber(call.args, call.word, U32) })],
    ['sampling_port', (call) => ({ samplingPort: readPort16(argsOf(call), scope) })],
    ['ingress', ({ name }) => ({ direction: DIRECTIONS.parse(name) ?? 0 })],
    ['egress', ({ name }) => ({ direction: DIRECTIONS.parse(name) ?? 0 })],
  ])
  const none = { collectorSetId: 0, domainId: 0, pointId: 0, samplingPort: NO_PORT_16, direction: 0 }
  const sample = parseNamed<Sample>(args ?? word, readers, { probability: 0, ...none })
  if (sample.probability === 0) throw syntaxError(word, 'a sample with a probability of 1 to 65535')
  const { samplingPort, direction, ...plain } = sample
  if (direction !== 0) return { type: 'sample3', ...sample }
  return samplingPort === NO_PORT_16
    ? { type: 'sample', ...plain }
    : { type: 'sample2', ...plain, samplingPort }
}

function readFinTimeout({ args, word }: Call): Action {
  type Timeouts = { readonly idleTimeout: number; readonly hardTimeout: number }
  const readers = new Map<string, (call: Call) => Partial<Timeouts>>([
    ['idle_timeout', (call) => ({ idleTimeout: parseNumber(call.args, call.word, U16) })],
    ['hard_timeout', (call) => ({ hardTimeout: parseNumber(call.args, call.word, U16) })],
  ])
  return {
    type: 'fin_timeout',
    ...parseNamed<Timeouts>(args ?? word, readers, { idleTimeout: 0, hardTimeout: 0 }),
  }
}

function readConjunction(call: Call): Action {
  const [, id, clause, clauses] = /^\s*(\w+)\s*,\s*(\d{1,3})\/(\d{1,3})\s*$/.exec(call.args?.text ?? '') ?? []
  const [k, n] = [Number(clause), Number(clauses)]
  if (id === undefined || !call.args || !(k >= 1 && k <= n && n >= 2 && n <= 64)) {
    throw syntaxError(call.word, 'of the form conjunction(ID,K/N) with K of 1 to N and N of 2 to 64')
  }
  const idWord = slice(call.args, call.args.text.indexOf(id), id.length)
  return { type: 'conjunction', id: parseNumber(idWord, call.word, U32), clause: k - 1, clauses: n }
}

function readCheck({ args, tail, word }: Call): Action {
  const [before, bits] = splitArrow(tail.text === '' ? word : tail)
  if (!args || before.text !== '') throw syntaxError(word, 'of the form check_pkt_larger(BYTES)->BIT')
  const target = parseBits(bits)
  if (target.bits !== 1) throw syntaxError(bits, 'a single bit')
  return { type: 'check_pkt_larger', packetLength: parseNumber(args, word, U16), target }
}

function readNote({ args }: Call): Action {
  const data = args ? parseDotted(args) : ('' as Hex)
  return { type: 'note', data: data.padEnd(noteDigits(data), '0') as Hex }
}

/** A note fills its action, 6 bytes and then 8 more each time. */
function noteDigits({ length }: Hex): number {
  return 12 + 16 * Math.max(0, Math.ceil((length - 12) / 16))
}

export const NICIRA_READERS: ActionReaders = {
  controller: readController,
  output: readOutput,
  enqueue: readEnqueue,
  resubmit: readResubmit,
  multipath: readMultipath,
  bundle: readBundle,
  bundle_load: readBundle,
  sample: readSample,
  fin_timeout: readFinTimeout,
  conjunction: readConjunction,
  check_pkt_larger: readCheck,
  note: readNote,
}
