import { goto } from '../../pipeline/actions.js'
import { type Feature, pipelineSlice } from '../../pipeline/feature.js'
import { flow } from '../../pipeline/flow.js'
import { etherType, ipDstIn } from '../../pipeline/match.js'
import { ofNetwork } from '../../pipeline/registers.js'
import { ROUTING } from '../../pipeline/stages.js'
import type { Ipv4 } from '../../values/ipv4.js'

export const routing: Feature = {
  name: 'routing',
  id: 7,
  class: 'pipeline',
  purpose: 'What is neither in-subnet nor between subnets of a router leaves the networks of the manifests.',
  slices: () => pipelineSlice({}),
  flows: () => [flow(ROUTING, 'rest', { instructions: [goto('north-south')] })],
}

interface OwnSubnetFacts extends Record<string, number> {
  readonly segmentationId: number
  readonly prefix: Ipv4
  readonly prefixLength: number
}

export const ownSubnet: Feature<OwnSubnetFacts> = {
  name: 'own-subnet',
  id: 8,
  class: 'model',
  purpose: 'Inside a subnet packets are switched, whether a router is there or not.',
  slices: ({ subnets }) =>
    subnets.map(({ subnet, network }) => ({
      key: subnet.name,
      owner: subnet,
      facts: {
        segmentationId: network.segmentationId,
        prefix: subnet.cidr.network,
        prefixLength: subnet.cidr.prefixLength,
      },
    })),
  flows: ({ segmentationId, prefix, prefixLength }) => [
    flow(ROUTING, 'ownSubnet', {
      match: [etherType('ip'), ofNetwork(segmentationId), ...ipDstIn({ network: prefix, prefixLength })],
      instructions: [goto('layer2')],
    }),
  ],
}
