// Bundles: several modifications that happen at once or not at all (OpenFlow 1.5.1, section 7.3.9; ONF EXT-230 for 1.3).
import { pad, rest, struct, u16, u32 } from '../wire/layout.js'

export const BUNDLE_CONTROL = {
  open_request: 0,
  open_reply: 1,
  close_request: 2,
  close_reply: 3,
  commit_request: 4,
  commit_reply: 5,
  discard_request: 6,
  discard_reply: 7,
} as const

/** All or nothing, in the order of the adds. */
export const ATOMIC_ORDERED = 3

export const bundleControl = struct({ bundleId: u32, control: u16, flags: u16 })

/** `message` is a whole encoded message; its xid must be the one of the bundle-add around it. */
export const bundleAdd = struct({ bundleId: u32, _: pad(2), flags: u16, message: rest })
