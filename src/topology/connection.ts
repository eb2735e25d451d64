// Connections of the reactive path: who sends to whom through which router, and whether they may.
import { contains } from '../values/cidr.js'
import type { Ipv4 } from '../values/ipv4.js'
import type { Mac } from '../values/mac.js'
import type { LocalPort, PlacedPort, RouterLeg, Topology } from './topology.js'

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

/** A way through a router: in at one leg, out at another, or at the same one where a static route leads back. */
export interface Route {
  readonly source: LocalPort
  readonly ingress: RouterLeg
  readonly egress: RouterLeg
  /** The port with the destination, or the next hop; on this node or on another. */
  readonly destination: PlacedPort
  readonly destinationMac: Mac
  /** OpenFlow port number by which packets leave: of the destination, or of the patch port to the tunnel bridge. */
  readonly outPort: number
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
 * The route of a half, or why there is none: the port must send from an address that it may send from, to a leg of a
 * router in its network, and that router must know a way to the destination. Two tenants' equal addresses never meet, as
 * no lookup leaves the router.
 */
export function routeOf(topology: Topology, half: ConnectionHalf): Route | Refusal {
  const source = topology.localPortAt(half.ofport)
  if (source?.network.segmentationId !== half.segmentationId) return 'unknown-port'
  if (!maySend(source, half)) return 'spoofed-source'
  const ingress = topology.legWithMac(half.segmentationId, half.ethDst)
  if (!ingress) return 'not-to-router'
  const router = ingress.router.name
  // No port security keeps a guest from it then; no router takes in what claims to come from itself.
  if (topology.isRouterAddress(router, half.ipSrc)) return 'spoofed-source'
  if (topology.isRouterAddress(router, half.ipDst)) return 'router-address'
  const hop = topology.hopTowards(router, half.ipDst)
  if (!hop || (hop.leg === ingress && !hop.isStatic)) return 'no-route'
  const { name } = hop.leg.subnet
  const found = topology.neighbourAt(name, hop.address)
  if (!found) return topology.hasPortWithIp(name, hop.address) ? 'host-not-here' : 'unknown-host'
  const { holder: destination, macAddress: destinationMac } = found
  const outPort = 'ofport' in destination ? destination.ofport : topology.tunnelPort
  if (outPort === undefined) return 'host-not-here'
  return { source, ingress, egress: hop.leg, destination, destinationMac, outPort }
}

/** As port security has it in the switch (features/port-security). */
function maySend({ port }: LocalPort, { ethSrc, ipSrc }: ConnectionHalf): boolean {
  if (!port.portSecurity) return true
  if (ethSrc === port.macAddress && port.fixedIps.some(({ ipAddress }) => ipAddress === ipSrc)) return true
  return port.allowedAddressPairs.some(
    ({ macAddress, cidr }) => macAddress === ethSrc && contains(cidr, ipSrc),
  )
}

/**
 * The other direction of the same route: what the answer to this half will look like. Where it comes from another node, it
 * comes in by the patch port, behind which no route begins: its half is the business of that node.
 */
export function reverseOf({ outPort, destinationMac, egress }: Route, half: ConnectionHalf): ConnectionHalf {
  return {
    ofport: outPort,
    segmentationId: egress.network.segmentationId,
    ethSrc: destinationMac,
    ethDst: egress.interface.macAddress,
    ipSrc: half.ipDst,
    ipDst: half.ipSrc,
  }
}
