import { apply, goto, output, setTunnelId } from '../../pipeline/actions.js'
import { exitTo, leaveBy } from '../../pipeline/exit.js'
import type { Feature } from '../../pipeline/feature.js'
import { flow } from '../../pipeline/flow.js'
import { ethDst, toGroup } from '../../pipeline/match.js'
import { ofNetwork } from '../../pipeline/registers.js'
import { LAYER2 } from '../../pipeline/stages.js'
import { hostMacs } from '../../topology/host-macs.js'
import type { LocalPort, Topology } from '../../topology/topology.js'
import type { Mac } from '../../values/mac.js'

interface UnicastFacts extends Record<string, number | string | undefined> {
  readonly segmentationId: number
  readonly macAddress: Mac
  /** Undefined: it is on another node, in the network of the tunnel id. */
  readonly outPort: number | undefined
  readonly tunnelId: number | undefined
}

export const layer2Unicast: Feature<UnicastFacts> = {
  name: 'layer2-unicast',
  id: 11,
  class: 'model',
  purpose: 'A frame to a port of its network goes to that port and nowhere else. Nothing is learned.',
  slices: (topology) => {
    const entered = new Set(topology.localPorts.map(({ network }) => network))
    // Into other networks packets are routed, which need no look at layer 2 to find their port.
    const reached = hostMacs(topology).filter(({ placed }) => entered.has(placed.network))
    return reached.map(({ placed, macAddress, key }) => {
      const { segmentationId } = placed.network
      return { key, owner: placed.port, facts: { segmentationId, macAddress, ...exitTo(placed) } }
    })
  },
  flows: ({ segmentationId, macAddress, outPort, tunnelId }) => [
    flow(LAYER2, 'unicast', {
      match: [ofNetwork(segmentationId), ethDst(macAddress)],
      instructions: leaveBy({ outPort, tunnelId }),
    }),
  ],
}

interface GroupFacts extends Record<string, number | boolean | readonly number[]> {
  readonly segmentationId: number
  readonly ofports: readonly number[]
  /** Has another node a port of the network? */
  readonly isElsewhere: boolean
}

export const layer2Group: Feature<GroupFacts> = {
  name: 'layer2-group',
  id: 12,
  class: 'model',
  purpose:
    'Broadcast and multicast go to every port of the network; the switch leaves out the one they came from.',
  slices: ({ networks, localPorts, remotePorts }) => {
    const ofports = portsByNetwork(localPorts)
    const elsewhere = new Set(remotePorts.map(({ network }) => network))
    return networks.flatMap((network) => {
      const own = ofports.get(network.name)
      if (!own) return []
      const { segmentationId } = network
      const facts = { segmentationId, ofports: own, isElsewhere: elsewhere.has(network) }
      return [{ key: network.name, owner: network, facts }]
    })
  },
  // An arrival that is sent to the tunnel bridge again goes nowhere: the switch sends nothing back where it came from.
  flows: ({ segmentationId, ofports, isElsewhere }) => [
    flow(LAYER2, 'group', {
      match: [ofNetwork(segmentationId), toGroup()],
      instructions: isElsewhere
        ? [apply(...ofports.map(output), setTunnelId(segmentationId)), goto('tunnel')]
        : [apply(...ofports.map(output))],
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
