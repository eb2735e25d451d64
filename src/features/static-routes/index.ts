import type { Feature } from '../../pipeline/feature.js'
import { flow } from '../../pipeline/flow.js'
import { forwardingInstructions, proactiveRouter } from '../../pipeline/forwarding.js'
import { etherType, ethDst, ipDstIn } from '../../pipeline/match.js'
import { ofNetwork } from '../../pipeline/registers.js'
import { ROUTING } from '../../pipeline/stages.js'
import type { Hex } from '../../values/hex.js'
import type { Ipv4 } from '../../values/ipv4.js'
import type { Mac } from '../../values/mac.js'

interface StaticRouteFacts extends Record<string, number | string | undefined> {
  readonly segmentationId: number
  readonly macAddress: Mac
  readonly prefix: Ipv4
  readonly prefixLength: number
  readonly router: Hex | undefined
}

export const staticRoutes: Feature<StaticRouteFacts> = {
  name: 'static-routes',
  id: 22,
  class: 'model',
  purpose: 'What lies behind a next hop takes the way of packets between two subnets.',
  slices: ({ ingressLegs }) =>
    ingressLegs.flatMap(({ router, network, subnet, interface: leg }) =>
      router.routes.map(({ destination, at }) => ({
        key: `${router.name}/${subnet.name}/${destination.network}/${destination.prefixLength}`,
        owner: { kind: router.kind, name: router.name, at },
        facts: {
          segmentationId: network.segmentationId,
          macAddress: leg.macAddress,
          prefix: destination.network,
          prefixLength: destination.prefixLength,
          router: proactiveRouter(router),
        },
      })),
    ),
  // Which route is the longest is decided by whoever is asked; here all go the same way.
  flows: ({ segmentationId, macAddress, prefix, prefixLength, router }) => [
    flow(ROUTING, 'staticRoute', {
      match: [
        etherType('ip'),
        ofNetwork(segmentationId),
        ethDst(macAddress),
        ...ipDstIn({ network: prefix, prefixLength }),
      ],
      instructions: forwardingInstructions(router),
    }),
  ],
}
