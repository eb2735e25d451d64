// The counters of a flow in the notation of `ovs-ofctl dump-flows`: from the OXS list of OpenFlow 1.5 or the fixed fields of
// earlier versions to words. What the switch did not say is left out.
import { type Hex, numberFromHex } from '../../values/hex.js'
import type { FlowEntry } from '../messages/flow-stats.js'

/** Words, each with its comma and space; they stand in three places of a line. */
export interface ShownStats {
  readonly duration: string
  readonly counts: string
  /** Seconds without a packet, which 1.5 alone tells. */
  readonly idleAge: string
}

export function renderStats(entry: FlowEntry): ShownStats {
  const { duration, packets, bytes, idleTime } = readCounters(entry)
  return {
    duration: duration ? `duration=${renderDuration(duration)}, ` : '',
    counts: `${renderCount('n_packets', packets)}${renderCount('n_bytes', bytes)}`,
    idleAge: idleTime ? `idle_age=${idleTime.seconds}, ` : '',
  }
}

interface Time {
  readonly seconds: number
  readonly nanoseconds: number
}

/** What the switch did not say is undefined. */
export interface Counters {
  readonly duration: Time | undefined
  readonly idleTime: Time | undefined
  readonly packets: Hex | undefined
  readonly bytes: Hex | undefined
}

export function readCounters(entry: FlowEntry): Counters {
  return entry.stats ? countersOf(entry.stats) : fixedCounters(entry)
}

function fixedCounters({ durationSec, durationNsec = 0, packetCount, byteCount }: FlowEntry): Counters {
  const duration = durationSec === undefined ? undefined : { seconds: durationSec, nanoseconds: durationNsec }
  return { duration, idleTime: undefined, packets: packetCount, bytes: byteCount }
}

function countersOf(stats: NonNullable<FlowEntry['stats']>): Counters {
  const last = (name: string) =>
    stats.findLast(({ counter, value }) => counter === name && value.length === DIGITS)?.value
  return {
    duration: timeOf(last('duration')),
    idleTime: timeOf(last('idle_time')),
    packets: last('packet_count'),
    bytes: last('byte_count'),
  }
}

/** Of the 64 bits that each of these counters has. */
const DIGITS = 16

/** Seconds and nanoseconds, 32 bits each (OpenFlow 1.5.1, section 7.2.4.4). */
function timeOf(value: Hex | undefined): Time | undefined {
  if (value === undefined) return undefined
  const half = (from: number) => numberFromHex(value.slice(from, from + DIGITS / 2) as Hex)
  return { seconds: half(0), nanoseconds: half(DIGITS / 2) }
}

/** Whole seconds, else milliseconds where they say it exactly, else as many digits as it takes. */
function renderDuration({ seconds, nanoseconds }: Time): string {
  if (nanoseconds === 0) return `${seconds}s`
  const digits = String(nanoseconds).padStart(9, '0')
  const shown = digits.endsWith('000000') ? digits.slice(0, 3) : digits.replace(/0+$/, '')
  return `${seconds}.${shown}s`
}

function renderCount(name: string, count: Hex | undefined): string {
  return count === undefined ? '' : `${name}=${BigInt(`0x${count}`)}, `
}
