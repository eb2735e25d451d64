// A port that has as many connections as it may have reaches each further subnet by one flow for all its hosts, which the
// table of neighbours tells apart: a port and a topology in, that flow out.
import { goto } from '../../pipeline/actions.js'
import { flow, type FlowSpec } from '../../pipeline/flow.js'
import { etherType, ethDst, ethSrc, inPort, ipDstIn } from '../../pipeline/match.js'
import { ofNetwork, writeRouter } from '../../pipeline/registers.js'
import { ROUTING } from '../../pipeline/stages.js'
import type { ConnectionHalf, Route } from '../../topology/connection.js'
import type { LocalPort, RouterLeg, Topology } from '../../topology/topology.js'
import { type Cidr, contains } from '../../values/cidr.js'
import { objectHash } from '../../values/hash.js'
import type { Ipv4 } from '../../values/ipv4.js'
import type { Mac } from '../../values/mac.js'
import type { ConnectionTimeouts } from './index.js'

/** The feature number of these flows. Their cookies have the class `connection`. */
export const FALLBACK_FEATURE = 18

/** What the flow matches. */
export interface Fallback {
  readonly ofport: number
  readonly segmentationId: number
  readonly ethSrc: Mac
  readonly ethDst: Mac
  /** A subnet of the router, the destination of one of its static routes, or everything: all that the router knows. */
  readonly prefix: Cidr
}

export function fallbackId({ ofport, segmentationId, ethSrc, ethDst, prefix }: Fallback): string {
  return `${ofport}/${segmentationId}/${ethSrc}/${ethDst}/${prefix.network}/${prefix.prefixLength}`
}

/** The fallback that stands in for the flow of this half. */
export function fallbackOf(half: ConnectionHalf, { ingress, egress }: Route): Fallback {
  const { ofport, segmentationId, ethSrc, ethDst, ipDst } = half
  const connected = contains(egress.subnet.cidr, ipDst) ? [egress.subnet.cidr] : []
  const prefixes = ingress.router.routes.map(({ destination }) => destination)
  const [prefix = egress.subnet.cidr] = [
    ...connected,
    ...prefixes.filter((cidr) => contains(cidr, ipDst)),
  ].sort((a, b) => b.prefixLength - a.prefixLength)
  return { ofport, segmentationId, ethSrc, ethDst, prefix }
}

/** All that the router of this half knows, for a port that is not heard. */
export function fallbackToAll({ ofport, segmentationId, ethSrc, ethDst }: ConnectionHalf): Fallback {
  return { ofport, segmentationId, ethSrc, ethDst, prefix: EVERYWHERE }
}

/** A port that is heard again should soon have connections that can be told apart. Longer than it is muted; seconds. */
const TO_ALL_SECONDS = 120

const EVERYWHERE: Cidr = { network: 0 as Ipv4, prefixLength: 0 }

/** Whose the flow is, and which router its packets go through. */
export interface FallbackPath {
  readonly source: LocalPort
  readonly ingress: RouterLeg
}

/** @returns undefined when it may not be: port, router or prefix are gone, or are others */
export function fallbackPath(topology: Topology, fallback: Fallback): FallbackPath | undefined {
  const { ofport, segmentationId, ethSrc, ethDst, prefix } = fallback
  const source = topology.localPortAt(ofport)
  if (source?.network.segmentationId !== segmentationId || !sendsFrom(source.port, ethSrc)) return undefined
  const ingress = topology.legWithMac(segmentationId, ethDst)
  // A proactive router asks nobody, so nothing of it has to be remembered.
  if (ingress?.router.forwarding !== 'reactive') return undefined
  return leadsTo(topology, ingress, prefix) ? { source, ingress } : undefined
}

function sendsFrom({ macAddress, portSecurity, allowedAddressPairs }: LocalPort['port'], mac: Mac): boolean {
  if (macAddress === mac || !portSecurity) return true
  return allowedAddressPairs.some((pair) => pair.macAddress === mac)
}

function leadsTo(topology: Topology, { router, subnet }: RouterLeg, prefix: Cidr): boolean {
  if (isSame(prefix, EVERYWHERE)) return true
  if (router.routes.some(({ destination }) => isSame(destination, prefix))) return true
  const others = router.interfaces.filter((leg) => leg.subnet !== subnet.name)
  return others.some((leg) => topology.legsIn(leg.subnet).some((other) => isSame(other.subnet.cidr, prefix)))
}

function isSame(a: Cidr, b: Cidr): boolean {
  return a.network === b.network && a.prefixLength === b.prefixLength
}

export function fallbackFlow(
  fallback: Fallback,
  { ingress }: FallbackPath,
  { idleTimeout, hardTimeout }: ConnectionTimeouts,
): FlowSpec {
  const isToAll = isSame(fallback.prefix, EVERYWHERE)
  return flow(ROUTING, 'fallback', {
    match: [
      etherType('ip'),
      ofNetwork(fallback.segmentationId),
      inPort(fallback.ofport),
      ethSrc(fallback.ethSrc),
      ethDst(fallback.ethDst),
      ...ipDstIn(fallback.prefix),
    ],
    instructions: [writeRouter(objectHash('Router', ingress.router.name)), goto('neighbours')],
    idleTimeout,
    hardTimeout:
      isToAll && (hardTimeout === 0 || hardTimeout > TO_ALL_SECONDS) ? TO_ALL_SECONDS : hardTimeout,
    notifyRemoved: true,
  })
}
