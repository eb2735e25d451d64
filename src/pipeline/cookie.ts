// Whose flow it is. Every flow of ours carries a cookie of this shape, every delete names it, and a flow with another
// owner is never touched:
//
//    63            48 47 46 45    40 39                                 0
//   +----------------+-----+--------+------------------------------------+
//   |     owner      |class| feature|              object                |
//   |    0xdf01      |     |        |   SHA-256 of "kind/name", 40 bits  |
//   +----------------+-----+--------+------------------------------------+
//
// owner    "Dragonflow, layout 1"; another layout of the bits below gets another number
// class    0 pipeline: there whatever the manifests say; 1 model: made from an object; 2 connection: made from a packet
// feature  the number of the feature that made the flow (see features/)
// object   a help for people and for `--dry-run`; never a key, and no delete is made by it alone
import type { Hex } from '../values/hex.js'
import { hexFromNumber } from '../values/hex.js'

const OWNER = 'df01'

/** For dump and delete requests: the bits that say a flow is ours. */
export const OWNER_COOKIE = `${OWNER}000000000000` as Hex
export const OWNER_MASK = 'ffff000000000000' as Hex

const CLASSES = ['pipeline', 'model', 'connection'] as const

export type CookieClass = (typeof CLASSES)[number]

export interface Cookie {
  readonly class: CookieClass
  /** 0..63 */
  readonly feature: number
  /** 40 bits */
  readonly object: Hex
}

/** The object part of flows that belong to no object. */
export const NO_OBJECT = '0'.repeat(10) as Hex

export function buildCookie({ class: cookieClass, feature, object }: Cookie): Hex {
  return `${OWNER}${hexFromNumber((CLASSES.indexOf(cookieClass) << 6) | feature, 1)}${object}` as Hex
}

export function isOurs(cookie: Hex): boolean {
  return cookie.startsWith(OWNER)
}

/** The parts of a cookie of ours; undefined for a foreign one. */
export function parseCookie(cookie: Hex): Cookie | undefined {
  if (!isOurs(cookie)) return undefined
  const classAndFeature = Number.parseInt(cookie.slice(4, 6), 16)
  const cookieClass = CLASSES[classAndFeature >> 6]
  return (
    cookieClass && { class: cookieClass, feature: classAndFeature & 0x3f, object: cookie.slice(6) as Hex }
  )
}
