// Addresses as written, to values; what is wrong with one becomes a problem that tells the text that would be right.
import { isIPv6 } from 'node:net'
import type { ErrorCode } from '../errors/codes.js'
import { ReconcileError } from '../errors/error.js'
import { type Cidr, type CidrText, cidrOf, overlaps, parseCidr, renderCidr } from '../values/cidr.js'
import { type Ipv4, parseIpv4, renderIpv4 } from '../values/ipv4.js'
import { isGroupMac, type Mac, parseMac } from '../values/mac.js'
import type { Located } from './draft.js'

export interface Reading<T> {
  /** Undefined when the text cannot be understood. */
  readonly value?: T
  /** May come with a value: what was meant is clear, and is used for the checks that follow. */
  readonly problem?: ReconcileError
}

/** Text to value. `subject` begins the message: `spec.cidr of subnet "a"`. */
export type ReadText<T> = (text: Located<string>, subject: string) => Reading<T>

function refuse(
  code: ErrorCode,
  { at }: Located<string>,
  message: string,
  remedy: string,
): { problem: ReconcileError } {
  return { problem: new ReconcileError(code, message, { at, remedy }) }
}

export const readIpv4: ReadText<Ipv4> = (text, subject) => {
  const { value } = text
  const address = parseIpv4(value)
  if (address !== undefined) return { value: address }
  const is = `${subject} is "${value}"`
  if (isIPv6(value))
    return refuse('IPV6_UNSUPPORTED', text, `${is}, an IPv6 address.`, 'Use an IPv4 address.')
  const decimal = withoutLeadingZeros(value)
  if (parseIpv4(decimal) !== undefined) {
    const message = `${is}; some programs read numbers with leading zeros as octal.`
    return refuse('INVALID_IPV4', text, message, `Use "${decimal}" if it is meant as decimal.`)
  }
  const alone = parseCidr(value)?.address
  if (alone !== undefined) {
    const remedy = `Use the address alone: "${renderIpv4(alone)}".`
    return refuse('INVALID_IPV4', text, `${is}, an address with a prefix length.`, remedy)
  }
  const remedy = 'Use four numbers of 0 to 255 with dots between, such as "10.1.0.3".'
  return refuse('INVALID_IPV4', text, `${is}, which is not an IPv4 address.`, remedy)
}

/** An address at which others reach a machine: of none of the prefixes below. */
export const readUnicastIpv4: ReadText<Ipv4> = (text, subject) => {
  const reading = readIpv4(text, subject)
  const { value: address } = reading
  if (address === undefined || !isUnusable({ network: address, prefixLength: 32 })) return reading
  const message = `${subject} is ${text.value}, at which no other machine reaches one.`
  return refuse('INVALID_IPV4', text, message, 'Use a unicast address of the node, such as "192.0.2.11".')
}

/** Prefixes that hosts cannot have addresses of (RFC 6890): this network, loopback, multicast, reserved. */
const UNUSABLE = ['0.0.0.0/8', '127.0.0.0/8', '224.0.0.0/4', '240.0.0.0/4'].flatMap(
  (text) => parseCidr(text) ?? [],
)

function isUnusable(cidr: Cidr): boolean {
  return UNUSABLE.some((prefix) => overlaps(cidrOf(prefix), cidr))
}

export const readCidr: ReadText<Cidr> = (text, subject) => {
  const { value } = text
  const parsed = parseCidr(value)
  if (parsed) return usableCidr(parsed, text, subject)
  const is = `${subject} is "${value}"`
  if (isIPv6(value.split('/', 1)[0] ?? '')) {
    return refuse(
      'IPV6_UNSUPPORTED',
      text,
      `${is}, an IPv6 prefix.`,
      'Use an IPv4 prefix, such as "10.1.0.0/24".',
    )
  }
  return refuse('INVALID_CIDR', text, `${is}, which is not an IPv4 prefix.`, cidrRemedy(value))
}

