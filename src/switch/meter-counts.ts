// What meters have counted: a connection in, packets by the number of the meter out.
import type { OpenFlowConnection } from '../openflow/connection.js'
import { OpenFlowError } from '../openflow/connection-errors.js'
import { METER } from '../openflow/messages/meter.js'
import type { MessageOf } from '../openflow/messages/messages.js'

export interface MeterCount {
  /** Packets that came to the meter, dropped ones included. */
  readonly packets: number
  /** Those of them that came too fast, and were dropped. */
  readonly dropped: number
}

/**
 * Counts of all meters of the bridge since each was made or changed; a port's meter has the port's number. Counts of the
 * userspace datapath are of the moment. None of a switch without meters.
 * @throws ReconcileError of the connection
 */
export async function readMeterCounts(
  connection: OpenFlowConnection,
): Promise<ReadonlyMap<number, MeterCount>> {
  try {
    const replies = await connection.multipart({ type: 'meter_stats_request', flags: 0, meterId: METER.ALL })
    return new Map(replies.flatMap(({ meters }) => meters.map((meter) => [meter.meterId, countOf(meter)])))
  } catch (error) {
    if (!(error instanceof OpenFlowError)) throw error
    return new Map()
  }
}

type MeterStats = MessageOf<'meter_stats_reply'>['meters'][number]

function countOf({ packetInCount, bands }: MeterStats): MeterCount {
  const dropped = bands.reduce((sum, { packetBandCount }) => sum + Number(`0x${packetBandCount}`), 0)
  return { packets: Number(`0x${packetInCount}`), dropped }
}
