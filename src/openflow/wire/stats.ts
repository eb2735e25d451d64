// OXS statistics of a flow or of a sum over flows (OpenFlow 1.5.1, section 7.2.4): counters, each with class, field and length,
// to one record of fixed shape, since a large dump keeps one for each flow.
import type { Hex } from '../../values/hex.js'
import type { Layout } from './layout.js'
import type { Reader } from './reader.js'
import { paddingTo8, type Writer } from './writer.js'

/** What the switch did not say is undefined. */
export interface Stats {
  readonly durationSec?: number | undefined
  readonly durationNsec?: number | undefined
  /** Time since the last packet; Open vSwitch tells it in dumps alone. */
  readonly idleSec?: number | undefined
  readonly idleNsec?: number | undefined
  /** 8 bytes */
  readonly packetCount?: Hex | undefined
  /** 8 bytes */
  readonly byteCount?: Hex | undefined
  readonly flowCount?: number | undefined
  /** The bytes from the first counter on that has no name here, another length, or another place than Open vSwitch gives it. */
  readonly others?: Hex | undefined
}

/** Headers of the counters that have a name: class 0x8002, field (7 bits), reserved (1), length (8). */
const OXS = {
  duration: 0x80020008,
  idleTime: 0x80020208,
  flowCount: 0x80020604,
  packetCount: 0x80020808,
  byteCount: 0x80020a08,
} as const

/** ofp_stats: two reserved bytes, a length that counts its four bytes but not the padding, and the counters. */
export const oxsStats: Layout<Stats> = {
  read(reader) {
    reader.skip(2)
    const length = reader.u16()
    const stats = readCounters(reader.window(length - 4))
    reader.skip(paddingTo8(length))
    return stats
  },
  write(writer, stats) {
    const start = writer.length
    writer.zeros(4)
    writeCounters(writer, stats)
    writer.patchU16(start + 2, writer.length - start)
    writer.alignTo8(start)
  },
}

/** In the order of Open vSwitch, so that what has been read is written as it was. */
function readCounters(reader: Reader): Stats {
  const aged = isNext(reader, OXS.duration)
  const durationSec = aged ? reader.u32() : undefined
  const durationNsec = aged ? reader.u32() : undefined
  const idle = isNext(reader, OXS.idleTime)
  const idleSec = idle ? reader.u32() : undefined
  const idleNsec = idle ? reader.u32() : undefined
  const packetCount = isNext(reader, OXS.packetCount) ? reader.hex(8) : undefined
  const byteCount = isNext(reader, OXS.byteCount) ? reader.hex(8) : undefined
  const flowCount = isNext(reader, OXS.flowCount) ? reader.u32() : undefined
  const others = reader.remaining > 0 ? reader.hex(reader.remaining) : undefined
  return { durationSec, durationNsec, idleSec, idleNsec, packetCount, byteCount, flowCount, others }
}

/** Goes on behind the header where it is the next one. */
function isNext(reader: Reader, header: number): boolean {
  if (reader.u32Ahead() !== header) return false
  reader.skip(4)
  return true
}

function writeCounters(writer: Writer, stats: Stats): void {
  writeTime(writer, OXS.duration, stats.durationSec, stats.durationNsec)
  writeTime(writer, OXS.idleTime, stats.idleSec, stats.idleNsec)
  writeCount(writer, OXS.packetCount, stats.packetCount)
  writeCount(writer, OXS.byteCount, stats.byteCount)
  if (stats.flowCount !== undefined) {
    writer.u32(OXS.flowCount)
    writer.u32(stats.flowCount)
  }
  if (stats.others !== undefined) writer.hex(stats.others)
}

/** Seconds and nanoseconds, 32 bits each (OpenFlow 1.5.1, section 7.2.4.4). */
function writeTime(writer: Writer, header: number, seconds: number | undefined, nanoseconds = 0): void {
  if (seconds === undefined) return
  writer.u32(header)
  writer.u32(seconds)
  writer.u32(nanoseconds)
}

function writeCount(writer: Writer, header: number, count: Hex | undefined): void {
  if (count === undefined) return
  writer.u32(header)
  writer.hex(count)
}
