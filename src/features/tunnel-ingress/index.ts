// Table 0 of the tunnel bridge: from which side a packet comes, and whether a node that is known sent it.
import { DROP, goto } from '../../pipeline/actions.js'
import { type Feature, pipelineSlice } from '../../pipeline/feature.js'
import { flow } from '../../pipeline/flow.js'
import { inPort } from '../../pipeline/match.js'
import { fromPeer } from '../../pipeline/registers.js'
import { TUNNEL_INGRESS } from '../../pipeline/stages.js'
import type { RemotePort } from '../../topology/topology.js'
import type { Ipv4 } from '../../values/ipv4.js'

interface EndsFacts extends Record<string, number> {
  readonly patchPort: number
  readonly tunnelPort: number
}

export const tunnelIngress: Feature<EndsFacts> = {
  name: 'tunnel-ingress',
  id: 32,
  class: 'pipeline',
  purpose:
    'What this node sends goes to the departures; what comes from an unknown peer is dropped and counted.',
  slices: ({ tunnel }) =>
    tunnel ? pipelineSlice({ patchPort: tunnel.patchPort, tunnelPort: tunnel.tunnelPort }) : [],
  flows: ({ patchPort, tunnelPort }) => [
    flow(TUNNEL_INGRESS, 'integration', { match: [inPort(patchPort)], instructions: [goto('departures')] }),
    flow(TUNNEL_INGRESS, 'unknownPeer', { match: [inPort(tunnelPort)], instructions: DROP }),
    flow(TUNNEL_INGRESS, 'rest', { instructions: DROP }),
  ],
}

interface PeerFacts extends Record<string, number> {
  readonly tunnelPort: number
  readonly address: Ipv4
}

export const tunnelPeers: Feature<PeerFacts> = {
  name: 'tunnel-peers',
  id: 33,
  class: 'model',
  purpose: 'A node that has a port which this node needs may send to it; its first port is the reason.',
  slices: ({ tunnel, peers, remotePorts }) => {
    const firstPorts = firstPortByNode(remotePorts)
    return [...peers].flatMap(([node, address]) => {
      const owner = firstPorts.get(node)?.port
      return tunnel && owner ? [{ key: node, owner, facts: { tunnelPort: tunnel.tunnelPort, address } }] : []
    })
  },
  flows: ({ tunnelPort, address }) => [
    flow(TUNNEL_INGRESS, 'peer', {
      match: [inPort(tunnelPort), fromPeer(address)],
      instructions: [goto('arrivals')],
    }),
  ],
}

function firstPortByNode(remotePorts: readonly RemotePort[]): ReadonlyMap<string, RemotePort> {
  const first = new Map<string, RemotePort>()
  for (const remote of remotePorts) if (!first.has(remote.node)) first.set(remote.node, remote)
  return first
}
