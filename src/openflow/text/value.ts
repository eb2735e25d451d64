// Field values in flow text: `10.1.0.0/24`, `fa:16:3e:00:17:e6`, `0x1f42/0xffffff`.
import { netmask } from '../../values/cidr.js'
import { type Hex, hexFromNumber, numberFromHex, renderHex } from '../../values/hex.js'
import { hexFromIpv4, type Ipv4, parseIpv4, renderIpv4 } from '../../values/ipv4.js'
import { hexFromMac, macFromHex, parseMac } from '../../values/mac.js'
import { allOnes, type Field } from '../fields/fields.js'
import { parsePort, type PortNames, renderPort } from './port-names.js'

export interface MaskedValue {
  readonly value: Hex
  readonly mask?: Hex
}

export function renderValue(field: Field, { value, mask }: MaskedValue, names: PortNames): string {
  if (mask === undefined) return renderPlain(field, value, names)
  if (field.format === 'ipv4') return `${renderPlain(field, value, names)}/${renderIpv4Mask(mask)}`
  if (field.format === 'mac') return `${macFromHex(value)}/${macFromHex(mask)}`
  return `${renderHex(value)}/${renderHex(mask)}`
}

function renderPlain(field: Field, value: Hex, names: PortNames): string {
  switch (field.format) {
    case 'decimal':
      return String(numberFromHex(value))
    case 'hex':
      return renderHex(value)
    case 'mac':
      return macFromHex(value)
    case 'ipv4':
      return renderIpv4(numberFromHex(value) as Ipv4)
    case 'port':
      return renderPort(numberFromHex(value), names)
  }
}

/** The prefix length where the mask is one, else dotted: OVS takes masks with holes. */
function renderIpv4Mask(mask: Hex): string {
  const bits = numberFromHex(mask)
  const length = 32 - Math.log2(2 ** 32 - bits)
  return Number.isInteger(length) && netmask(length) === bits ? String(length) : renderIpv4(bits as Ipv4)
}

/** Text to value and mask; undefined when it is not a value of this field. */
export function parseValue(field: Field, text: string, names: PortNames): MaskedValue | undefined {
  const masked = parseMasked(text, (part, index) => parsePart(field, part, index, names))
  return masked?.mask === allOnes(field) ? { value: masked.value } : masked
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
    case 'port': {
      const port = parsePort(text, names)
      return port === undefined ? undefined : hexFromNumber(port, field.bytes)
    }
    case 'decimal':
    case 'hex': {
      const value = parseInteger(text, field.bytes)
      return value !== undefined && value <= allOnes(field) ? value : undefined // of equal width: compares as numbers do
    }
  }
}

/** An address; a mask may be a prefix length too. */
function parseIpv4OrLength(text: string, index: number): Hex | undefined {
  const address = parseIpv4(text)
  if (address !== undefined) return hexFromIpv4(address)
  const length = index === 1 && /^(0|[1-9][0-9]?)$/.test(text) ? Number(text) : Number.NaN
  return length <= 32 ? hexFromNumber(netmask(length), 4) : undefined
}

/** Decimal or 0x-prefixed digits to `bytes` bytes; exact for any width. */
export function parseInteger(text: string, bytes: number): Hex | undefined {
  if (!/^(0x[0-9a-f]+|[0-9]+)$/i.test(text)) return undefined
  const digits = BigInt(text).toString(16)
  return digits.length <= bytes * 2 ? (digits.padStart(bytes * 2, '0') as Hex) : undefined
}
