// What the switch has dropped by itself, port by port: an OpenFlow connection in, counts by port number out.
import type { OpenFlowConnection } from '../openflow/connection.js'
import type { FlowEntry } from '../openflow/messages/flow-stats.js'
import { countersOf } from '../openflow/text/print-stats.js'
import { OWNER_COOKIE, OWNER_MASK } from '../pipeline/cookie.js'
import { numberFromHex } from '../values/hex.js'
import { ALL_FLOWS, dumpFlows } from './dump.js'

/** Packets by OpenFlow port number. */
export type PortDrops = ReadonlyMap<number, number>

/** Gives what one cause has dropped since the flow or meter that counts it was made. */
export type ReadPortDrops = (connection: OpenFlowConnection) => Promise<PortDrops>

/** Packets under an address that their port may not use: those of the port's flow in this table (see docs/pipeline.md). */
const SPOOFED_TABLE = 2

/** Empty where the bridge has no such flows. */
export const readSpoofed: ReadPortDrops = async (connection) => {
  const own = { cookie: OWNER_COOKIE, cookieMask: OWNER_MASK }
  const flows = await dumpFlows(connection, { ...ALL_FLOWS, ...own, tableId: SPOOFED_TABLE })
  return new Map((flows as readonly FlowEntry[]).flatMap(packetsOfPort))
}

function packetsOfPort(flow: FlowEntry): readonly (readonly [number, number])[] {
  const inPort = flow.match.find(({ field }) => field === 'in_port')?.value
  const { packetCount } = countersOf(flow)
  return inPort && packetCount ? [[numberFromHex(inPort), numberFromHex(packetCount)]] : []
}
