import { fc, test as property } from '@fast-check/jest'
import { describe, expect, test } from '@jest/globals'
import { OPENFLOW_15 } from '../../../../src/openflow/version.js'
import { Reader } from '../../../../src/openflow/wire/reader.js'
import { oxsStats, type Stats } from '../../../../src/openflow/wire/stats.js'
import { Writer } from '../../../../src/openflow/wire/writer.js'
import { type Hex, hexFromNumber } from '../../../../src/values/hex.js'

const u64 = (value: number): Hex => hexFromNumber(value, 8)

/** An ofp_stats of these counters, padded to 8 bytes. */
function statsOf(...counters: readonly string[]): string {
  const body = counters.join('')
  const length = 4 + body.length / 2
  return `0000${length.toString(16).padStart(4, '0')}${body}`.padEnd(Math.ceil(length / 8) * 16, '0')
}

const DURATION = '8002000800000000053ec600'
const IDLE_TIME = '800202080000000700000000'
const PACKETS = '800208080000000000000003'
const BYTES = '80020a0800000000000000a2'
const FLOWS = '8002060400000001'

function read(hex: string): Stats {
  const reader = new Reader(Buffer.from(hex, 'hex'))
  const stats = oxsStats.read(reader, OPENFLOW_15)
  expect(reader.remaining).toBe(0)
  return stats
}

function written(stats: Stats): string {
  const writer = new Writer()
  oxsStats.write(writer, stats, OPENFLOW_15)
  return writer.finish().toString('hex')
}

// The first three are what Open vSwitch 3.1 sends.
const SAID: readonly (readonly [string, string, Stats])[] = [
  [
    'of a flow in a dump',
    statsOf(DURATION, IDLE_TIME, PACKETS, BYTES),
    {
      ...{ durationSec: 0, durationNsec: 88_000_000, idleSec: 7, idleNsec: 0 },
      ...{ packetCount: u64(3), byteCount: u64(162) },
    },
  ],
  [
    'of a flow that was removed, without an idle time',
    statsOf(DURATION, PACKETS, BYTES),
    { durationSec: 0, durationNsec: 88_000_000, packetCount: u64(3), byteCount: u64(162) },
  ],
  [
    'of a sum over flows, whose number is the last',
    statsOf(PACKETS, BYTES, FLOWS),
    { packetCount: u64(3), byteCount: u64(162), flowCount: 1 },
  ],
  ['of nothing', statsOf(), {}],
  [
    'of no name, as bytes, with all behind them',
    statsOf(DURATION, '80020c04000000ff', BYTES),
    { durationSec: 0, durationNsec: 88_000_000, others: `80020c04000000ff${BYTES}` as Hex },
  ],
  ['of another length, as bytes', statsOf('8002080400000003'), { others: '8002080400000003' as Hex }],
  [
    'said twice or in another order, the second as bytes',
    statsOf(PACKETS, DURATION, PACKETS),
    { packetCount: u64(3), others: (DURATION + PACKETS) as Hex },
  ],
]

describe('counters', () => {
  test.each(SAID)('%s are read', (_, hex, stats) => {
    expect(read(hex)).toEqual(stats)
  })

  test.each(SAID)('%s are written as they were', (_, hex) => {
    expect(written(read(hex))).toBe(hex)
  })

  const anyOrder = fc.array(fc.constantFrom(DURATION, IDLE_TIME, PACKETS, BYTES, FLOWS, '80020c04000000ff'))

  property.prop([anyOrder])('have the same bytes when they have been read, in whatever order', (counters) => {
    const hex = statsOf(...counters)
    expect(written(read(hex))).toBe(hex)
  })

  test('whose header is cut short are bytes', () => {
    expect(read(statsOf('8002'))).toEqual({ others: '8002' })
  })

  test('whose value is cut short are refused', () => {
    expect(() => read(statsOf('8002080800000003'))).toThrow('8 bytes wanted where 4 are left')
  })
})
