// The counters of a flow in the notation of `ovs-ofctl dump-flows`: from those of OpenFlow 1.5 or of earlier versions to words.
// What the switch did not say is left out.
import type { Hex } from '../../values/hex.js'
import type { FlowEntry } from '../messages/flow-stats.js'
import type { Stats } from '../wire/stats.js'

/** Words, each with its comma and space; they stand in three places of a line. */
export interface ShownStats {
  readonly duration: string
  readonly counts: string
  /** Seconds without a packet, which 1.5 alone tells. */
  readonly idleAge: string
}

export function renderStats(entry: FlowEntry): ShownStats {
  const { durationSec, durationNsec = 0, idleSec, packetCount, byteCount } = countersOf(entry)
  return {
    duration: durationSec === undefined ? '' : `duration=${renderDuration(durationSec, durationNsec)}, `,
    counts: `${renderCount('n_packets', packetCount)}${renderCount('n_bytes', byteCount)}`,
    idleAge: idleSec === undefined ? '' : `idle_age=${idleSec}, `,
  }
}

/** Of any version by the same names. */
export function countersOf(entry: FlowEntry): Stats {
  return entry.stats ?? entry
}

/** Whole seconds, else milliseconds where they say it exactly, else as many digits as it takes. */
function renderDuration(seconds: number, nanoseconds: number): string {
  if (nanoseconds === 0) return `${seconds}s`
  const digits = String(nanoseconds).padStart(9, '0')
  const shown = digits.endsWith('000000') ? digits.slice(0, 3) : digits.replace(/0+$/, '')
  return `${seconds}.${shown}s`
}

function renderCount(name: string, count: Hex | undefined): string {
  return count === undefined ? '' : `${name}=${BigInt(`0x${count}`)}, `
}
