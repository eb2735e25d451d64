import { apply, output } from '../../pipeline/actions.js'
import type { Feature, Slice } from '../../pipeline/feature.js'
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
  slices: (topology) => [
    ...topology.localPorts.map((local) => unicastSlice(local, local.port.name, local.port.macAddress)),
    ...pairSlices(topology),
  ],
  flows: ({ segmentationId, macAddress, ofport }) => [
    flow(LAYER2, 'unicast', {
      match: [ofNetwork(segmentationId), ethDst(macAddress)],
      instructions: [apply(output(ofport))],
    }),
  ],
}

function unicastSlice(
  { port, network, ofport }: LocalPort,
  key: string,
  macAddress: Mac,
): Slice<UnicastFacts> {
  return { key, owner: port, facts: { segmentationId: network.segmentationId, macAddress, ofport } }
}

/** MAC addresses of allowed pairs, where nobody else has them: of those that several ports share nobody knows who has it now. */
function pairSlices({ localPorts, routerLegs }: Topology): readonly Slice<UnicastFacts>[] {
  if (localPorts.every(({ port }) => port.allowedAddressPairs.length === 0)) return []
  const keyOf = (network: string, mac: Mac) => `${network}/${mac}`
  const own = [
    ...localPorts.map(({ port, network }) => keyOf(network.name, port.macAddress)),
    ...routerLegs.map((leg) => keyOf(leg.network.name, leg.interface.macAddress)),
  ]
  const claims = new Map<string, LocalPort | undefined>(own.map((key) => [key, undefined]))
  for (const local of localPorts) {
    for (const mac of new Set(local.port.allowedAddressPairs.map(({ macAddress }) => macAddress))) {
      const key = keyOf(local.network.name, mac)
      claims.set(key, claims.has(key) ? undefined : local)
    }
  }
  return [...claims].flatMap(([key, local]) => {
    const mac = key.slice(key.indexOf('/') + 1) as Mac
    return local ? [unicastSlice(local, `${local.port.name}/${mac}`, mac)] : []
  })
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
