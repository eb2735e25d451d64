// The manifests of a chaos run of many nodes: three nodes, two networks with a router between them, and a third network with
// the addresses of the first. Most ports are where they are plugged in; one says its host.
import { GUEST_MTU } from '../../../test/support/cluster-scene.js'
import type { LabNode } from '../../../test/support/cluster-lab.js'
import { GATEWAY1_MAC, GATEWAY2_MAC, manifest, networkWithSubnet } from '../../../test/support/scene.js'
import type { VmOptions } from '../../../test/support/vm.js'

export type NodeName = 'node-a' | 'node-b' | 'node-c'
type NetworkName = 'net1' | 'net2' | 'red'

interface Guest extends VmOptions {
  readonly address: string
  readonly network: NetworkName
  /** Where it starts; only the wanderer leaves it. */
  readonly node: NodeName
}

const SUBNETS = { net1: '10.1.0', net2: '10.2.0', red: '10.1.0' } as const

const guest = (name: string, node: NodeName, network: NetworkName, host: number): Guest => {
  const address = `${SUBNETS[network]}.${host}`
  const routed = network === 'red' ? {} : { gateway: `${SUBNETS[network]}.1` }
  const mac = `fa:16:3e:0${Object.keys(SUBNETS).indexOf(network)}:00:${host}`
  return {
    name,
    node,
    network,
    address,
    ip: `${address}/24`,
    mac,
    interface: `tap-${name}`,
    mtu: GUEST_MTU,
    ...routed,
  }
}

export const GUESTS = {
  a1: guest('a1', 'node-a', 'net1', 11),
  a2: guest('a2', 'node-a', 'net1', 12),
  a3: guest('a3', 'node-a', 'net2', 13),
  b1: guest('b1', 'node-b', 'net1', 21),
  b2: guest('b2', 'node-b', 'net2', 22),
  c1: guest('c1', 'node-c', 'net1', 31),
  c2: guest('c2', 'node-c', 'net2', 32),
  wanderer: guest('wanderer', 'node-b', 'net2', 40),
  red1: guest('red1', 'node-a', 'red', 11),
  red2: guest('red2', 'node-c', 'red', 12),
} as const

export type GuestName = keyof typeof GUESTS
export const GUEST_NAMES = Object.keys(GUESTS) as readonly GuestName[]

/** The one whose manifest says its node. */
const PINNED: GuestName = 'c1'

/** Ports of net1 that commits add and remove: patch ports without a peer, two on each node, are plugged in for them all the time. */
export const SPARES = 6

export const LEGS: Readonly<Record<NetworkName, string | undefined>> = {
  net1: GATEWAY1_MAC,
  net2: GATEWAY2_MAC,
  red: undefined,
}

/** All in one file. @param spares which of them the manifests have, by number */
export function manifestsOf(nodes: readonly LabNode[], spares: readonly number[]): string {
  const interfaces = (['net1', 'net2'] as const).map((name) => ({
    subnet: `${name}-v4`,
    macAddress: LEGS[name],
  }))
  return [
    ...networkWithSubnet('net1', 8002, '10.1.0.0/24'),
    ...networkWithSubnet('net2', 8003, '10.2.0.0/24'),
    ...networkWithSubnet('red', 8004, '10.1.0.0/24'),
    manifest('Router', 'r1', { interfaces }),
    ...nodes.map(({ name, tunnelIp }) => manifest('Node', name, { tunnelIp, encapsulation: 'geneve' })),
    ...Object.values(GUESTS).map(guestPort),
    ...spares.map(sparePort),
  ].join('\n---\n')
}

function guestPort({ name, network, mac, address, node }: Guest): string {
  const fixedIps = [{ subnet: `${network}-v4`, ipAddress: address }]
  const host = name === PINNED ? { host: node } : {}
  return manifest('Port', name, { network, macAddress: mac, fixedIps, ...host })
}

function sparePort(i: number): string {
  const fixedIps = [{ subnet: 'net1-v4', ipAddress: `10.1.0.${100 + i}` }]
  return manifest('Port', `spare-${i}`, { network: 'net1', macAddress: spareMac(i), fixedIps })
}

/** A node announces it by ARP when its port comes. */
export function spareMac(i: number): string {
  return `fa:16:3e:0f:00:0${i}`
}
