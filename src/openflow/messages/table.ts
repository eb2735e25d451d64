// Flow tables (OpenFlow 1.5.1, sections 7.3.5.5 and 7.3.5.18).
import { list, pad, struct, u32, u64, u8 } from '../wire/layout.js'
import { measured, hexRest } from '../wire/sections.js'

export const tableStatsReply = struct({
  tables: list(struct({ tableId: u8, _: pad(3), activeCount: u32, lookupCount: u64, matchedCount: u64 })),
})

/** With no table in it, asks for the features of all; Open vSwitch lets nobody change them. */
export const tableFeaturesRequest = struct({ tables: list(measured(struct({ features: hexRest }))) })
