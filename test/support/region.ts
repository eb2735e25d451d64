// A large site: numbers of nodes, networks and ports go in, manifests come out, as records or as the text that they are
// parsed from. One node has few ports, each in a network of its own on a router of its own.
import type { SourcePosition } from '../../src/errors/error.js'
import type { ManifestSet, Network, Node, Port, Router, Subnet } from '../../src/manifest/model.js'
import type { SwitchInterface } from '../../src/topology/interfaces.js'
import { type Ipv4, renderIpv4 } from '../../src/values/ipv4.js'
import { macFromHex } from '../../src/values/mac.js'
import { hexFromNumber } from '../../src/values/hex.js'
import { PATCH_TUN, plugged } from './networks.js'
import { manifest } from './scene.js'

export interface RegionSize {
  readonly nodes: number
  readonly networks: number
  readonly ports: number
  /** Of the node that is looked at. */
  readonly ownPorts: number
}

/** The node with few ports. */
export const HERE = 'node-0'

const NETWORKS_PER_ROUTER = 10

/** Names sort as their numbers do. */
function nameOf(kind: string, n: number): string {
  return `${kind}-${String(n).padStart(6, '0')}`
}

const AT: SourcePosition = { file: 'region.yaml', line: 1, column: 1, length: 1 }
const BASE = { at: AT, labels: {} }

/** As the parser gives them. */
export function regionOf(size: RegionSize): ManifestSet {
  const count = <T>(length: number, make: (n: number) => T): readonly T[] =>
    Array.from({ length }, (_, n) => make(n))
  return {
    nodes: count(size.nodes, nodeOf),
    networks: count(size.networks, networkOf),
    subnets: count(size.networks, subnetOf),
    routers: count(size.networks / NETWORKS_PER_ROUTER, routerOf),
    ports: count(size.ports, (n) => portOf(n, size)),
  }
}

/** What is plugged into the node that is looked at. */
export function pluggedHere({ ports }: ManifestSet): readonly SwitchInterface[] {
  const own = ports.filter(({ host }) => host === HERE)
  return [PATCH_TUN, ...own.map((port, n) => plugged(`tap-${n}`, 10 + n, { ifaceId: port.name }))]
}

function nodeOf(n: number): Node {
  const name = n === 0 ? HERE : `node-${n}`
  return { ...BASE, kind: 'Node', name, tunnelIp: (0xac1f0001 + n) as Ipv4, encapsulation: 'geneve' }
}

function networkOf(n: number): Network {
  return { ...BASE, kind: 'Network', name: nameOf('net', n), segmentationId: n + 1 }
}

/** 10.0.0.0/8 has 65,536 of these prefixes. */
function prefixOf(n: number): Ipv4 {
  return (0x0a000000 + n * 256) as Ipv4
}

function subnetOf(n: number): Subnet {
  const cidr = { network: prefixOf(n), prefixLength: 24 }
  const gatewayIp = (prefixOf(n) + 1) as Ipv4
  return { ...BASE, kind: 'Subnet', name: nameOf('subnet', n), network: nameOf('net', n), cidr, gatewayIp }
}

function routerOf(n: number): Router {
  const interfaces = Array.from({ length: NETWORKS_PER_ROUTER }, (_, i) => {
    const of = n * NETWORKS_PER_ROUTER + i
    const [ipAddress, macAddress] = [
      (prefixOf(of) + 1) as Ipv4,
      macFromHex(hexFromNumber(0x020100000000 + of, 6)),
    ]
    return { subnet: nameOf('subnet', of), ipAddress, macAddress, at: AT }
  })
  return {
    ...BASE,
    kind: 'Router',
    name: nameOf('router', n),
    interfaces,
    forwarding: 'reactive',
    routes: [],
  }
}

/** Port n is in network n modulo their number; the first of some networks, far from each other, are on the node. */
function portOf(n: number, { nodes, networks, ownPorts }: RegionSize): Port {
  const of = n % networks
  const isHere = n < networks && of % Math.floor(networks / ownPorts) === 0
  const ipAddress = (prefixOf(of) + 10 + Math.floor(n / networks)) as Ipv4
  return {
    ...BASE,
    kind: 'Port',
    name: nameOf('vm', n),
    network: nameOf('net', of),
    macAddress: macFromHex(hexFromNumber(0x020200000000 + n, 6)),
    fixedIps: [{ subnet: nameOf('subnet', of), ipAddress }],
    portSecurity: true,
    allowedAddressPairs: [],
    host: isHere ? HERE : `node-${1 + (n % (nodes - 1))}`,
    interface: undefined,
    ifaceId: undefined,
  }
}

/** The same as text: what git has. */
export function regionText({ nodes, networks, subnets, routers, ports }: ManifestSet): string {
  return [
    ...nodes.map(({ name, tunnelIp, encapsulation }) =>
      manifest('Node', name, { tunnelIp: renderIpv4(tunnelIp), encapsulation }),
    ),
    ...networks.map(({ name, segmentationId }) => manifest('Network', name, { segmentationId })),
    ...subnets.map(({ name, network, cidr }) =>
      manifest('Subnet', name, { network, cidr: `${renderIpv4(cidr.network)}/${cidr.prefixLength}` }),
    ),
    ...routers.map(({ name, interfaces }) =>
      manifest('Router', name, {
        interfaces: interfaces.map(({ subnet, macAddress }) => ({ subnet, macAddress })),
      }),
    ),
    ...ports.map(({ name, network, macAddress, fixedIps, host }) =>
      manifest('Port', name, {
        ...{ network, macAddress, host },
        fixedIps: fixedIps.map(({ subnet, ipAddress }) => ({ subnet, ipAddress: renderIpv4(ipAddress) })),
      }),
    ),
  ].join('\n---\n')
}
