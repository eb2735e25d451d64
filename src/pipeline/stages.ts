// The pipeline in one place: its stages in the order a packet meets them, and the tables of each. Table numbers are
// Dragonflow's and are never given to anything else. A stage with no table yet is passed through. The tunnel bridge has a
// pipeline of its own, with tables of its own.

export interface Table {
  readonly id: number
  readonly purpose: string
  /** Flows by what they are for; a larger number wins. */
  readonly priorities: Readonly<Record<string, number>>
  /** Fields a flow of this table may match. */
  readonly matches: readonly string[]
}

function table<const T extends Table>(declaration: T): T {
  return declaration
}

export const INGRESS = table({
  id: 0,
  purpose:
    'which network: a port of ours writes its segmentation id into the metadata; every other port is dropped',
  priorities: { tagged: 1001, port: 1000, unclaimed: 1 },
  matches: ['in_port', 'vlan_vid'],
})

const SECURED_FIELDS: readonly string[] = [
  ...['in_port', 'eth_src', 'eth_type', 'ip_src', 'ip_dst', 'nw_proto', 'udp_src', 'udp_dst', 'ipv6_src'],
  ...['icmpv6_type', 'nd_target', 'arp_op', 'arp_spa', 'arp_sha'],
]

export const PORT_SECURITY = table({
  id: 1,
  purpose: 'a guest sends from its own addresses, and from those its port allows beside them',
  priorities: { off: 300, neighbour: 210, forbidden: 200, allowed: 100, rest: 1 },
  matches: SECURED_FIELDS,
})

export const SPOOFED = table({
  id: 2,
  purpose: 'what a guest may not send ends here, counted for each port',
  priorities: { port: 100 },
  matches: ['in_port'],
})

export const CANARY = table({
  id: 23,
  purpose: 'one drop flow whose absence says that the switch was restarted; no packet comes here',
  priorities: { canary: 0 },
  matches: [],
})

export const CLASSIFY = table({
  id: 40,
  purpose:
    'what kind of packet: ARP and echo requests to the services, group addresses and IPv6 to layer 2, the rest to routing',
  priorities: { arp: 1000, echo: 200, broadcast: 100, layer2: 10, rest: 1 },
  matches: ['eth_type', 'eth_dst', 'metadata', 'nw_frag', 'nw_proto', 'icmp_type', 'icmp_code'],
})

export const SERVICES = table({
  id: 51,
  purpose: 'answers in the name of router interfaces; what is not for them goes to layer 2 and to routing',
  priorities: { responder: 100, echo: 2, rest: 1 },
  matches: ['eth_type', 'metadata', 'arp_op', 'arp_tpa', 'ip_dst', 'nw_proto', 'icmp_type', 'icmp_code'],
})

export const ROUTING = table({
  id: 52,
  purpose:
    'known connections are routed, in-subnet traffic goes to layer 2, first packets between subnets to us',
  priorities: {
    ...{ lastHop: 110, connection: 100, refused: 95, fallback: 90 },
    ...{ pairByGateway: 40, routerAddress: 35, ownSubnet: 30, pair: 20, staticRoute: 15, rest: 1 },
  },
  matches: ['eth_type', 'metadata', 'in_port', 'eth_src', 'eth_dst', 'ip_src', 'ip_dst', 'nw_ttl'],
})

export const NORTH_SOUTH = table({
  id: 53,
  purpose: 'what no route leads to: its router says so; the rest is dropped',
  priorities: { noRoute: 10 },
  matches: ['eth_type', 'metadata', 'eth_dst'],
})

/** A longer prefix wins; over all of them what goes back to the port that it came from. */
const BY_PREFIX: Readonly<Record<string, number>> = {
  ...Object.fromEntries(Array.from({ length: 33 }, (_, length) => [`prefix${length}`, 100 + length])),
  back: 140,
}

export const NEIGHBOURS = table({
  id: 54,
  purpose:
    'what a router knows without asking: its hosts and static routes; of the rest of its subnets we are asked',
  priorities: BY_PREFIX,
  matches: ['in_port', 'eth_type', 'metadata', 'ip_dst'],
})

