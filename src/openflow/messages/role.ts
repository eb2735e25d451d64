// Roles of several controllers (OpenFlow 1.5.1, sections 7.3.8 and 7.4.4; ONF EXT-191 tells of a change in 1.3).
import { pad, struct, u32, u64, u8 } from '../wire/layout.js'
import { properties } from '../wire/property.js'

/** What a controller may do; Open vSwitch and older texts call primary and secondary master and slave. */
export const ROLE = { nochange: 0, equal: 1, primary: 2, secondary: 3 } as const

/** `generationId` must not go back: the switch refuses one that is smaller than the last (STALE). */
export const role = struct({ role: u32, _: pad(4), generationId: u64 })

export const ROLE_REASON = { primary_request: 0, config: 1, experimenter: 2 } as const

export const roleStatus = struct({
  role: u32,
  reason: u8,
  _: pad(3),
  generationId: u64,
  properties: properties({}),
})
