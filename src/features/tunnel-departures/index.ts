// Table 20 of the tunnel bridge: to which nodes a packet of this node goes. The packet mark says its network.
import type { Action } from '../../openflow/actions/actions.js'
import type { Flow } from '../../openflow/flow.js'
import { apply, DROP, move, output, setMark, setTunnelTarget } from '../../pipeline/actions.js'
import { type Feature, pipelineSlice } from '../../pipeline/feature.js'
import { flow } from '../../pipeline/flow.js'
import { ethDst, toGroup } from '../../pipeline/match.js'
import { ofMark } from '../../pipeline/registers.js'
import { DEPARTURES } from '../../pipeline/stages.js'
import { hostMacs } from '../../topology/host-macs.js'
import type { Topology } from '../../topology/topology.js'
import type { Ipv4 } from '../../values/ipv4.js'
import type { Mac } from '../../values/mac.js'

/** The packet mark has 32 bits, the tunnel id 64. */
const MARK_BITS = 32

/** The mark would leave with the outer packet, and mean something else to the host. */
const INTO_TUNNEL: readonly Action[] = [move('pkt_mark', 'tun_id', MARK_BITS), setMark(0)]

export const tunnelDepartures: Feature = {
  name: 'tunnel-no-destination',
  id: 39,
  class: 'pipeline',
  purpose: 'What no other node has a port for is dropped and counted.',
  slices: ({ tunnel }) => (tunnel ? pipelineSlice({}) : []),
  flows: () => [flow(DEPARTURES, 'rest', { instructions: DROP })],
}

interface UnicastFacts extends Record<string, number | string> {
  readonly segmentationId: number
  readonly macAddress: Mac
  readonly peer: Ipv4
  readonly tunnelPort: number
}

export const tunnelUnicast: Feature<UnicastFacts> = {
  name: 'tunnel-unicast',
  id: 40,
  class: 'model',
  purpose: 'A frame to a port on another node goes to that node and to no other.',
  slices: (topology) => {
    const { tunnel, peers } = topology
    if (!tunnel || peers.size === 0) return []
    return hostMacs(topology).flatMap(({ placed, macAddress, key }) => {
      const peer = 'node' in placed ? peers.get(placed.node) : undefined
      const { segmentationId } = placed.network
      const facts = peer === undefined ? undefined : { segmentationId, macAddress, peer }
      return facts ? [{ key, owner: placed.port, facts: { ...facts, tunnelPort: tunnel.tunnelPort } }] : []
    })
  },
  flows: ({ segmentationId, macAddress, peer, tunnelPort }) => [
    flow(DEPARTURES, 'unicast', {
      match: [ofMark(segmentationId), ethDst(macAddress)],
      instructions: [apply(...INTO_TUNNEL, setTunnelTarget(peer), output(tunnelPort))],
    }),
  ],
}

interface GroupFacts extends Record<string, number | readonly number[]> {
  readonly segmentationId: number
  /** Ascending. */
  readonly peers: readonly Ipv4[]
  readonly tunnelPort: number
}

export const tunnelGroup: Feature<GroupFacts> = {
  name: 'tunnel-group',
  id: 41,
  class: 'model',
  purpose: 'Broadcast and multicast go to every node that has a port of the network.',
  slices: (topology) => {
    const { tunnel, networks } = topology
    if (!tunnel) return []
    const byNetwork = peersByNetwork(topology)
    return networks.flatMap((network) => {
      const peers = byNetwork.get(network.name)
      if (!peers) return []
      const { segmentationId } = network
      const facts = {
        segmentationId,
        peers: [...peers].sort((a, b) => a - b),
        tunnelPort: tunnel.tunnelPort,
      }
      return [{ key: network.name, owner: network, facts }]
    })
  },
  flows: ({ segmentationId, peers, tunnelPort }) => [
    flow(DEPARTURES, 'group', {
      match: [ofMark(segmentationId), toGroup()],
      instructions: [apply(...INTO_TUNNEL, ...copies(peers.map(setTunnelTarget), output(tunnelPort)))],
    }),
  ],
}

/**
 * The instructions of a group flow, with a copy to each peer that another one has besides.
 * @returns undefined where there is none
 */
export function withPeersOf(group: Flow, other: Flow): Flow['instructions'] | undefined {
  const own = targetsOf(group)
  const out = actionsOf(group).find(({ type }) => type === 'output')
  const both = new Map([...own, ...targetsOf(other)])
  if (!out || both.size === own.size) return undefined
  const ascending = [...both].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, target]) => target)
  return [apply(...INTO_TUNNEL, ...copies(ascending, out))]
}

/** What sets the tunnel target, by its value. */
function targetsOf(group: Flow): ReadonlyMap<string, Action> {
  const targets = actionsOf(group).flatMap((action) =>
    action.type === 'set_field' && action.field === 'tun_dst' ? [[action.value, action] as const] : [],
  )
  return new Map<string, Action>(targets)
}

function actionsOf({ instructions }: Flow): readonly Action[] {
  return instructions.flatMap((each) => (each.type === 'apply_actions' ? each.actions : []))
}

function copies(targets: readonly Action[], out: Action): readonly Action[] {
  return targets.flatMap((target) => [target, out])
}

/** Of the networks that have a port here: into others this node sends nothing to all. */
function peersByNetwork({
  localPorts,
  remotePorts,
  peers,
}: Topology): ReadonlyMap<string, ReadonlySet<Ipv4>> {
  const byNetwork = new Map<string, Set<Ipv4>>(localPorts.map(({ network }) => [network.name, new Set()]))
  for (const { network, node } of remotePorts) {
    const peer = peers.get(node)
    if (peer !== undefined) byNetwork.get(network.name)?.add(peer)
  }
  return new Map([...byNetwork].filter(([, own]) => own.size > 0))
}
