import { apply, output } from '../../pipeline/actions.js'
import type { Feature } from '../../pipeline/feature.js'
import { flow } from '../../pipeline/flow.js'
import { ethDst, toGroup } from '../../pipeline/match.js'
import { ofNetwork } from '../../pipeline/registers.js'
import { LAYER2 } from '../../pipeline/stages.js'
import type { LocalPort, Topology } from '../../topology/topology.js'
import type { Mac } from '../../values/mac.js'

interface UnicastFacts extends Record<string, number | string> {
  readonly segmentationId: number
  readonly macAddress: Mac
  readonly ofport: number
}

export const layer2Unicast: Feature<UnicastFacts> = {
  name: 'layer2-unicast',
  id: 11,
  class: 'model',
  purpose: 'A frame to a port of its network goes to that port and nowhere else. Nothing is learned.',
  slices: ({ localPorts }) =>
    localPorts.map(({ port, network, ofport }) => ({
      key: port.name,
      owner: port,
      facts: { segmentationId: network.segmentationId, macAddress: port.macAddress, ofport },
    })),
  flows: ({ segmentationId, macAddress, ofport }) => [
    flow(LAYER2, 'unicast', {
      match: [ofNetwork(segmentationId), ethDst(macAddress)],
      instructions: [apply(output(ofport))],
    }),
  ],
}

interface GroupFacts extends Record<string, number | readonly number[]> {
  readonly segmentationId: number
  readonly ofports: readonly number[]
}

export const layer2Group: Feature<GroupFacts> = {
  name: 'layer2-group',
  id: 12,
  class: 'model',
  purpose:
    'Broadcast and multicast go to every port of the network; the switch leaves out the one they came from.',
  slices: ({ networks, localPorts }) => {
    const ofports = portsByNetwork(localPorts)
    return networks.flatMap((network) => {
      const own = ofports.get(network.name)
      if (!own) return []
      const facts = { segmentationId: network.segmentationId, ofports: own }
      return [{ key: network.name, owner: network, facts }]
    })
  },
  flows: ({ segmentationId, ofports }) => [
    flow(LAYER2, 'group', {
      match: [ofNetwork(segmentationId), toGroup()],
      instructions: [apply(...ofports.map(output))],
    }),
  ],
}

/** Port numbers of each network, ascending. */
function portsByNetwork(localPorts: Topology['localPorts']): ReadonlyMap<string, readonly number[]> {
  const byNetwork = new Map<string, number[]>()
  for (const { network, ofport } of [...localPorts].sort(byOfport)) {
    const own = byNetwork.get(network.name)
    if (own) own.push(ofport)
    else byNetwork.set(network.name, [ofport])
  }
  return byNetwork
}

function byOfport(a: LocalPort, b: LocalPort): number {
  return a.ofport - b.ofport
}
