// What the tunnel bridge has dropped by itself: an OpenFlow connection in, packets by reason out.
import type { OpenFlowConnection } from '../openflow/connection.js'
import type { FlowEntry } from '../openflow/messages/flow-stats.js'
import { countersOf } from '../openflow/text/print-stats.js'
import { OWNER_COOKIE, OWNER_MASK } from '../pipeline/cookie.js'
import { ARRIVALS, DEPARTURES, SENDERS, TUNNEL_INGRESS } from '../pipeline/stages.js'
import { numberFromHex } from '../values/hex.js'
import { ALL_FLOWS, dumpFlows } from './dump.js'

/**
 * - unknown-peer: arrived from an address that is no other node's
 * - wrong-network: arrived with the tunnel id of no network that has a port here
 * - spoofed: arrived from a MAC address that is not on that node
 * - no-destination: no other node has a port for it
 * - stray: from a port that is neither of the two
 */
export type TunnelDropReason = 'unknown-peer' | 'wrong-network' | 'spoofed' | 'no-destination' | 'stray'

/** Packets since the flow that drops them was made. */
export type TunnelDrops = Readonly<Partial<Record<TunnelDropReason, number>>>

const REASONS: ReadonlyMap<number, TunnelDropReason> = new Map([
  [ARRIVALS.id, 'wrong-network'],
  [SENDERS.id, 'spoofed'],
  [DEPARTURES.id, 'no-destination'],
])

/** @throws ReconcileError of the connection */
export async function readTunnelDrops(connection: OpenFlowConnection): Promise<TunnelDrops> {
  const own = { cookie: OWNER_COOKIE, cookieMask: OWNER_MASK }
  const flows = (await dumpFlows(connection, { ...ALL_FLOWS, ...own })) as readonly FlowEntry[]
  const drops = flows.filter(({ instructions }) => instructions.length === 0)
  return Object.fromEntries(drops.flatMap(dropOf))
}

function dropOf(flow: FlowEntry): readonly (readonly [TunnelDropReason, number])[] {
  const { packetCount } = countersOf(flow)
  const reason = flow.tableId === TUNNEL_INGRESS.id ? atEntry(flow) : REASONS.get(flow.tableId)
  return reason && packetCount ? [[reason, numberFromHex(packetCount)]] : []
}

function atEntry({ match }: FlowEntry): TunnelDropReason {
  return match.some(({ field }) => field === 'in_port') ? 'unknown-peer' : 'stray'
}
