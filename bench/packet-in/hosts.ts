// Who speaks to whom in the packet-in measurement: hosts on two networks that a router joins, as manifests and as the
// packet-ins of a switch. A host's MAC address is fa:16 and its IPv4 address.
import { manifest } from '../../test/support/scene.js'

export interface Host {
  readonly ofport: number
  readonly metadata: number
  readonly ip: number
  /** Of the router's leg in its network. */
  readonly gatewayMac: string
}

export interface Hosts {
  readonly sources: readonly Host[]
  readonly destinations: readonly Host[]
}

const NETWORKS = [
  { name: 'net1', segmentationId: 0x1f42, base: 0x0a010000, gatewayMac: 'fa:16:3e:ff:ff:01' },
  { name: 'net2', segmentationId: 0x1f43, base: 0x0a020000, gatewayMac: 'fa:16:3e:ff:ff:02' },
] as const
const FIRST_HOST = 2
const FIRST_PORT = 11

/** As many on each side; ports are numbered from 11 on, first those of the sources. */
export function makeHosts(aSide: number): Hosts {
  const [sources = [], destinations = []] = NETWORKS.map(({ segmentationId, base, gatewayMac }, side) =>
    Array.from({ length: aSide }, (_, i) => ({
      ofport: FIRST_PORT + side * aSide + i,
      metadata: segmentationId,
      ip: base + FIRST_HOST + i,
      gatewayMac,
    })),
  )
  return { sources, destinations }
}

export function macOf({ ip }: Host): string {
  return `fa:16:${[24, 16, 8, 0].map((shift) => hexByte(ip >>> shift)).join(':')}`
}

export function interfaceOf({ ofport }: Host): string {
  return `tap${ofport}`
}

export function renderIp(ip: number): string {
  return [24, 16, 8, 0].map((shift) => (ip >>> shift) & 0xff).join('.')
}

/** The manifests, as one file. */
export function manifestsOf({ sources, destinations }: Hosts, forwarding?: 'reactive' | 'proactive'): string {
  const networks = NETWORKS.flatMap(({ name, segmentationId, base }) => [
    manifest('Network', name, { segmentationId }),
    manifest('Subnet', `${name}-v4`, { network: name, cidr: `${renderIp(base)}/16` }),
  ])
  const interfaces = NETWORKS.map(({ name, gatewayMac }) => ({
    subnet: `${name}-v4`,
    macAddress: gatewayMac,
  }))
  const ports = [sources, destinations].flatMap((hosts, side) =>
    hosts.map((host) =>
      manifest('Port', interfaceOf(host), {
        network: NETWORKS[side]?.name,
        macAddress: macOf(host),
        interface: interfaceOf(host),
        fixedIps: [{ subnet: `${NETWORKS[side]?.name ?? ''}-v4`, ipAddress: renderIp(host.ip) }],
      }),
    ),
  )
  return [
    ...networks,
    manifest('Router', 'r1', { interfaces, ...(forwarding && { forwarding }) }),
    ...ports,
  ].join('\n---\n')
}

function hexByte(value: number): string {
  return (value & 0xff).toString(16).padStart(2, '0')
}
