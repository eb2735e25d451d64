import { apply, goto, move, OUTPUT_IN_PORT, setArpOp, setIp, setMac } from '../../pipeline/actions.js'
import { type Feature, pipelineSlice } from '../../pipeline/feature.js'
import { flow } from '../../pipeline/flow.js'
import { arpRequestFor, etherType } from '../../pipeline/match.js'
import { ofNetwork } from '../../pipeline/registers.js'
import { SERVICES } from '../../pipeline/stages.js'
import type { Ipv4 } from '../../values/ipv4.js'
import type { Mac } from '../../values/mac.js'

const ARP_REPLY = 2

export const arp: Feature = {
  name: 'arp',
  id: 5,
  class: 'pipeline',
  purpose: 'ARP that no responder answers goes to its target at layer 2.',
  slices: () => pipelineSlice({}),
  flows: () => [flow(SERVICES, 'rest', { instructions: [goto('layer2')] })],
}

interface ResponderFacts extends Record<string, number | string> {
  readonly segmentationId: number
  readonly ipAddress: Ipv4
  readonly macAddress: Mac
}

export const arpResponder: Feature<ResponderFacts> = {
  name: 'arp-responder',
  id: 6,
  class: 'model',
  purpose: 'Answers ARP for router interfaces, so that a guest finds its gateway without a broadcast.',
  slices: ({ routerLegs }) =>
    routerLegs.map(({ router, network, subnet, interface: leg }) => ({
      key: `${router.name}/${subnet.name}`,
      owner: { kind: router.kind, name: router.name, at: leg.at },
      facts: { segmentationId: network.segmentationId, ipAddress: leg.ipAddress, macAddress: leg.macAddress },
    })),
  flows: ({ segmentationId, ipAddress, macAddress }) => [
    flow(SERVICES, 'responder', {
      match: [etherType('arp'), ofNetwork(segmentationId), ...arpRequestFor(ipAddress)],
      instructions: [
        apply(
          setArpOp(ARP_REPLY),
          move('arp_sha', 'arp_tha'),
          move('arp_spa', 'arp_tpa'),
          // The post leaves eth_dst as it was: broadcast, or the router's own MAC when the guest probes by unicast.
          move('eth_src', 'eth_dst'),
          setMac('eth_src', macAddress),
          setMac('arp_sha', macAddress),
          setIp('arp_spa', ipAddress),
          OUTPUT_IN_PORT,
        ),
      ],
      notifyRemoved: true,
    }),
  ],
}
