import type { Branded } from './brand.js'
import { stableHash } from './hash.js'
import { type Hex, hexFromNumber } from './hex.js'
import { memoized } from './memo.js'

/** A 48-bit MAC address as `fa:16:3e:00:17:e6`: lower case, colons. */
export type Mac = Branded<string, 'Mac'>

const MAC = /^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/i

/** Text to MAC address, or undefined when it is not six colon-separated octets. */
export function parseMac(text: string): Mac | undefined {
  return MAC.test(text) ? (text.toLowerCase() as Mac) : undefined
}

/** Is the group bit set (IEEE 802, first octet, least significant bit)? Broadcast counts as a group. */
export function isGroupMac(mac: Mac): boolean {
  return (Number.parseInt(mac.slice(0, 2), 16) & 1) === 1
}

export function hexFromMac(mac: Mac): Hex {
  return mac.replaceAll(':', '') as Hex
}

/** Asked for with every packet, of the few hosts that there are. */
export const macFromHex = memoized((hex: Hex): Mac => hex.replace(/(..)(?=.)/g, '$1:') as Mac)

/** The 48 bits as a number. As often as with every packet, too. */
export const macFromNumber = memoized((bits: number): Mac => macFromHex(hexFromNumber(bits, 6)))

/**
 * The MAC address of an object that names none: a pure function of kind and name, so that every node and every run
 * computes the same. 46 hashed bits, locally administered (IEEE 802: bit 1 of the first octet set), never a group.
 */
export function deriveMac(kind: string, name: string): Mac {
  const hash = stableHash(`mac/${kind}/${name}`, 6)
  const first = (Number.parseInt(hash.slice(0, 2), 16) & 0xfc) | 0x02
  return macFromHex((first.toString(16).padStart(2, '0') + hash.slice(2)) as Hex)
}

/** The IPv6 link-local address that an interface with this MAC address makes itself (RFC 4291, appendix A). */
export function linkLocalOf(mac: Mac): Hex {
  const digits = hexFromMac(mac)
  const first = (Number.parseInt(digits.slice(0, 2), 16) ^ 0x02).toString(16).padStart(2, '0')
  return `fe80000000000000${first}${digits.slice(2, 6)}fffe${digits.slice(6)}` as Hex
}
