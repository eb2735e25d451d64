import { goto } from '../../pipeline/actions.js'
import { type Feature, pipelineSlice } from '../../pipeline/feature.js'
import { flow } from '../../pipeline/flow.js'
import { etherType, ethDst, toGroup } from '../../pipeline/match.js'
import { CLASSIFY } from '../../pipeline/stages.js'
import type { Mac } from '../../values/mac.js'

const BROADCAST = 'ff:ff:ff:ff:ff:ff' as Mac

export const classify: Feature = {
  name: 'classify',
  id: 4,
  class: 'pipeline',
  purpose:
    'Sorts packets: ARP to the services, group addresses and IPv6 to layer 2, everything else to routing.',
  slices: () => pipelineSlice({}),
  flows: () => [
    flow(CLASSIFY, 'arp', { match: [etherType('arp')], instructions: [goto('services')] }),
    flow(CLASSIFY, 'broadcast', { match: [ethDst(BROADCAST)], instructions: [goto('layer2')] }),
    flow(CLASSIFY, 'layer2', { match: [toGroup()], instructions: [goto('layer2')] }),
    flow(CLASSIFY, 'layer2', { match: [etherType('ipv6')], instructions: [goto('layer2')] }),
    flow(CLASSIFY, 'rest', { instructions: [goto('routing')] }),
  ],
}
