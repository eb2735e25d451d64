// Echo requests to a router's addresses are answered by the switch itself (RFC 1812, section 4.3.3.6), whichever of its
// interfaces they come in by. Fragments are not: the switch cannot put them together.
import { apply, goto, move, OUTPUT_IN_PORT, setIcmpType, setIp, setTtl } from '../../pipeline/actions.js'
import { type Feature, pipelineSlice } from '../../pipeline/feature.js'
import { flow } from '../../pipeline/flow.js'
import { etherType, ethDst, icmp, ipDst, notFragmented } from '../../pipeline/match.js'
import { forgetRouter, ofNetwork, ofRouter, writeRouter } from '../../pipeline/registers.js'
import { CLASSIFY, SERVICES } from '../../pipeline/stages.js'
import { objectHash } from '../../values/hash.js'
import type { Hex } from '../../values/hex.js'
import type { Ipv4 } from '../../values/ipv4.js'
import type { Mac } from '../../values/mac.js'

/** ICMP types (RFC 792). */
const ECHO_REPLY = 0
const ECHO_REQUEST = 8

/** That of a packet that a router sends itself (RFC 1812, section 4.2.2.9). */
const TTL = 64

/** As scratch, for the MAC address that the guest asked at. */
const SCRATCH = 'xreg0'
const MAC_BITS = 48

interface EchoFacts extends Record<string, number | string> {
  readonly router: Hex
  readonly segmentationId: number
  readonly macAddress: Mac
  readonly ipAddress: Ipv4
}

export const icmpEcho: Feature<EchoFacts> = {
  name: 'icmp-echo',
  id: 19,
  class: 'model',
  purpose: 'Any interface of a router answers echo requests, with no help of the controller.',
  slices: ({ routerLegs }) =>
    routerLegs.map(({ router, network, subnet, interface: leg }) => ({
      key: `${router.name}/${subnet.name}`,
      owner: { kind: router.kind, name: router.name, at: leg.at },
      facts: {
        router: objectHash(router.kind, router.name),
        segmentationId: network.segmentationId,
        macAddress: leg.macAddress,
        ipAddress: leg.ipAddress,
      },
    })),
  flows: ({ router, segmentationId, macAddress, ipAddress }) => [
    flow(CLASSIFY, 'echo', {
      match: [...icmp(ECHO_REQUEST, 0), notFragmented(), ofNetwork(segmentationId), ethDst(macAddress)],
      instructions: [writeRouter(router), goto('services')],
    }),
    flow(SERVICES, 'responder', {
      match: [...icmp(ECHO_REQUEST, 0), ofRouter(router), ipDst(ipAddress)],
      instructions: [
        apply(
          move('eth_dst', SCRATCH, MAC_BITS),
          move('eth_src', 'eth_dst'),
          move(SCRATCH, 'eth_src', MAC_BITS),
          move('ip_src', 'ip_dst'),
          setIp('ip_src', ipAddress),
          setTtl(TTL),
          setIcmpType(ECHO_REPLY),
          OUTPUT_IN_PORT,
        ),
      ],
    }),
  ],
}

export const echoThrough: Feature = {
  name: 'echo-through',
  id: 21,
  class: 'pipeline',
  purpose: 'Echo requests through a router are routed like any packet.',
  slices: () => pipelineSlice({}),
  flows: () => [
    flow(SERVICES, 'echo', { match: [etherType('ip')], instructions: [forgetRouter(), goto('routing')] }),
  ],
}