export const LAYER2 = table({
  id: 55,
  purpose: '(network, MAC) to its port, (network, group address) to every port of the network; else dropped',
  priorities: { unicast: 100, group: 10 },
  matches: ['metadata', 'eth_dst'],
})

export const PUNT = table({
  id: 56,
  purpose: 'what the pipeline cannot decide goes to us, of each port only so much',
  priorities: { muted: 200, port: 100 },
  matches: ['in_port'],
})

export const TUNNEL = table({
  id: 60,
  purpose: 'tunnel id into the packet mark, which crosses the patch port, and out to the tunnel bridge',
  priorities: { rest: 1 },
  matches: [],
})

/** Of the tunnel bridge. */
export const TUNNEL_INGRESS = table({
  id: 0,
  purpose:
    'from the integration bridge to the departures, from a node that is known to the arrivals; the rest is dropped',
  priorities: { integration: 1000, peer: 1000, unknownPeer: 900, rest: 1 },
  matches: ['in_port', 'tun_src'],
})

export const ARRIVALS = table({
  id: 4,
  purpose: 'of a network that has a port here, by its tunnel id; the rest is dropped',
  priorities: { network: 100, rest: 1 },
  matches: ['tun_id'],
})

export const SENDERS = table({
  id: 10,
  purpose:
    'a MAC address comes from the node that has it, that of a router from any; the rest is spoofed and dropped',
  priorities: { port: 100, router: 100, unsecured: 50, rest: 1 },
  matches: ['tun_id', 'tun_src', 'eth_src'],
})

export const DEPARTURES = table({
  id: 20,
  purpose:
    '(network, MAC) to the node that has it, (network, group address) to every node with a port of the network',
  priorities: { unicast: 100, group: 10, rest: 1 },
  matches: ['pkt_mark', 'eth_dst'],
})

export interface Stage {
  readonly name: string
  readonly tables: readonly Table[]
}

export const STAGES = [
  { name: 'ingress', tables: [INGRESS] },
  { name: 'port-security', tables: [PORT_SECURITY] },
  { name: 'spoofed', tables: [SPOOFED] },
  { name: 'egress-filter', tables: [] },
  { name: 'classify', tables: [CLASSIFY] },
  { name: 'services', tables: [SERVICES] },
  { name: 'routing', tables: [ROUTING] },
  { name: 'north-south', tables: [NORTH_SOUTH] },
  { name: 'neighbours', tables: [NEIGHBOURS] },
  { name: 'layer2', tables: [LAYER2] },
  { name: 'punt', tables: [PUNT] },
  { name: 'ingress-filter', tables: [] },
  { name: 'tunnel', tables: [TUNNEL] },
] as const satisfies readonly Stage[]

/** The tunnel bridge. */
export const TUNNEL_STAGES = [
  { name: 'tunnel-ingress', tables: [TUNNEL_INGRESS] },
  { name: 'arrivals', tables: [ARRIVALS] },
  { name: 'senders', tables: [SENDERS] },
  { name: 'departures', tables: [DEPARTURES] },
] as const satisfies readonly Stage[]

/** Tables that no packet passes through. */
export const ASIDE: readonly Table[] = [CANARY]

export type StageName = (typeof STAGES | typeof TUNNEL_STAGES)[number]['name']

const PIPELINES: readonly (readonly Stage[])[] = [STAGES, TUNNEL_STAGES]

/** The first table of its bridge from this stage on: an empty stage leads to the next one that has a table. */
export function firstTableFrom(stage: StageName): Table {
  const isMeant = ({ name }: Stage): boolean => name === stage
  const stages = PIPELINES.find((pipeline) => pipeline.some(isMeant)) ?? []
  const [first] = stages.slice(stages.findIndex(isMeant)).flatMap(({ tables }) => tables)
  if (!first) throw new Error(`no table from stage ${stage} on`)
  return first
}
