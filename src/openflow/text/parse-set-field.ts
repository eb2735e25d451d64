// Actions that write to fields: `set_field:VALUE->FIELD`, `load:VALUE->BITS`, `move:BITS->BITS`, and the words that
// OpenFlow 1.0 had for some fields.
import { type Hex, hexFromNumber, onesHex, zeroHex } from '../../values/hex.js'
import type { Action } from '../actions/actions.js'
import type { Bits } from '../actions/bits.js'
import { setFieldOfLoad } from '../actions/loads.js'
import { type Field, fieldNamed, findFieldByActionName } from '../fields/fields.js'
import { portTo16 } from '../ports.js'
import { parseBits, splitArrow } from './bits.js'
import { argsOf, type Call } from './call.js'
import { parsePort } from './port-names.js'
import { FIELD_PREFIX } from './protocols.js'
import { parseNumber, syntaxError, type Word } from './scan.js'
import type { ActionReader, ActionReaders, Scope } from './scope.js'
import { type MaskedValue, parseAsMasked, parseInteger } from './value.js'

/** In a match these mean the port of any protocol. */
const OLD_NAMES: ReadonlyMap<string, string> = new Map([
  ['tp_src', 'tcp_src'],
  ['tp_dst', 'tcp_dst'],
])

function readSetField(call: Call, scope: Scope): Action {
  const [valueWord, fieldWord] = splitArrow(argsOf(call))
  const field = findFieldByActionName(OLD_NAMES.get(fieldWord.text) ?? fieldWord.text)
  if (!field) throw syntaxError(fieldWord, 'a field this release knows')
  return setField(field, valueWord, scope)
}

function setField(field: Field, word: Word, scope: Scope): Action {
  const value = word.text === 'ANY' ? nothing(field) : readValue(field, word.text, scope)
  if (!value) throw syntaxError(word, `a value of ${field.actionName}`)
  return { type: 'set_field', field: field.name, ...(field.variable ? trimmed(value) : value) }
}

/** How `ovs-ofctl` shows a mask of zeros. */
function nothing({ bytes }: Field): MaskedValue {
  return { value: zeroHex(bytes), mask: zeroHex(bytes) }
}

function readValue(field: Field, text: string, { names }: Scope): MaskedValue | undefined {
  if (field.format !== 'port' || field.bytes !== 2) {
    const masked = parseAsMasked(field, text, names)
    return masked?.mask === onesHex(field.bytes) ? { value: masked.value } : masked
  }
  const port = portTo16(parsePort(text, names) ?? Number.NaN)
  return port === undefined ? undefined : { value: hexFromNumber(port, 2) }
}

/** As many bytes as the value and its mask need. */
function trimmed({ value, mask }: MaskedValue): MaskedValue {
  const zeros = Math.min(leadingZeros(value), mask === undefined ? Infinity : leadingZeros(mask))
  const cut = (hex: Hex) => hex.slice(zeros) as Hex
  return mask === undefined ? { value: cut(value) } : { value: cut(value), mask: cut(mask) }
}

/** Digits of whole bytes of zero. */
function leadingZeros(hex: Hex): number {
  return /^(00)*/.exec(hex)?.[0].length ?? 0
}

/** Bits that a load has room for; what is wider goes as a set-field with the mask it would have. */
const LOAD_BITS = 64

function readLoad(call: Call): Action {
  const [valueWord, bitsWord] = splitArrow(argsOf(call))
  const target = parseBits(bitsWord)
  const wide = parseInteger(valueWord.text, Math.max(8, Math.ceil(target.bits / 8)))
  if (wide === undefined || significantBits(wide) > target.bits) {
    throw syntaxError(valueWord, `a number of ${target.bits} bits`)
  }
  return target.bits <= LOAD_BITS ? { type: 'reg_load', target, value: wide } : wideLoad(target, wide)
}

function wideLoad(target: Bits, value: Hex): Action {
  const set = setFieldOfLoad({ target, value })
  return { ...set, mask: set.mask ?? onesHex(set.value.length / 2) }
}

export function significantBits(hex: Hex): number {
  const digits = hex.replace(/^0+/, '')
  if (digits === '') return 0
  return (digits.length - 1) * 4 + (32 - Math.clz32(Number.parseInt(digits.charAt(0), 16)))
}

function readMove(call: Call): Action {
  const args = argsOf(call)
  const [left, right] = splitArrow(args)
  const source = parseBits(left)
  const target = parseBits(right)
  if (source.bits !== target.bits) throw syntaxError(args, 'a move between ranges of equal width')
  return {
    type: 'move',
    bits: source.bits,
    sourceOffset: source.offset,
    targetOffset: target.offset,
    source: source.field,
    target: target.field,
  }
}

/** A word that sets one field. */
const set =
  (name: string): ActionReader =>
  (call, scope) =>
    setField(fieldNamed(name), argsOf(call), scope)

/** The old type-of-service byte, of which the DSCP is the upper six bits (RFC 2474, section 3). */
function readTos({ args, word }: Call): Action {
  const tos = parseNumber(args, word, 0xff)
  if (tos & 3) throw syntaxError(args ?? word, 'a multiple of 4')
  return { type: 'set_field', field: 'ip_dscp', value: hexFromNumber(tos >> 2, 1) }
}

/** A port of the protocol that the flow matches on. */
const setTransport =
  (end: 'src' | 'dst'): ActionReader =>
  (call, scope) => {
    const prefix = FIELD_PREFIX.get(scope.packets.ipProtocol ?? '')
    const field = findFieldByActionName(`${prefix ?? ''}${end}`)
    if (!field) throw syntaxError(call.word, 'possible here: the flow matches on neither tcp, udp nor sctp')
    return setField(field, argsOf(call), scope)
  }

export const FIELD_READERS: ActionReaders = {
  set_field: readSetField,
  load: readLoad,
  move: readMove,
  push: (call) => ({ type: 'push', source: parseBits(argsOf(call)) }),
  pop: (call) => ({ type: 'pop', target: parseBits(argsOf(call)) }),
  delete_field: readDeleteField,
  mod_dl_src: set('eth_src'),
  mod_dl_dst: set('eth_dst'),
  mod_nw_src: set('ip_src'),
  mod_nw_dst: set('ip_dst'),
  mod_nw_tos: readTos,
  mod_nw_ecn: set('nw_ecn'),
  mod_tp_src: setTransport('src'),
  mod_tp_dst: setTransport('dst'),
  set_mpls_label: set('mpls_label'),
  set_mpls_tc: set('mpls_tc'),
  set_tunnel: set('tun_id'),
  set_tunnel64: set('tun_id'),
}

function readDeleteField(call: Call): Action {
  const word = argsOf(call)
  const field = findFieldByActionName(word.text)
  if (!field) throw syntaxError(word, 'a field this release knows')
  return { type: 'delete_field', field: field.name }
}
