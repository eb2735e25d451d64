import type { Branded } from './brand.js'
import { hexFromNumber, type Hex } from './hex.js'

/** An IPv4 address as an unsigned 32-bit number in host order. */
export type Ipv4 = Branded<number, 'Ipv4'>

const OCTET = '(0|[1-9][0-9]{0,2})'
const DOTTED = new RegExp(`^${OCTET}\\.${OCTET}\\.${OCTET}\\.${OCTET}$`)

/**
 * Dotted-decimal text to address, or undefined. Leading zeros are refused: some programs read `010` as octal 8
 * (RFC 6943, section 3.1.1), so such an address means two things.
 */
export function parseIpv4(text: string): Ipv4 | undefined {
  const parts = DOTTED.exec(text)?.slice(1).map(Number)
  if (!parts || parts.some((octet) => octet > 255)) return undefined
  return parts.reduce((sum, octet) => sum * 256 + octet, 0) as Ipv4
}

export function renderIpv4(address: Ipv4): string {
  return [24, 16, 8, 0].map((shift) => (address >>> shift) & 0xff).join('.')
}

export function hexFromIpv4(address: Ipv4): Hex {
  return hexFromNumber(address, 4)
}