function usableCidr(parsed: CidrText, text: Located<string>, subject: string): Reading<Cidr> {
  const cidr = cidrOf(parsed)
  const unusable = UNUSABLE.map(cidrOf).find((other) => overlaps(other, cidr))
  if (unusable) {
    const message = `${subject} is ${text.value}; hosts cannot have addresses of ${renderCidr(unusable)}.`
    return refuse('INVALID_CIDR', text, message, 'Use a unicast prefix, such as "10.1.0.0/24".')
  }
  if (cidr.network === parsed.address) return { value: cidr }
  const message = `${subject} is ${text.value}, which has bits set beyond its prefix length.`
  return { value: cidr, ...refuse('CIDR_HOST_BITS', text, message, `Use "${renderCidr(cidr)}".`) }
}

/** A prefix, or one address, which is a prefix of 32 bits. */
export const readAddresses: ReadText<Cidr> = (text, subject) => {
  if (text.value === '0.0.0.0/0') {
    const message = `${subject} is 0.0.0.0/0, which is any address.`
    return refuse(
      'INVALID_CIDR',
      text,
      message,
      'Use "portSecurity: false" for a guest that may send from any address.',
    )
  }
  if (text.value.includes('/')) return readCidr(text, subject)
  const { value: address, problem } = readIpv4(text, subject)
  if (address === undefined) return problem ? { problem } : {}
  const cidr = { network: address, prefixLength: 32 }
  if (!isUnusable(cidr)) return { value: cidr }
  const message = `${subject} is ${text.value}, which no guest can have.`
  return refuse('INVALID_IPV4', text, message, 'Use a unicast address, such as "10.1.0.100", or a prefix.')
}

/** A prefix that a route leads to: as `readCidr`, and everything. */
export const readDestination: ReadText<Cidr> = (text, subject) =>
  text.value === '0.0.0.0/0' ? { value: { network: 0 as Ipv4, prefixLength: 0 } } : readCidr(text, subject)

function cidrRemedy(text: string): string {
  const [address = '', length] = text.split('/')
  if (length === undefined && parseIpv4(address) !== undefined)
    return `Add a prefix length, such as "${address}/24".`
  const mask = length === undefined ? undefined : parseIpv4(length)
  const prefixLength = mask === undefined ? undefined : prefixLengthOf(mask)
  if (prefixLength !== undefined)
    return `Use the prefix length instead of the mask: "${address}/${prefixLength}".`
  const decimal = `${withoutLeadingZeros(address)}/${String(Number(length))}`
  if (/^\d+$/.test(length ?? '') && parseCidr(decimal))
    return `Use "${decimal}" if the leading zeros mean nothing.`
  return 'Use an address and a prefix length of 0 to 32, such as "10.1.0.0/24".'
}

function prefixLengthOf(mask: Ipv4): number | undefined {
  const bits = mask.toString(2).padStart(32, '0')
  return /^1*0*$/.test(bits) ? bits.replaceAll('0', '').length : undefined
}

function withoutLeadingZeros(address: string): string {
  return address.replace(/(?<![0-9])0+(?=[0-9])/g, '')
}

export const readMac: ReadText<Mac> = (text, subject) => {
  const { value } = text
  const mac = parseMac(value)
  const is = `${subject} is "${value}"`
  const example = 'such as "fa:16:3e:00:17:e6"'
  if (mac === undefined) {
    const digits = value.replace(/[-.: ]/g, '')
    const meant = /^[0-9a-f]{12}$/i.test(digits)
      ? digits.toLowerCase().replace(/(..)(?=.)/g, '$1:')
      : undefined
    const remedy =
      meant === undefined ? `Use six pairs of hexadecimal digits, ${example}.` : `Use "${meant}".`
    return refuse('INVALID_MAC', text, `${is}, which is not a MAC address.`, remedy)
  }
  const remedy = `Use the address of one interface, ${example}: the second digit is even.`
  if (isGroupMac(mac)) return refuse('INVALID_MAC', text, `${is}, a group address.`, remedy)
  if (mac === '00:00:00:00:00:00') return refuse('INVALID_MAC', text, `${is}: all zeros.`, remedy)
  return { value: mac }
}
