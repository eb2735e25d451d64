// Table 10 of the tunnel bridge: which MAC addresses a node may send from into a network. What passes goes to the
// integration bridge with its network as the packet mark.
import { apply, DROP, output, setMark } from '../../pipeline/actions.js'
import { type Feature, pipelineSlice } from '../../pipeline/feature.js'
import { flow } from '../../pipeline/flow.js'
import { ethSrc } from '../../pipeline/match.js'
import { fromPeer, ofTunnelId } from '../../pipeline/registers.js'
import { SENDERS } from '../../pipeline/stages.js'
import type { Ipv4 } from '../../values/ipv4.js'
import type { Mac } from '../../values/mac.js'

export const tunnelSpoofed: Feature = {
  name: 'tunnel-spoofed',
  id: 36,
  class: 'pipeline',
  purpose: 'What a node sends from a MAC address that is not on it is dropped and counted.',
  slices: ({ tunnel }) => (tunnel ? pipelineSlice({}) : []),
  flows: () => [flow(SENDERS, 'rest', { instructions: DROP })],
}

interface SenderFacts extends Record<string, number | boolean | readonly string[]> {
  readonly peer: Ipv4
  readonly segmentationId: number
  readonly patchPort: number
  /** Its own and those of its allowed pairs. */
  readonly macs: readonly Mac[]
  /** With no port security it sends from any address. */
  readonly isSecured: boolean
}

export const tunnelSenders: Feature<SenderFacts> = {
  name: 'tunnel-senders',
  id: 37,
  class: 'model',
  purpose: 'A port on another node sends into its network, from its node and from its own MAC addresses.',
  slices: ({ tunnel, peers, localPorts, remotePorts }) => {
    const entered = new Set(localPorts.map(({ network }) => network))
    return remotePorts.flatMap(({ port, network, node }) => {
      const peer = peers.get(node)
      if (!tunnel || peer === undefined || !entered.has(network)) return []
      const macs = [...new Set([port.macAddress, ...port.allowedAddressPairs.map(macOf)])]
      const { patchPort } = tunnel
      const { segmentationId } = network
      const facts = { peer, segmentationId, patchPort, macs, isSecured: port.portSecurity }
      return [{ key: port.name, owner: port, facts }]
    })
  },
  flows: ({ peer, segmentationId, patchPort, macs, isSecured }) => {
    const instructions = passOn(segmentationId, patchPort)
    const fromNode = [ofTunnelId(segmentationId), fromPeer(peer)]
    return isSecured
      ? macs.map((mac) => flow(SENDERS, 'port', { match: [...fromNode, ethSrc(mac)], instructions }))
      : [flow(SENDERS, 'unsecured', { match: fromNode, instructions })]
  },
}

function macOf({ macAddress }: { readonly macAddress: Mac }): Mac {
  return macAddress
}

function passOn(segmentationId: number, patchPort: number) {
  return [apply(setMark(segmentationId), output(patchPort))]
}

interface RouterFacts extends Record<string, number | string> {
  readonly segmentationId: number
  readonly macAddress: Mac
  readonly patchPort: number
}

export const tunnelRouters: Feature<RouterFacts> = {
  name: 'tunnel-routers',
  id: 38,
  class: 'model',
  purpose:
    'Packets that another node has routed come from the MAC address of the router, which is on every node.',
  slices: ({ tunnel, peers, ingressLegs }) =>
    tunnel && peers.size > 0
      ? ingressLegs.map(({ router, subnet, network, interface: leg }) => ({
          key: `${router.name}/${subnet.name}`,
          owner: { kind: router.kind, name: router.name, at: leg.at },
          facts: {
            segmentationId: network.segmentationId,
            macAddress: leg.macAddress,
            patchPort: tunnel.patchPort,
          },
        }))
      : [],
  flows: ({ segmentationId, macAddress, patchPort }) => [
    flow(SENDERS, 'router', {
      match: [ofTunnelId(segmentationId), ethSrc(macAddress)],
      instructions: passOn(segmentationId, patchPort),
    }),
  ],
}
