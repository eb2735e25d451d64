// The pipeline in one place: its stages in the order a packet meets them, and the tables of each. Table numbers are
// Dragonflow's and are never given to anything else. A stage with no table yet is passed through.

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

export const CANARY = table({
  id: 23,
  purpose: 'one drop flow whose absence says that the switch was restarted; no packet comes here',
  priorities: { canary: 0 },
  matches: [],
})

export const CLASSIFY = table({
  id: 40,
  purpose:
    'what kind of packet: ARP to the services, group addresses and IPv6 to layer 2, the rest to routing',
  priorities: { arp: 1000, broadcast: 100, layer2: 10, rest: 1 },
  matches: ['eth_type', 'eth_dst'],
})

export const SERVICES = table({
  id: 51,
  purpose: 'answers in the name of router interfaces; what is not for them goes to layer 2',
  priorities: { responder: 100, rest: 1 },
  matches: ['eth_type', 'metadata', 'arp_op', 'arp_tpa'],
})

export const ROUTING = table({
  id: 52,
  purpose:
    'known connections are routed, in-subnet traffic goes to layer 2, first packets between subnets to us',
  priorities: { connection: 100, sameNetworkPair: 40, ownSubnet: 30, pair: 20, rest: 1 },
  matches: ['eth_type', 'metadata', 'in_port', 'eth_src', 'eth_dst', 'ip_src', 'ip_dst'],
})

export const NORTH_SOUTH = table({
  id: 53,
  purpose: 'what leaves the networks of the manifests; empty, so dropped',
  priorities: {},
  matches: [],
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
  priorities: { port: 100 },
  matches: ['in_port'],
})

export const TUNNEL = table({
  id: 60,
  purpose: 'tunnel id into the packet mark, which crosses the patch port, and out to the tunnel bridge',
  priorities: { rest: 1 },
  matches: [],
})

export interface Stage {
  readonly name: string
  readonly tables: readonly Table[]
}

export const STAGES = [
  { name: 'ingress', tables: [INGRESS] },
  { name: 'port-security', tables: [] },
  { name: 'egress-filter', tables: [] },
  { name: 'classify', tables: [CLASSIFY] },
  { name: 'services', tables: [SERVICES] },
  { name: 'routing', tables: [ROUTING] },
  { name: 'north-south', tables: [NORTH_SOUTH] },
  { name: 'layer2', tables: [LAYER2] },
  { name: 'punt', tables: [PUNT] },
  { name: 'ingress-filter', tables: [] },
  { name: 'tunnel', tables: [TUNNEL] },
] as const satisfies readonly Stage[]

/** Tables that no packet passes through. */
export const ASIDE: readonly Table[] = [CANARY]

export type StageName = (typeof STAGES)[number]['name']

/** The first table from this stage on: an empty stage leads to the next one that has a table. */
export function firstTableFrom(stage: StageName): Table {
  const from = STAGES.findIndex(({ name }) => name === stage)
  const [first] = STAGES.slice(from).flatMap(({ tables }): readonly Table[] => tables)
  if (!first) throw new Error(`no table from stage ${stage} on`)
  return first
}
