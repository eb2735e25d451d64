// Between two subnets of one router the first packet comes to us. Whether it may pass is decided there
// (topology/connection.ts); what it gets is a flow for each direction, made here.
import { apply, DEC_TTL, output, OUTPUT_IN_PORT, setMac, setMark } from '../../pipeline/actions.js'
import { leaveBy } from '../../pipeline/exit.js'
import type { Feature, Slice } from '../../pipeline/feature.js'
import { flow } from '../../pipeline/flow.js'
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

interface ConnectionFacts extends Record<string, number | string | undefined> {
  readonly ofport: number
  readonly segmentationId: number
  readonly ethSrc: Mac
  readonly ethDst: Mac
  readonly ipSrc: Ipv4
  readonly ipDst: Ipv4
  readonly egressMac: Mac
  readonly destinationMac: Mac
  /** For a host on another node that of the patch port. */
  readonly outPort: number
  /** Segmentation id of a host on another node. */
  readonly tunnelId: number | undefined
  readonly idleTimeout: number
  readonly hardTimeout: number
}

/** The feature number of connection flows. Their cookies have the class `connection`. */
export const CONNECTION_FEATURE = 10

/** A slice without its key: whoever needs the identity of a half has it from `connectionId`. */
export function connectionSlice(
  half: ConnectionHalf,
  route: Route,
  timeouts: ConnectionTimeouts,
): Omit<Slice<ConnectionFacts>, 'key'> {
  return {
    owner: route.source.port,
    // Field by field: a spread of the half takes longer than all else that is done for a packet here.
    facts: {
      ofport: half.ofport,
      segmentationId: half.segmentationId,
      ethSrc: half.ethSrc,
      ethDst: half.ethDst,
      ipSrc: half.ipSrc,
      ipDst: half.ipDst,
      egressMac: route.egress.interface.macAddress,
      destinationMac: route.destinationMac,
      outPort: route.outPort,
      tunnelId: 'ofport' in route.destination ? undefined : route.egress.network.segmentationId,
      idleTimeout: timeouts.idleTimeout,
      hardTimeout: timeouts.hardTimeout,
    },
  }
}

/**
 * What a router does to a packet (RFC 1812, section 5): one hop less to live, its own MAC as sender, out to the host. A
 * packet that we send meets no table, so for another node it gets the mark here that table 60 gives to others.
 */
export function routeActions(facts: ConnectionFacts): readonly Action[] {
  return deliveryOf(facts).actions
}

interface Delivery {
  readonly actions: readonly Action[]
  readonly instructions: readonly Instruction[]
}

/** All that goes to a host by one leg is delivered by the same records, so that what is known of them by record is known once. */
const deliveries = new Map<string, Delivery>()
const MAX_DELIVERIES = 20_000

function deliveryOf(facts: ConnectionFacts): Delivery {
  const { ofport, egressMac, destinationMac, outPort, tunnelId } = facts
  const isBack = outPort === ofport
  const key = `${egressMac}/${destinationMac}/${isBack ? 'back' : outPort}/${tunnelId ?? 'here'}`
  const known = deliveries.get(key)
  if (known) return known
  const delivery = makeDelivery(facts)
  if (deliveries.size >= MAX_DELIVERIES) deliveries.clear()
  deliveries.set(key, delivery)
  return delivery
}

function makeDelivery({ ofport, egressMac, destinationMac, outPort, tunnelId }: ConnectionFacts): Delivery {
  const passOn = [DEC_TTL, setMac('eth_src', egressMac), setMac('eth_dst', destinationMac)]
  if (tunnelId !== undefined) {
    const instructions = leaveBy({ outPort: undefined, tunnelId }, passOn)
    return { actions: [...passOn, setMark(tunnelId), output(outPort)], instructions }
  }
  const actions = [...passOn, outPort === ofport ? OUTPUT_IN_PORT : output(outPort)]
  return { actions, instructions: [apply(...actions)] }
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

export function connectionFlow(facts: ConnectionFacts) {
  return flow(ROUTING, 'connection', {
    match: connectionMatch(facts),
    instructions: deliveryOf(facts).instructions,
    idleTimeout: facts.idleTimeout,
    hardTimeout: facts.hardTimeout,
    notifyRemoved: true,
  })
}
