// Which port a MAC address of a network leads to: placed ports in, one entry for each address that exactly one port has out.
import type { Mac } from '../values/mac.js'
import type { PlacedPort, Topology } from './topology.js'

export interface HostMac {
  readonly placed: PlacedPort
  readonly macAddress: Mac
  /** Unique among all. */
  readonly key: string
}

/**
 * The address of each port itself, and those of its allowed pairs where nobody else has them: of those that several ports
 * share nobody knows who has it now.
 */
export function hostMacs({
  localPorts,
  remotePorts,
  routerLegs,
}: Pick<Topology, 'localPorts' | 'remotePorts' | 'routerLegs'>): readonly HostMac[] {
  const ports: readonly PlacedPort[] = [...localPorts, ...remotePorts]
  const own = ports.map((placed) => ({ placed, macAddress: placed.port.macAddress, key: placed.port.name }))
  if (ports.every(({ port }) => port.allowedAddressPairs.length === 0)) return own
  return [...own, ...pairMacs(ports, routerLegs)]
}

function pairMacs(ports: readonly PlacedPort[], routerLegs: Topology['routerLegs']): readonly HostMac[] {
  const keyOf = (network: string, mac: Mac) => `${network}/${mac}`
  const taken = [
    ...ports.map(({ port, network }) => keyOf(network.name, port.macAddress)),
    ...routerLegs.map((leg) => keyOf(leg.network.name, leg.interface.macAddress)),
  ]
  const claims = new Map<string, PlacedPort | undefined>(taken.map((key) => [key, undefined]))
  for (const placed of ports) {
    for (const mac of new Set(placed.port.allowedAddressPairs.map(({ macAddress }) => macAddress))) {
      const key = keyOf(placed.network.name, mac)
      claims.set(key, claims.has(key) ? undefined : placed)
    }
  }
  return [...claims].flatMap(([key, placed]) => {
    const macAddress = key.slice(key.indexOf('/') + 1) as Mac
    return placed ? [{ placed, macAddress, key: `${placed.port.name}/${macAddress}` }] : []
  })
}
