// What a router knows of its subnets and static routes without asking: one flow for each host, whatever the source.
// Proactive routers send everything here, reactive ones the guests that have opened too many connections.
import { apply, DEC_TTL, goto, OUTPUT_IN_PORT, setMac } from '../../pipeline/actions.js'
import { type Exit, exitTo, leaveBy } from '../../pipeline/exit.js'
import type { Feature, Slice } from '../../pipeline/feature.js'
import { flow } from '../../pipeline/flow.js'
import { etherType, inPort, ipDstIn } from '../../pipeline/match.js'
import { ofRouter } from '../../pipeline/registers.js'
import { NEIGHBOURS } from '../../pipeline/stages.js'
import type { Neighbour } from '../../topology/lookups.js'
import type { PlacedPort, RouterLeg, Topology } from '../../topology/topology.js'
import { type Cidr, contains } from '../../values/cidr.js'
import { objectHash } from '../../values/hash.js'
import type { Hex } from '../../values/hex.js'
import type { Ipv4 } from '../../values/ipv4.js'
import type { Mac } from '../../values/mac.js'

interface NeighbourFacts extends Record<string, number | string | boolean | undefined> {
  readonly router: Hex
  readonly prefix: Ipv4
  readonly prefixLength: number
  readonly egressMac: Mac
  /** Undefined: nobody has it. */
  readonly neighbourMac: Mac | undefined
  /** Undefined: it is on another node, in the network of the tunnel id. */
  readonly outPort: number | undefined
  readonly tunnelId: number | undefined
  /** Does it have addresses in two subnets, so that it may send to itself? */
  readonly isOwnPeer: boolean
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
  flows: ({ router, prefix, prefixLength, egressMac, neighbourMac, outPort, tunnelId, isOwnPeer }) => {
    const match = [etherType('ip'), ofRouter(router), ...ipDstIn({ network: prefix, prefixLength })]
    const name = `prefix${prefixLength}`
    if (neighbourMac === undefined) return [flow(NEIGHBOURS, name, { match, instructions: [goto('punt')] })]
    const passOn = [DEC_TTL, setMac('eth_src', egressMac), setMac('eth_dst', neighbourMac)]
    const there = flow(NEIGHBOURS, name, { match, instructions: leaveBy({ outPort, tunnelId }, passOn) })
    if (!isOwnPeer || outPort === undefined) return [there]
    // A plain output to the port that a packet came in by is dropped by the switch.
    const instructions = [apply(...passOn, OUTPUT_IN_PORT)]
    return [there, flow(NEIGHBOURS, 'back', { match: [...match, inPort(outPort)], instructions })]
  },
}

function slice(
  { router, interface: leg }: RouterLeg,
  key: string,
  cidr: Cidr,
  neighbour: (Exit & { readonly mac: Mac; readonly isOwnPeer?: boolean }) | undefined,
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
      outPort: neighbour?.outPort,
      tunnelId: neighbour?.tunnelId,
      isOwnPeer: neighbour?.isOwnPeer ?? false,
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

function hostSlices(topology: Topology): readonly Slice<NeighbourFacts>[] {
  return placedPorts(topology).flatMap((placed) => {
    const { port } = placed
    const isOwnPeer = new Set(port.fixedIps.map(({ subnet }) => subnet)).size > 1
    const neighbour = { ...exitTo(placed), mac: port.macAddress, isOwnPeer }
    return port.fixedIps.flatMap(({ subnet, ipAddress }) =>
      topology
        .legsIn(subnet)
        .filter((leg) => isConnected(topology, leg, ipAddress))
        .map((leg) =>
          slice(leg, `${subnet}/${ipAddress}`, { network: ipAddress, prefixLength: 32 }, neighbour),
        ),
    )
  })
}

function placedPorts({ localPorts, remotePorts }: Topology): readonly PlacedPort[] {
  return [...localPorts, ...remotePorts]
}

/** Allowed pairs inside a subnet, where no two ports share them. */
function pairSlices(topology: Topology): readonly Slice<NeighbourFacts>[] {
  return placedPorts(topology).flatMap((placed) =>
    placed.port.allowedAddressPairs.flatMap((pair) =>
      [...new Set(placed.port.fixedIps.map(({ subnet }) => subnet))]
        .filter((subnet) => isReachedBy(topology.neighbourAt(subnet, pair.cidr.network), placed, pair))
        .flatMap(topology.legsIn)
        .filter((leg) => isWithin(pair.cidr, leg.subnet.cidr) && !isFixed(placed, pair.cidr))
        .filter((leg) => isConnected(topology, leg, pair.cidr.network))
        .map((leg) =>
          slice(leg, `${leg.subnet.name}/${pair.cidr.network}/${pair.cidr.prefixLength}`, pair.cidr, {
            ...exitTo(placed),
            mac: pair.macAddress,
          }),
        ),
    ),
  )
}

type AddressPair = PlacedPort['port']['allowedAddressPairs'][number]

function isReachedBy(found: Neighbour | undefined, placed: PlacedPort, { macAddress }: AddressPair): boolean {
  return found?.holder === placed && found.macAddress === macAddress
}

/** What is behind a longer static route is not asked for in its subnet. */
function isConnected({ hopTowards }: Topology, { router }: RouterLeg, address: Ipv4): boolean {
  return router.routes.length === 0 || !hopTowards(router.name, address)?.isStatic
}

function isWithin(inner: Cidr, outer: Cidr): boolean {
  return inner.prefixLength > outer.prefixLength && contains(outer, inner.network)
}

function isFixed({ port }: PlacedPort, { network, prefixLength }: Cidr): boolean {
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
      const neighbour = found && { ...exitTo(found.holder), mac: found.macAddress }
      const { network, prefixLength } = route.destination
      return slice(leg, `${network}/${prefixLength}`, route.destination, neighbour)
    })
}
