import { apply, goto, move, OUTPUT_IN_PORT, setArpOp, setIp, setMac } from '../../pipeline/actions.js'
import { type Feature, pipelineSlice } from '../../pipeline/feature.js'
import { flow, type FlowSpec } from '../../pipeline/flow.js'
import { arpRequestFor, etherType } from '../../pipeline/match.js'
import { ofNetwork } from '../../pipeline/registers.js'
import { SERVICES } from '../../pipeline/stages.js'
import type { PlacedPort } from '../../topology/topology.js'
import { type Cidr, contains } from '../../values/cidr.js'
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
  slices: ({ ingressLegs }) =>
    ingressLegs.map(({ router, network, subnet, interface: leg }) => ({
      key: `${router.name}/${subnet.name}`,
      owner: { kind: router.kind, name: router.name, at: leg.at },
      facts: { segmentationId: network.segmentationId, ipAddress: leg.ipAddress, macAddress: leg.macAddress },
    })),
  flows: (facts) => [answerFlow(facts)],
}

export const arpOfRemotePorts: Feature<ResponderFacts> = {
  name: 'arp-remote',
  id: 26,
  class: 'model',
  purpose: 'Answers ARP for ports on other nodes, so that no broadcast for them crosses the underlay.',
  slices: ({ localPorts, remotePorts }) => {
    const entered = new Set(localPorts.map(({ network }) => network))
    const isShared = sharedAddresses([...localPorts, ...remotePorts])
    return remotePorts
      .filter(({ network }) => entered.has(network))
      .flatMap(({ port, network: { name, segmentationId } }) =>
        port.fixedIps
          .filter(({ ipAddress }) => !isShared(name, ipAddress))
          .map(({ ipAddress }) => ({
            key: `${port.name}/${ipAddress}`,
            owner: port,
            facts: { segmentationId, ipAddress, macAddress: port.macAddress },
          })),
      )
  },
  flows: (facts) => [answerFlow(facts)],
}

/** What another port may take over is asked of the hosts themselves. */
function sharedAddresses(ports: readonly PlacedPort[]): (network: string, address: Ipv4) => boolean {
  const claims = new Map<string, Cidr[]>()
  for (const { port, network } of ports) {
    const prefixes = port.allowedAddressPairs.map(({ cidr }) => cidr)
    if (prefixes.length > 0) claims.set(network.name, [...(claims.get(network.name) ?? []), ...prefixes])
  }
  return (network, address) => claims.get(network)?.some((cidr) => contains(cidr, address)) ?? false
}

function answerFlow({ segmentationId, ipAddress, macAddress }: ResponderFacts): FlowSpec {
  return flow(SERVICES, 'responder', {
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
  })
}
