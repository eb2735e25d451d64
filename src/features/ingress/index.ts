import { DROP, goto } from '../../pipeline/actions.js'
import { type Feature, pipelineSlice } from '../../pipeline/feature.js'
import { flow } from '../../pipeline/flow.js'
import { inPort, vlanTagged } from '../../pipeline/match.js'
import { writeNetwork } from '../../pipeline/registers.js'
import { INGRESS } from '../../pipeline/stages.js'

export const unclaimed: Feature = {
  name: 'unclaimed',
  id: 2,
  class: 'pipeline',
  purpose: 'A port that no manifest claims gets and sends nothing.',
  slices: () => pipelineSlice({}),
  flows: () => [flow(INGRESS, 'unclaimed', { instructions: DROP })],
}

interface IngressFacts extends Record<string, number> {
  readonly ofport: number
  readonly segmentationId: number
}

export const ingress: Feature<IngressFacts> = {
  name: 'ingress',
  id: 3,
  class: 'model',
  purpose: 'What comes in by a port belongs to the network of that port. Guests send no 802.1Q tags.',
  slices: ({ localPorts }) =>
    localPorts.map(({ port, network, ofport }) => ({
      key: port.name,
      owner: port,
      facts: { ofport, segmentationId: network.segmentationId },
    })),
  flows: ({ ofport, segmentationId }) => [
    flow(INGRESS, 'tagged', { match: [inPort(ofport), vlanTagged()], instructions: DROP }),
    flow(INGRESS, 'port', {
      match: [inPort(ofport)],
      instructions: [writeNetwork(segmentationId), goto('port-security')],
    }),
  ],
}
