// Connections of the reactive path: who sends to whom through which router, and whether they may.
import type { Ipv4 } from '../values/ipv4.js'
import type { Mac } from '../values/mac.js'
import type { LocalPort, RouterLeg, Topology } from './topology.js'

/** One direction of a connection as the switch sees it: what its flow matches, what a first packet shows. */
export interface ConnectionHalf {
  readonly ofport: number
  readonly segmentationId: number
  readonly ethSrc: Mac
  readonly ethDst: Mac
  readonly ipSrc: Ipv4
  readonly ipDst: Ipv4
}

/** Why a packet has no route. */
export type Refusal =
  | 'unknown-port'
  | 'spoofed-source'
  | 'not-to-router'
  | 'no-route'
  | 'router-address'
  | 'unknown-host'
  | 'host-not-here'

/** A way through a router: in at one leg, out at another. */
export interface Route {
  readonly source: LocalPort
  readonly ingress: RouterLeg
  readonly egress: RouterLeg
  readonly destination: LocalPort
}

export function connectionId({
  ofport,
  segmentationId,
  ethSrc,
  ethDst,
  ipSrc,
  ipDst,
}: ConnectionHalf): string {
  return `${ofport}/${segmentationId}/${ethSrc}/${ethDst}/${ipSrc}/${ipDst}`
}

/**
 * The route of a half, or why there is none: the port must send from its own addresses to a leg of a router in the
 * subnet of its address, and that router must have a leg in the subnet of the destination. Two tenants' equal addresses
 * never meet, as no lookup leaves the router.
 */
export function routeOf(topology: Topology, half: ConnectionHalf): Route | Refusal {
  const source = topology.localPortAt(half.ofport)
  if (source?.network.segmentationId !== half.segmentationId) return 'unknown-port'
  const fixedIp = source.port.fixedIps.find(({ ipAddress }) => ipAddress === half.ipSrc)
  if (source.port.macAddress !== half.ethSrc || !fixedIp) return 'spoofed-source'
  const ingress = topology.legWithMac(half.segmentationId, half.ethDst)
  if (ingress?.subnet.name !== fixedIp.subnet) return 'not-to-router'
  const egress = topology.legTowards(ingress.router.name, half.ipDst)
  if (!egress || egress === ingress) return 'no-route'
  if (egress.interface.ipAddress === half.ipDst) return 'router-address'
  const destination = topology.localPortWithIp(egress.subnet.name, half.ipDst)
  if (destination) return { source, ingress, egress, destination }
  return topology.hasPortWithIp(egress.subnet.name, half.ipDst) ? 'host-not-here' : 'unknown-host'
}

/** The other direction of the same route: what the answer to this half will look like. */
export function reverseOf({ destination, egress }: Route, half: ConnectionHalf): ConnectionHalf {
  return {
    ofport: destination.ofport,
    segmentationId: egress.network.segmentationId,
    ethSrc: destination.port.macAddress,
    ethDst: egress.interface.macAddress,
    ipSrc: half.ipDst,
    ipDst: half.ipSrc,
  }
}
