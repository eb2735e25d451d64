// Meters and their bands (OpenFlow 1.5.1, sections 7.3.4.5 and 7.3.5.12 to 7.3.5.14).
import { type Infer, list, pad, struct, u16, u32, u64, u8 } from '../wire/layout.js'
import { properties } from '../wire/property.js'
import { measured, measuredAfter } from '../wire/sections.js'

export const METER_COMMAND = { add: 0, modify: 1, delete: 2 } as const

export const METER_FLAG = { kbps: 1, pktps: 2, burst: 4, stats: 8 } as const

/** Meters with a meaning of their own, and all meters in a request. */
export const METER = { SLOWPATH: 0xfffffffd, CONTROLLER: 0xfffffffe, ALL: 0xffffffff } as const

/** In kbit/s and kbit, or packets per second and packets, as the flags of the meter say. */
const limits = { rate: u32, burstSize: u32 }

export const BANDS = {
  drop: { code: 1, layout: struct({ ...limits, _: pad(4) }) },
  dscp_remark: { code: 2, layout: struct({ ...limits, precLevel: u8, _: pad(3) }) },
} as const

const bands = properties(BANDS)

export const meterMod = struct({ command: u16, flags: u16, meterId: u32, bands })

export const meterRequest = struct({ meterId: u32, _: pad(4) })

const meterConfig = struct({ meterFlags: u16, meterId: u32, bands })

/** A meter as the switch keeps it. */
export type Meter = Infer<typeof meterConfig>

export const meterConfigReply = struct({ meters: list(measured(meterConfig)) })

export const meterStatsReply = struct({
  meters: list(
    measuredAfter(
      { head: struct({ meterId: u32 }), headBytes: 4 },
      struct({
        _: pad(6),
        flowCount: u32,
        packetInCount: u64,
        byteInCount: u64,
        durationSec: u32,
        durationNsec: u32,
        bands: list(struct({ packetBandCount: u64, byteBandCount: u64 })),
      }),
    ),
  ),
})

export const meterFeaturesReply = struct({
  maxMeter: u32,
  bandTypes: u32,
  capabilities: u32,
  maxBands: u8,
  maxColor: u8,
  _: pad(2),
})
