// Field values in flow text: `10.1.0.0/24`, `fa:16:3e:00:17:e6`, `0x1f42/0xffffff`.
import { netmask } from '../../values/cidr.js'
import { type Hex, hexFromNumber, numberFromHex, renderHex } from '../../values/hex.js'
import { hexFromIpv4, type Ipv4, parseIpv4, renderIpv4 } from '../../values/ipv4.js'
import { ipv6Netmask, ipv6PrefixLength, parseIpv6, renderIpv6 } from '../../values/ipv6.js'
import { hexFromMac, macFromHex, parseMac } from '../../values/mac.js'
import { allOnes, type Field } from '../fields/fields.js'
import { parseFlags, renderFlags } from './flags.js'
import { parsePort, type PortNames, renderPort } from './port-names.js'
import { isNumber } from './scan.js'

export interface MaskedValue {
  readonly value: Hex
  readonly mask?: Hex
}

/** A value as actions show it. Matches have some forms of their own, see `renderMatchValue`. */
export function renderValue(field: Field, value: MaskedValue, names: PortNames): string {
  switch (field.format) {
    case 'ct_state':
    case 'tcp_flags':
    case 'tunnel_flags':
      return renderFlags(field.format, value, allOnes(field))
    case 'fragment':
      return renderFragment(value)
    default: {
      const plain = renderPlain(field, value.value, names)
      return value.mask === undefined ? plain : `${plain}/${renderMask(field, value.mask)}`
    }
  }
}

function renderPlain({ format }: Field, value: Hex, names: PortNames): string {
  switch (format) {
    case 'decimal':
      return String(numberFromHex(value))
    case 'mac':
      return macFromHex(value)
    case 'ipv4':
      return renderIpv4(numberFromHex(value) as Ipv4)
    case 'ipv6':
      return renderIpv6(value)
    case 'port':
      return renderPort(numberFromHex(value), names)
    case 'packet_type':
      return `(${numberFromHex(value.slice(0, 4) as Hex)},${renderHex(value.slice(4) as Hex)})`
    default:
      return renderHex(value)
  }
}

/** The prefix length where a mask of addresses is one, else as an address: OVS takes masks with holes. */
function renderMask({ format }: Field, mask: Hex): string {
  switch (format) {
    case 'mac':
      return macFromHex(mask)
    case 'ipv4':
      return renderIpv4Mask(mask)
    case 'ipv6':
      return String(ipv6PrefixLength(mask) ?? renderIpv6(mask))
    default:
      return renderHex(mask)
  }
}

function renderIpv4Mask(mask: Hex): string {
  const bits = numberFromHex(mask)
  const length = 32 - Math.log2(2 ** 32 - bits)
  return Number.isInteger(length) && netmask(length) === bits ? String(length) : renderIpv4(bits as Ipv4)
}

/** IP fragments: bit 0 "is one", bit 1 "is not the first one". */
const FRAGMENTS: ReadonlyMap<string, MaskedValue> = new Map([
  ['no', { value: '00' as Hex }],
  ['first', { value: '01' as Hex }],
  ['later', { value: '03' as Hex }],
  ['yes', { value: '01' as Hex, mask: '01' as Hex }],
  ['not_later', { value: '00' as Hex, mask: '02' as Hex }],
])

function renderFragment({ value, mask }: MaskedValue): string {
  for (const [word, of] of FRAGMENTS) if (of.value === value && of.mask === mask) return word
  return FRAGMENT_HALVES.get(`${value}/${mask ?? ''}`) ?? '<error>'
}

/** Halves of a mask that the words above say in another way. */
const FRAGMENT_HALVES: ReadonlyMap<string, string> = new Map([
  ['00/01', 'no'],
  ['02/02', 'later'],
])

/** Text to value and mask; undefined when it is not a value of this field. */
export function parseValue(field: Field, text: string, names: PortNames): MaskedValue | undefined {
  const masked = parseAsMasked(field, text, names)
  return masked?.mask === allOnes(field) ? { value: masked.value } : masked
}

/** The same with the mask as it stands there, even one that says all. */
export function parseAsMasked(field: Field, text: string, names: PortNames): MaskedValue | undefined {
  return parseWords(field, text) ?? parseMasked(text, (part, i) => parsePart(field, part, i, names))
}

/** Values that are words. Sets of bits may be numbers too. */
function parseWords({ format, bytes }: Field, text: string): MaskedValue | undefined {
  switch (format) {
    case 'ct_state':
    case 'tcp_flags':
    case 'tunnel_flags':
      return parseFlags(format, text, bytes)
    case 'fragment':
      return FRAGMENTS.get(text)
    case 'packet_type':
      return parsePacketType(text)
    default:
      return undefined
  }
}

/** `(1,0x800)`: a namespace and a type in it. */
function parsePacketType(text: string): MaskedValue | undefined {
  const [, namespace = '', type = ''] = /^\(\s*(\w+)\s*,\s*(\w+)\s*\)$/.exec(text) ?? []
  const [upper, lower] = [parseInteger(namespace, 2), parseInteger(type, 2)]
  return upper === undefined || lower === undefined ? undefined : { value: (upper + lower) as Hex }
}

/** `VALUE` or `VALUE/MASK`, each an integer of `bytes` bytes; undefined when it is neither. */
export function parseMaskedInteger(text: string, bytes: number): MaskedValue | undefined {
  return parseMasked(text, (part) => parseInteger(part, bytes))
}

function parseMasked(
  text: string,
  parse: (part: string, index: number) => Hex | undefined,
): MaskedValue | undefined {
  const parts = text.split('/')
  const [value, mask] = parts.map(parse)
  if (value === undefined || parts.length > 2) return undefined
  if (parts.length === 1) return { value }
  return mask === undefined ? undefined : { value, mask }
}

function parsePart(field: Field, text: string, index: number, names: PortNames): Hex | undefined {
  switch (field.format) {
    case 'mac': {
      const mac = parseMac(text)
      return mac && hexFromMac(mac)
    }
    case 'ipv4':
      return parseIpv4OrLength(text, index)
    case 'ipv6':
      return parseIpv6(text) ?? parseLength(text, index, 128, ipv6Netmask)
    case 'port': {
      const port = parsePort(text, names)
      return port === undefined || port >= 2 ** (field.bytes * 8)
        ? undefined
        : hexFromNumber(port, field.bytes)
    }
    case 'packet_type':
    case 'fragment':
      return undefined
    default: {
      const value = parseInteger(text, field.bytes)
      return value !== undefined && value <= allOnes(field) ? value : undefined // of equal width: compares as numbers do
    }
  }
}

/** An address; a mask may be a prefix length too. */
function parseIpv4OrLength(text: string, index: number): Hex | undefined {
  const address = parseIpv4(text)
  if (address !== undefined) return hexFromIpv4(address)
  return parseLength(text, index, 32, (length) => hexFromNumber(netmask(length), 4))
}

function parseLength(
  text: string,
  index: number,
  max: number,
  maskOf: (length: number) => Hex,
): Hex | undefined {
  const length = index === 1 && /^(0|[1-9][0-9]{0,2})$/.test(text) ? Number(text) : Number.NaN
  return length <= max ? maskOf(length) : undefined
}

/** Decimal or 0x-prefixed digits to `bytes` bytes; exact for any width. */
export function parseInteger(text: string, bytes: number): Hex | undefined {
  if (!isNumber(text)) return undefined
  const digits = BigInt(text).toString(16)
  return digits.length <= bytes * 2 ? (digits.padStart(bytes * 2, '0') as Hex) : undefined
}
