// What a router knows of its subnets and static routes without asking: one flow for each host, whatever the source.
// Proactive routers send everything here, reactive ones the guests that have opened too many connections.
import { apply, DEC_TTL, goto, output, setMac } from '../../pipeline/actions.js'
import type { Feature, Slice } from '../../pipeline/feature.js'
import { flow } from '../../pipeline/flow.js'
import { etherType, ipDstIn } from '../../pipeline/match.js'
import { ofRouter } from '../../pipeline/registers.js'
import { NEIGHBOURS } from '../../pipeline/stages.js'
import type { LocalPort, RouterLeg, Topology } from '../../topology/topology.js'
import { type Cidr, contains } from '../../values/cidr.js'
import { objectHash } from '../../values/hash.js'
import type { Hex } from '../../values/hex.js'
import type { Ipv4 } from '../../values/ipv4.js'
import type { Mac } from '../../values/mac.js'

interface NeighbourFacts extends Record<string, number | string | undefined> {
  readonly router: Hex
  readonly prefix: Ipv4
  readonly prefixLength: number
  readonly egressMac: Mac
  /** Undefined: nobody here has it. */
  readonly neighbourMac: Mac | undefined
  readonly outPort: number | undefined
}

export const neighbours: Feature<NeighbourFacts> = {
  name: 'neighbours',
  id: 24,
  class: 'model',
  purpose: 'Each host and static route of a router, with the MAC address and port that it is reached by.',
  slices: (topology) => [
    ...topology.routerLegs.filter(hasRoom).map(subnetSlice),
    ...hostSlices(topology),
    ...pairSlices(topology),
    ...topology.routerLegs.flatMap((leg) => routeSlices(leg, topology)),
  ],
  flows: ({ router, prefix, prefixLength, egressMac, neighbourMac, outPort }) => [
    flow(NEIGHBOURS, `prefix${prefixLength}`, {
      match: [etherType('ip'), ofRouter(router), ...ipDstIn({ network: prefix, prefixLength })],
      instructions:
        neighbourMac === undefined || outPort === undefined
          ? [goto('punt')]
          : [apply(DEC_TTL, setMac('eth_src', egressMac), setMac('eth_dst', neighbourMac), output(outPort))],
    }),
  ],
}

function slice(
  { router, interface: leg }: RouterLeg,
  key: string,
  cidr: Cidr,
  neighbour: { readonly mac: Mac; readonly ofport: number } | undefined,
): Slice<NeighbourFacts> {
  return {
    key: `${router.name}/${key}`,
    owner: { kind: router.kind, name: router.name, at: leg.at },
    facts: {
      router: objectHash(router.kind, router.name),
      prefix: cidr.network,
      prefixLength: cidr.prefixLength,
      egressMac: leg.macAddress,
      neighbourMac: neighbour?.mac,
      outPort: neighbour?.ofport,
    },
  }
}

/** In a subnet of one address its host is all there is. */
function hasRoom({ subnet }: RouterLeg): boolean {
  return subnet.cidr.prefixLength < 32
}

/** Hosts that nobody has are our business: their sender is told. */
function subnetSlice(leg: RouterLeg): Slice<NeighbourFacts> {
  return slice(leg, leg.subnet.name, leg.subnet.cidr, undefined)
}

/** A host behind a longer static route is not asked for in its subnet. */
function hostSlices({ localPorts, legsIn, hopTowards }: Topology): readonly Slice<NeighbourFacts>[] {
  return localPorts.flatMap(({ port, ofport }) =>
    port.fixedIps.flatMap(({ subnet, ipAddress }) =>
      legsIn(subnet)
        .filter((leg) => leg.router.routes.length === 0 || !hopTowards(leg.router.name, ipAddress)?.isStatic)
        .map((leg) =>
          slice(
            leg,
            `${subnet}/${ipAddress}`,
            { network: ipAddress, prefixLength: 32 },
            {
              mac: port.macAddress,
              ofport,
            },
          ),
        ),
    ),
  )
}

/** Allowed pairs inside a subnet, where no two ports share them. */
function pairSlices({ localPorts, legsIn, neighbourAt }: Topology): readonly Slice<NeighbourFacts>[] {
  return localPorts.flatMap((local) =>
    local.port.allowedAddressPairs.flatMap(({ cidr, macAddress }) =>
      [...new Set(local.port.fixedIps.map(({ subnet }) => subnet))]
        .filter((subnet) => neighbourAt(subnet, cidr.network)?.local === local)
        .flatMap((subnet) =>
          legsIn(subnet).filter((leg) => isWithin(cidr, leg.subnet.cidr) && !isFixed(local, cidr)),
        )
        .map((leg) =>
          slice(leg, `${leg.subnet.name}/${cidr.network}/${cidr.prefixLength}`, cidr, {
            mac: macAddress,
            ofport: local.ofport,
          }),
        ),
    ),
  )
}

function isWithin(inner: Cidr, outer: Cidr): boolean {
  return inner.prefixLength > outer.prefixLength && contains(outer, inner.network)
}

function isFixed({ port }: LocalPort, { network, prefixLength }: Cidr): boolean {
  return prefixLength === 32 && port.fixedIps.some(({ ipAddress }) => ipAddress === network)
}

function routeSlices(
  leg: RouterLeg,
  { hopOfRoute, neighbourAt }: Topology,
): readonly Slice<NeighbourFacts>[] {
  return leg.router.routes
    .filter((route) => hopOfRoute(leg.router.name, route) === leg)
    .map((route) => {
      const found = neighbourAt(leg.subnet.name, route.nextHop)
      const neighbour = found && { mac: found.macAddress, ofport: found.local.ofport }
      const { network, prefixLength } = route.destination
      return slice(leg, `${network}/${prefixLength}`, route.destination, neighbour)
    })
}
