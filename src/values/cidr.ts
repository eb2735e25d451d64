import { type Ipv4, parseIpv4, renderIpv4 } from './ipv4.js'

/** An IPv4 prefix. Host bits of `network` are zero. */
export interface Cidr {
  readonly network: Ipv4
  /** 0..32 */
  readonly prefixLength: number
}

/** A prefix as written: the address may still have host bits set. */
export interface CidrText {
  readonly address: Ipv4
  readonly prefixLength: number
}

const CIDR = /^([0-9.]+)\/(0|[1-9][0-9]?)$/

/** `10.1.0.0/24` to its two halves, or undefined; host bits are not looked at (see `cidrOf`). */
export function parseCidr(text: string): CidrText | undefined {
  const [, addressText, lengthText] = CIDR.exec(text) ?? []
  const address = addressText === undefined ? undefined : parseIpv4(addressText)
  const prefixLength = Number(lengthText)
  return address === undefined || prefixLength > 32 ? undefined : { address, prefixLength }
}

/** The prefix that an address of it names: host bits cleared. */
export function cidrOf({ address, prefixLength }: CidrText): Cidr {
  return { network: ((address & netmask(prefixLength)) >>> 0) as Ipv4, prefixLength }
}

/** 24 → 0xffffff00, as an unsigned number. */
export function netmask(prefixLength: number): number {
  return prefixLength === 0 ? 0 : (0xffffffff << (32 - prefixLength)) >>> 0
}

export function contains(cidr: Cidr, address: Ipv4): boolean {
  return (address & netmask(cidr.prefixLength)) >>> 0 === cidr.network
}

export function overlaps(a: Cidr, b: Cidr): boolean {
  return a.prefixLength <= b.prefixLength ? contains(a, b.network) : contains(b, a.network)
}

/** The all-ones address of the prefix (RFC 919); for /31 and /32 there is none (RFC 3021). */
export function broadcastOf(cidr: Cidr): Ipv4 | undefined {
  if (cidr.prefixLength >= 31) return undefined
  return ((cidr.network | ~netmask(cidr.prefixLength)) >>> 0) as Ipv4
}

/** The first address a host may have: after the network address, or the address itself for /31 and /32. */
export function firstHost(cidr: Cidr): Ipv4 {
  return (cidr.prefixLength >= 31 ? cidr.network : cidr.network + 1) as Ipv4
}

export function renderCidr({ network, prefixLength }: Cidr): string {
  return `${renderIpv4(network)}/${prefixLength}`
}
