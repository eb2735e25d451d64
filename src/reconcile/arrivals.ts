// Ports that have come to this node: topologies in, in the order of passes; for each port that was not here before, the ARP
// broadcasts that tell its network where it is now out.
import { gratuitousArp } from '../packet/arp.js'
import { PORT } from '../openflow/ports.js'
import { output } from '../pipeline/actions.js'
import { packetOutMessage, type PacketOutMessage } from '../switch/packet-out.js'
import type { LocalPort, Topology } from '../topology/topology.js'

export class Arrivals {
  /** Names of ports; undefined before the first topology. */
  #here: ReadonlySet<string> | undefined

  /**
   * The ports that are here and were not: none the first time, as a program that starts has seen nobody come. A node without
   * a way to others has nobody to tell.
   */
  of({ localPorts, tunnelPort }: Topology): readonly LocalPort[] {
    const before = this.#here
    this.#here = new Set(localPorts.map(({ port }) => port.name))
    if (!before || tunnelPort === undefined) return []
    return localPorts.filter(({ port }) => !before.has(port.name))
  }
}

/**
 * As if the guest had sent them: they go through the tables, so that they reach whom its broadcasts reach, here and on other
 * nodes, and nobody else.
 */
export function announcements({ port, ofport }: LocalPort): readonly PacketOutMessage[] {
  return port.fixedIps.flatMap(({ ipAddress }) =>
    (['request', 'reply'] as const).map((form) =>
      packetOutMessage(ofport, [output(PORT.TABLE)], gratuitousArp(form, port.macAddress, ipAddress)),
    ),
  )
}
