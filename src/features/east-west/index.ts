// Between two subnets of one router the first packet comes to us. Whether it may pass is decided there
// (topology/connection.ts); what it gets is a flow for each direction, made here.
import { apply, DEC_TTL, output, OUTPUT_IN_PORT, setMac, setMark } from '../../pipeline/actions.js'
import { leaveBy } from '../../pipeline/exit.js'
import type { Feature, Slice } from '../../pipeline/feature.js'
import { flow, type FlowSpec } from '../../pipeline/flow.js'
import { etherType, ethDst, ethSrc, inPort, ipDst, ipDstIn, ipSrc } from '../../pipeline/match.js'
import { ofNetwork } from '../../pipeline/registers.js'
import { forwardingInstructions, proactiveRouter } from '../../pipeline/forwarding.js'
import { ROUTING } from '../../pipeline/stages.js'
import type { Action } from '../../openflow/actions/actions.js'
import type { MatchField } from '../../openflow/fields/match.js'
import type { Instruction } from '../../openflow/actions/instructions.js'
import type { ConnectionHalf, Route } from '../../topology/connection.js'
import type { RouterLeg, Topology } from '../../topology/topology.js'
import type { Ipv4 } from '../../values/ipv4.js'
import type { Hex } from '../../values/hex.js'
import type { Mac } from '../../values/mac.js'
import { PairMap } from '../../values/pair-map.js'

interface PairFacts extends Record<string, number | string | undefined> {
  readonly segmentationId: number
  readonly prefix: Ipv4
  readonly prefixLength: number
  /**
   * Between two subnets of one network, where the packet would else count as in-subnet, and of a proactive router: another
   * router may be asked for the same subnets, and a proactive one asks nobody whether it was meant.
   */
  readonly gatewayMac: Mac | undefined
  /** Of a proactive router, which knows the way itself; its 40-bit hash. */
  readonly router: Hex | undefined
}

export const eastWest: Feature<PairFacts> = {
  name: 'east-west',
  id: 9,
  class: 'model',
  purpose:
    'Between two subnets of a router: the first packet to the controller, or all to the neighbours it knows.',
  slices: (topology) => pairsByRouter(topology).map(([from, to]) => pairSlice(from, to)),
  flows: ({ segmentationId, prefix, prefixLength, gatewayMac, router }) => {
    const match = [etherType('ip'), ofNetwork(segmentationId), ...ipDstIn({ network: prefix, prefixLength })]
    const instructions = forwardingInstructions(router)
    return gatewayMac === undefined
      ? [flow(ROUTING, 'pair', { match, instructions })]
      : [flow(ROUTING, 'pairByGateway', { match: [...match, ethDst(gatewayMac)], instructions })]
  },
}

/** Pairs of legs of one router: in by one, out by the other. */
function pairsByRouter({
  ingressLegs,
  routerLegs,
}: Topology): readonly (readonly [from: RouterLeg, to: RouterLeg])[] {
  const byRouter = new Map<string, RouterLeg[]>()
  for (const leg of routerLegs) {
    const own = byRouter.get(leg.router.name)
    if (own) own.push(leg)
    else byRouter.set(leg.router.name, [leg])
  }
  return ingressLegs.flatMap((from) =>
    (byRouter.get(from.router.name) ?? []).filter((to) => to !== from).map((to) => [from, to] as const),
  )
}

function pairSlice(from: RouterLeg, to: RouterLeg): Slice<PairFacts> {
  const router = proactiveRouter(from.router)
  return {
    key: `${from.router.name}/${from.subnet.name}/${to.subnet.name}`,
    owner: { kind: from.router.kind, name: from.router.name, at: to.interface.at },
    facts: {
      segmentationId: from.network.segmentationId,
      prefix: to.subnet.cidr.network,
      prefixLength: to.subnet.cidr.prefixLength,
      gatewayMac: router !== undefined || from.network === to.network ? from.interface.macAddress : undefined,
      router,
    },
  }
}

/** How long a connection without packets is remembered by the switch, in seconds; 0: for ever. */
export interface ConnectionTimeouts {
  readonly idleTimeout: number
  readonly hardTimeout: number
}

/** The feature number of connection flows. Their cookies have the class `connection`. */
export const CONNECTION_FEATURE = 10

/**
 * What a router does to a packet (RFC 1812, section 5): one hop less to live, its own MAC as sender, out to the host. A
 * packet that we send meets no table, so for another node it gets the mark here that table 60 gives to others.
 */
export function routeActions(half: ConnectionHalf, route: Route): readonly Action[] {
  return deliveryOf(half, route).actions
}

interface Delivery extends Exit {
  readonly actions: readonly Action[]
  readonly instructions: readonly Instruction[]
}

interface Exit {
  /** Undefined: back by the port that the packet came in by. */
  readonly outPort: number | undefined
  /** Segmentation id of a host on another node. */
  readonly tunnelId: number | undefined
}

/**
 * By the MAC addresses of leg and host. All that goes to a host by one leg is delivered by the same records, so that what is
 * known of them by record is known once.
 */
const deliveries = new PairMap<Mac, Mac, Delivery[]>()
const MAX_PAIRS = 20_000

function deliveryOf({ ofport }: ConnectionHalf, route: Route): Delivery {
  const { egress, destinationMac, destination } = route
  const outPort = route.outPort === ofport ? undefined : route.outPort
  const tunnelId = 'ofport' in destination ? undefined : egress.network.segmentationId
  const egressMac = egress.interface.macAddress
  const known = deliveries.get(egressMac, destinationMac) ?? []
  for (const each of known) if (each.outPort === outPort && each.tunnelId === tunnelId) return each
  const delivery = makeDelivery(route, { outPort, tunnelId })
  if (deliveries.size >= MAX_PAIRS) deliveries.clear()
  deliveries.set(egressMac, destinationMac, [...known, delivery])
  return delivery
}

function makeDelivery({ egress, destinationMac, outPort }: Route, exit: Exit): Delivery {
  const macs = [setMac('eth_src', egress.interface.macAddress), setMac('eth_dst', destinationMac)]
  const passOn = [DEC_TTL, ...macs]
  if (exit.tunnelId !== undefined) {
    const instructions = leaveBy({ outPort: undefined, tunnelId: exit.tunnelId }, passOn)
    return { ...exit, actions: [...passOn, setMark(exit.tunnelId), output(outPort)], instructions }
  }
  const actions = [...passOn, exit.outPort === undefined ? OUTPUT_IN_PORT : output(exit.outPort)]
  return { ...exit, actions, instructions: [apply(...actions)] }
}

/** What the packets of one direction have in common. */
export function connectionMatch(half: ConnectionHalf): readonly MatchField[] {
  return [
    inPort(half.ofport),
    ethSrc(half.ethSrc),
    ethDst(half.ethDst),
    etherType('ip'),
    ipSrc(half.ipSrc),
    ipDst(half.ipDst),
    ofNetwork(half.segmentationId),
  ]
}

export function connectionFlow(half: ConnectionHalf, route: Route, timeouts: ConnectionTimeouts): FlowSpec {
  return flow(ROUTING, 'connection', {
    match: connectionMatch(half),
    instructions: deliveryOf(half, route).instructions,
    idleTimeout: timeouts.idleTimeout,
    hardTimeout: timeouts.hardTimeout,
    notifyRemoved: true,
  })
}
