// Which of our flows to ask the switch for, by what their cookies say.
import { buildCookie, type CookieClass, NO_OBJECT } from '../pipeline/cookie.js'
import type { Hex } from '../values/hex.js'
import { ALL_FLOWS, type FlowFilter } from './dump.js'

/** The bits of a cookie that say whose it is and of which class; and those and the feature. */
const CLASS_MASK = 'ffffc00000000000' as Hex
const FEATURE_MASK = 'ffffff0000000000' as Hex

/** Flows that were made from packets: connections, and what else the reactive path remembers. */
export const REACTIVE_FLOWS: FlowFilter = {
  ...ALL_FLOWS,
  cookie: buildCookie({ class: 'connection', feature: 0, object: NO_OBJECT }),
  cookieMask: CLASS_MASK,
}

export function flowsOfFeature(maker: { readonly class: CookieClass; readonly id: number }): FlowFilter {
  const cookie = buildCookie({ class: maker.class, feature: maker.id, object: NO_OBJECT })
  return { ...ALL_FLOWS, cookie, cookieMask: FEATURE_MASK }
}
