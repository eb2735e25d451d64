// What became of the packets of guests, for people who ask: the daemon's own counts of those it looked at, and the
// switch's of those that it dropped by itself.
import type { OpenFlowConnection } from '../openflow/connection.js'
import type { PortDrops, ReadPortDrops } from '../switch/port-drops.js'
import type { Topology } from '../topology/topology.js'
import type { CounterValues } from './counters.js'

/** By word. */
export type Tally = Readonly<Record<string, number>>

/** A packet is sent on, refused, malformed or not ours: together these are all that were looked at. */
export interface VerdictCounts {
  readonly sentOn: number
  /** By reason. */
  readonly refused: Tally
  /** By what is wrong with it. */
  readonly malformed: Tally
  /** Sent to the controller by no flow of ours. */
  readonly notOurs: number
  /** Refused ones that were answered in the name of a router, by the kind of the answer. */
  readonly answered: Tally
  /** Flows that packets got, by their kind. */
  readonly installed: Tally
  /** Refused ones whose pair the switch was not told to drop, as it drops so many of their port. */
  readonly notRemembered: number
  /** Dropped unseen, as too many of their port waited. */
  readonly crowdedOut: number
}

/** What the switch dropped of one port; null where it does not count that. */
export interface PortCounts {
  readonly port: string
  readonly ofport: number
  readonly spoofed: number | null
  readonly rateLimited: number | null
}

/** The shape is part of the product: fields are added, never renamed. */
export interface PacketCounts {
  readonly bridge: string
  /** When the daemon began to count, ISO 8601, UTC. */
  readonly since: string
  readonly packetIns: number
  readonly verdicts: VerdictCounts
  /** Null where there is no connection to the switch. */
  readonly ports: readonly PortCounts[] | null
  /** What a tunnel bridge dropped, by reason; null for another bridge, and where there is no connection. */
  readonly tunnel: Tally | null
}

/** How what the switch drops is asked for; undefined: it is not counted. */
export interface DropReaders {
  readonly spoofed: ReadPortDrops | undefined
  readonly rateLimited: ReadPortDrops | undefined
}

/** What of the counts of a daemon is about packets. */
export function verdictCounts(values: CounterValues): VerdictCounts {
  const { sentOn, refused, malformed, notOurs, answered, installed, notRemembered, crowdedOut } = values
  return { sentOn, refused, malformed, notOurs, answered, installed, notRemembered, crowdedOut }
}

/** By the name of the port. @throws ReconcileError of the connection */
export async function portCounts(
  connection: OpenFlowConnection,
  { localPorts }: Pick<Topology, 'localPorts'>,
  readers: DropReaders,
): Promise<readonly PortCounts[]> {
  const [spoofed, rateLimited] = [
    await readers.spoofed?.(connection),
    await readers.rateLimited?.(connection),
  ]
  const countOf = (drops: PortDrops | undefined, ofport: number) => drops?.get(ofport) ?? null
  return localPorts.map(({ port, ofport }) => ({
    ...{ port: port.name, ofport },
    spoofed: countOf(spoofed, ofport),
    rateLimited: countOf(rateLimited, ofport),
  }))
}
