// Table 4 of the tunnel bridge: into which networks other nodes may send here.
import { DROP, goto } from '../../pipeline/actions.js'
import { type Feature, pipelineSlice } from '../../pipeline/feature.js'
import { flow } from '../../pipeline/flow.js'
import { ofTunnelId } from '../../pipeline/registers.js'
import { ARRIVALS } from '../../pipeline/stages.js'

export const tunnelArrivals: Feature = {
  name: 'tunnel-wrong-network',
  id: 34,
  class: 'pipeline',
  purpose: 'What arrives with a tunnel id of no network of this node is dropped and counted.',
  slices: ({ tunnel }) => (tunnel ? pipelineSlice({}) : []),
  flows: () => [flow(ARRIVALS, 'rest', { instructions: DROP })],
}

interface NetworkFacts extends Record<string, number> {
  readonly segmentationId: number
}

export const tunnelNetworks: Feature<NetworkFacts> = {
  name: 'tunnel-networks',
  id: 35,
  class: 'model',
  purpose: 'A network with a port on this node and a peer takes in what other nodes send into it.',
  slices: ({ tunnel, peers, networks, localPorts }) => {
    const entered = new Set(localPorts.map(({ network }) => network))
    return tunnel && peers.size > 0
      ? networks
          .filter((network) => entered.has(network))
          .map((network) => ({
            key: network.name,
            owner: network,
            facts: { segmentationId: network.segmentationId },
          }))
      : []
  },
  flows: ({ segmentationId }) => [
    flow(ARRIVALS, 'network', { match: [ofTunnelId(segmentationId)], instructions: [goto('senders')] }),
  ],
}
