// The learn action out of the notation of `ovs-ofctl`.
import { type Hex, zeroHex } from '../../values/hex.js'
import type { Action } from '../actions/actions.js'
import type { Bits } from '../actions/bits.js'
import { LEARN_FLAG, type Learn2, type LearnSpec } from '../actions/learn.js'
import { type Field, findFieldByActionName } from '../fields/fields.js'
import { DEFAULT_PRIORITY } from '../flow.js'
import { isBits, parseBits, splitArrow } from './bits.js'
import { argsOf, type Call, splitCall } from './call.js'
import { significantBits } from './parse-set-field.js'
import { parseNumber, slice, splitWords, syntaxError, type Word } from './scan.js'
import type { ActionReaders, Scope } from './scope.js'
import { parseInteger, parseValue } from './value.js'

const U16 = 0xffff
const U32 = 0xffffffff

/** A flow with none of its own said goes to table 1. */
const EMPTY: Learn2 = {
  idleTimeout: 0,
  hardTimeout: 0,
  priority: DEFAULT_PRIORITY,
  cookie: zeroHex(8),
  flags: 0,
  tableId: 1,
  finIdleTimeout: 0,
  finHardTimeout: 0,
  limit: 0,
  specs: [],
}

type Reader = (call: Call, so: Learn2) => Partial<Learn2>

const number =
  (name: keyof Learn2, max: number): Reader =>
  ({ args, word }) => ({ [name]: parseNumber(args, word, max) })

const LEARN_ARGS: ReadonlyMap<string, Reader> = new Map<string, Reader>([
  ['table', number('tableId', 0xfe)],
  ['idle_timeout', number('idleTimeout', U16)],
  ['hard_timeout', number('hardTimeout', U16)],
  ['fin_idle_timeout', number('finIdleTimeout', U16)],
  ['fin_hard_timeout', number('finHardTimeout', U16)],
  ['priority', number('priority', U16)],
  ['limit', number('limit', U32)],
  ['cookie', ({ args, word }) => ({ cookie: readCookie(args ?? word) })],
  ['send_flow_rem', (_, { flags }) => ({ flags: flags | LEARN_FLAG.send_flow_rem })],
  ['delete_learned', (_, { flags }) => ({ flags: flags | LEARN_FLAG.delete_learned })],
  [
    'result_dst',
    (call, { flags }) => ({ result: readBit(argsOf(call)), flags: flags | LEARN_FLAG.write_result }),
  ],
])

function readLearn({ args }: Call, scope: Scope): Action {
  const learned = (args ? splitWords(args) : []).reduce<Learn2>((so, word) => {
    const call = splitCall(word)
    const reader = LEARN_ARGS.get(call.name)
    return reader ? { ...so, ...reader(call, so) } : { ...so, specs: [...so.specs, readSpec(call, scope)] }
  }, EMPTY)
  const { limit, result, ...plain } = learned
  return limit === 0 && result === undefined ? { type: 'learn', ...plain } : { type: 'learn2', ...learned }
}

function readCookie(word: Word): Hex {
  const cookie = parseInteger(word.text, 8)
  if (cookie === undefined) throw syntaxError(word, 'a 64-bit cookie')
  return cookie
}

function readBit(word: Word): Bits {
  const bit = parseBits(word)
  if (bit.bits !== 1) throw syntaxError(word, 'a single bit')
  return bit
}

function readSpec(call: Call, scope: Scope): LearnSpec {
  const { name, args, word } = call
  if (name === 'load') return readLoad(args ?? word)
  if (name === 'output') {
    const { bits, ...source } = parseBits(args ?? word)
    return { to: 'output', bits, source }
  }
  return args
    ? readMatch(slice(word, 0, name.length), args, scope)
    : matchOf(parseBits(word), parseBits(word))
}

/** `load:CONSTANT->BITS` or `load:BITS->BITS`. */
function readLoad(word: Word): LearnSpec {
  const [from, to] = splitArrow(word)
  const { bits, ...target } = parseBits(to)
  if (!isBits(from)) return { to: 'load', bits, source: readConstant(from, bits), target }
  const { bits: width, ...source } = parseBits(from)
  if (width !== bits) throw syntaxError(word, 'a load between ranges of equal width')
  return { to: 'load', bits, source, target }
}

/** `FIELD=VALUE`, `BITS=BITS` or `BITS=CONSTANT`. */
function readMatch(name: Word, value: Word, scope: Scope): LearnSpec {
  const field = findFieldByActionName(name.text)
  const whole = field && parseValue(field, value.text, scope.names)
  if (field && whole && whole.mask === undefined) return wholeField(field, whole.value)
  const target = parseBits(name)
  if (isBits(value)) {
    const source = parseBits(value)
    if (source.bits !== target.bits) throw syntaxError(value, `${target.bits} bits`)
    return matchOf(source, target)
  }
  const { bits, ...start } = target
  return { to: 'match', bits, source: readConstant(value, bits), target: start }
}

function matchOf({ bits, ...source }: Bits, { field, offset }: Bits): LearnSpec {
  return { to: 'match', bits, source, target: { field, offset } }
}

function wholeField(field: Field, value: Hex): LearnSpec {
  const source = value.padStart(constantDigits(field.bits), '0').slice(-constantDigits(field.bits)) as Hex
  return { to: 'match', bits: field.bits, source, target: { field: field.name, offset: 0 } }
}

/** A constant has whole 16-bit words. */
function constantDigits(bits: number): number {
  return 4 * Math.ceil(bits / 16)
}

function readConstant(word: Word, bits: number): Hex {
  const value = parseInteger(word.text, constantDigits(bits) / 2)
  if (value === undefined || significantBits(value) > bits)
    throw syntaxError(word, `a number of ${bits} bits`)
  return value
}

export const LEARN_READERS: ActionReaders = { learn: readLearn }
