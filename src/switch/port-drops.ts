// What the switch has dropped by itself, port by port: an OpenFlow connection in, counts by port number out.
import type { OpenFlowConnection } from '../openflow/connection.js'
import type { FlowEntry } from '../openflow/messages/flow-stats.js'
import { countersOf } from '../openflow/text/print-stats.js'
import { OWNER_COOKIE, OWNER_MASK } from '../pipeline/cookie.js'
import { SPOOFED } from '../pipeline/stages.js'
import { numberFromHex } from '../values/hex.js'
import { ALL_FLOWS, dumpFlows } from './dump.js'
import { readMeterCounts } from './meter-counts.js'

/** Packets by OpenFlow port number. */
export type PortDrops = ReadonlyMap<number, number>

/** Gives what one cause has dropped since the flow or meter that counts it was made. */
export type ReadPortDrops = (connection: OpenFlowConnection) => Promise<PortDrops>

/** Packets that their port may not send: those of the port's flow in the table of spoofed ones. Empty where there is none. */
export const readSpoofed: ReadPortDrops = async (connection) => {
  const own = { cookie: OWNER_COOKIE, cookieMask: OWNER_MASK }
  const flows = await dumpFlows(connection, { ...ALL_FLOWS, ...own, tableId: SPOOFED.id })
  return new Map((flows as readonly FlowEntry[]).flatMap(packetsOfPort))
}

/** Packets to the controller that were too many: those that the meter of the port dropped. */
export const readRateLimited: ReadPortDrops = async (connection) => {
  const counts = await readMeterCounts(connection)
  return new Map([...counts].map(([meterId, { dropped }]) => [meterId, dropped]))
}

function packetsOfPort(flow: FlowEntry): readonly (readonly [number, number])[] {
  const inPort = flow.match.find(({ field }) => field === 'in_port')?.value
  const { packetCount } = countersOf(flow)
  return inPort && packetCount ? [[numberFromHex(inPort), numberFromHex(packetCount)]] : []
}
