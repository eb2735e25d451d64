// Connection tracking out of the notation of `ovs-ofctl`.
import { type Hex } from '../../values/hex.js'
import { hexFromIpv4, parseIpv4 } from '../../values/ipv4.js'
import { parseIpv6 } from '../../values/ipv6.js'
import type { Action, ActionOf } from '../actions/actions.js'
import { type Ct, CT_FLAG, NAT_FLAG, type NatRange, NO_TABLE } from '../actions/ct.js'
import { parseBits } from './bits.js'
import { argsOf, type Call, splitCall } from './call.js'
import { ALGS } from './nicira-words.js'
import { parseNumber, slice, splitWords, syntaxError, type Word } from './scan.js'
import type { ActionReaders, Scope } from './scope.js'

const MAX_ZONE = 0xffff
const NOTHING: Ct = { flags: 0, zone: 0, tableId: NO_TABLE, alg: 0, actions: [] }

type Reader = (call: Call, so: Ct, scope: Scope) => Partial<Ct>

const CT_ARGS: ReadonlyMap<string, Reader> = new Map<string, Reader>([
  ['commit', (_, so) => ({ flags: so.flags | CT_FLAG.commit })],
  ['force', (_, so) => ({ flags: so.flags | CT_FLAG.force })],
  ['table', ({ args, word }) => ({ tableId: parseNumber(args, word, NO_TABLE - 1) })],
  ['zone', ({ args, word }) => ({ zone: readZone(args ?? word) })],
  ['alg', ({ args, word }) => ({ alg: ALGS.parse(args?.text ?? '') ?? parseNumber(args, word, MAX_ZONE) })],
  ['nat', (call, so) => ({ actions: [readNat(call), ...so.actions] })],
  ['exec', (call, so, scope) => ({ actions: [...so.actions, ...scope.nested(argsOf(call))] })],
])

function readCt({ args }: Call, scope: Scope): Action {
  const ct = (args ? splitWords(args) : []).reduce<Ct>((so, word) => {
    const call = splitCall(word)
    const reader = CT_ARGS.get(call.name)
    if (!reader) throw syntaxError(word, `one of ${[...CT_ARGS.keys()].join(', ')}`)
    return { ...so, ...reader(call, so, scope) }
  }, NOTHING)
  return { type: 'ct', ...ct }
}

function readZone(word: Word): Ct['zone'] {
  return /^[0-9]/.test(word.text) ? parseNumber(word, word, MAX_ZONE) : parseBits(word)
}

function readNat({ args }: Call): ActionOf<'nat'> {
  return (args ? splitWords(args) : []).reduce<ActionOf<'nat'>>(
    (so, word) => {
      const call = splitCall(word)
      const flag = new Map<string, number>(Object.entries(NAT_FLAG)).get(call.name)
      if (flag === undefined) throw syntaxError(word, `one of ${Object.keys(NAT_FLAG).join(', ')}`)
      return { ...so, ...(call.args && readRange(call.args)), flags: so.flags | flag }
    },
    { type: 'nat', flags: 0 },
  )
}

const EXPECTED = 'addresses and ports like 10.0.0.1-10.0.0.9:1024-65535 or [fe80::1]:80'

/** `MIN-MAX:PORT-PORT`, with an IPv6 address before a port in brackets. */
function readRange(word: Word): NatRange {
  const { text } = word
  const isIpv6 = text.includes('[') || text.split(':').length > 2
  const [, first = '', last, ports] = (isIpv6 ? IPV6_RANGE : IPV4_RANGE).exec(text) ?? []
  const addresses = [first, last].map((address) => address?.replace(/[[\]]/g, ''))
  const [min, max] = addresses.map((address) => parseAddress(address, isIpv6))
  if (min === undefined || (last !== undefined && max === undefined)) throw syntaxError(word, EXPECTED)
  // An address of zeros is none.
  if (/^0+$/.test(min)) return {}
  const range = isIpv6
    ? { ipv6Min: min, ...(max && { ipv6Max: max }) }
    : { ipv4Min: min, ...(max && { ipv4Max: max }) }
  return ports === undefined
    ? range
    : { ...range, ...readPorts(slice(word, text.length - ports.length, ports.length)) }
}

const IPV4_RANGE = /^([0-9.]+)(?:-([0-9.]+))?(?::([0-9-]+))?$/
const IPV6_RANGE = /^(\[[^\]]+\]|[0-9a-fA-F:.]+)(?:-(\[[^\]]+\]|[0-9a-fA-F:.]+))?(?:(?<=\]):([0-9-]+))?$/

function parseAddress(text: string | undefined, isIpv6: boolean): Hex | undefined {
  if (text === undefined) return undefined
  if (isIpv6) return parseIpv6(text)
  const address = parseIpv4(text)
  return address === undefined ? undefined : hexFromIpv4(address)
}

function readPorts(word: Word): NatRange {
  const dash = word.text.indexOf('-')
  if (dash === -1) return { portMin: parseNumber(word, word, MAX_ZONE) }
  const max = slice(word, dash + 1, word.text.length - dash - 1)
  return {
    portMin: parseNumber(slice(word, 0, dash), word, MAX_ZONE),
    portMax: parseNumber(max, word, MAX_ZONE),
  }
}

export const CT_READERS: ActionReaders = { ct: readCt, nat: readNat }
