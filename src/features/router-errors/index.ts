import { DROP, goto } from '../../pipeline/actions.js'
import type { Feature } from '../../pipeline/feature.js'
import { flow } from '../../pipeline/flow.js'
import { etherType, ethDst, ipDst, ttl } from '../../pipeline/match.js'
import { ofNetwork } from '../../pipeline/registers.js'
import { NORTH_SOUTH, ROUTING } from '../../pipeline/stages.js'
import type { Ipv4 } from '../../values/ipv4.js'
import type { Mac } from '../../values/mac.js'

interface RouterErrorFacts extends Record<string, number | string> {
  readonly segmentationId: number
  readonly macAddress: Mac
  readonly ipAddress: Ipv4
}

export const routerErrors: Feature<RouterErrorFacts> = {
  name: 'router-errors',
  id: 23,
  class: 'model',
  purpose:
    'What a router answers with an ICMP error goes to the controller: the last hop, its own addresses, no route (RFC 1812, 5.2.7).',
  slices: ({ ingressLegs }) =>
    ingressLegs.map(({ router, network, subnet, interface: leg }) => ({
      key: `${router.name}/${subnet.name}`,
      owner: { kind: router.kind, name: router.name, at: leg.at },
      facts: { segmentationId: network.segmentationId, macAddress: leg.macAddress, ipAddress: leg.ipAddress },
    })),
  flows: ({ segmentationId, macAddress, ipAddress }) => {
    const toRouter = [etherType('ip'), ofNetwork(segmentationId), ethDst(macAddress)]
    return [
      flow(ROUTING, 'lastHop', { match: [...toRouter, ttl(1)], instructions: [goto('punt')] }),
      // No host sends it, and nothing is said about it.
      flow(ROUTING, 'lastHop', { match: [...toRouter, ttl(0)], instructions: DROP }),
      flow(ROUTING, 'routerAddress', {
        match: [...toRouter, ipDst(ipAddress)],
        instructions: [goto('punt')],
      }),
      flow(NORTH_SOUTH, 'noRoute', { match: toRouter, instructions: [goto('punt')] }),
    ]
  },
}
