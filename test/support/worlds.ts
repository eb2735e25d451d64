// Generated networks: a list of small numbers goes in, a valid set of manifests with plugged interfaces comes out. Two
// lists that differ in one number are two networks that differ in one thing, so a list of changes is a list of edits.
import { fc } from '@fast-check/jest'
import type { SourcePosition } from '../../src/errors/error.js'
import type { ManifestSet, Network, Port, Router, Subnet } from '../../src/manifest/model.js'
import type { SwitchInterface } from '../../src/topology/interfaces.js'
import { buildTopology, type Topology, type TopologyInputs } from '../../src/topology/topology.js'
import { parseCidr } from '../../src/values/cidr.js'
import type { Ipv4 } from '../../src/values/ipv4.js'
import { PATCH_TUN, ip, mac, plugged } from './networks.js'

const NETWORKS = 3
const PORTS = 5
const ROUTERS = 2

/** Subnets by network and prefix. The first of network 1 and the second of network 0 have the same addresses. */
const SUBNETS = [
  { network: 0, prefix: '10.0.0' },
  { network: 0, prefix: '10.0.1' },
  { network: 1, prefix: '10.0.1' },
  { network: 1, prefix: '10.0.2' },
  { network: 2, prefix: '10.0.3' },
] as const

/** For each network: absent, or one of its segmentation ids. Subnets: absent, there. Legs: none, or one of two MACs. */
const GENES = NETWORKS + SUBNETS.length + ROUTERS * SUBNETS.length + PORTS * 4 + 2

export type Genome = readonly number[]

const gene = fc.nat({ max: 3 })

export const genome: fc.Arbitrary<Genome> = fc.array(gene, { minLength: GENES, maxLength: GENES })

/** One number changed. */
export const edit = fc.record({ at: fc.nat({ max: GENES - 1 }), to: gene })

export function edited(genes: Genome, { at, to }: { readonly at: number; readonly to: number }): Genome {
  return genes.with(at, to)
}

const places = new Map<string, SourcePosition>()

/** One and the same record for each place, as the parser gives for a file that did not change. */
function placeOf(name: string, moved: boolean): SourcePosition {
  const key = `${name}/${moved}`
  const place = places.get(key) ?? { file: `${name}.yaml`, line: moved ? 2 : 1, column: 1, length: 1 }
  places.set(key, place)
  return place
}

/** @returns the topology of a valid set of manifests, whatever the numbers */
export function worldOf(genes: Genome): Topology {
  return buildTopology({ ...worldInputs(genes), node: undefined })
}

export function worldInputs(genes: Genome): Omit<TopologyInputs, 'node'> {
  let next = 0
  const take = (): number => genes[next++] ?? 0
  const networks = list(NETWORKS, (i) => networkOf(i, take()))
  const has = (name: string) => networks.some((network) => network.name === name)
  const subnets = list(SUBNETS.length, (i) => subnetOf(i, take() > 0)).filter(({ network }) => has(network))
  const routers = list(ROUTERS, (r) => routerOf(r, SUBNETS.map(take), subnets))
  const rotation = take()
  const hasPatch = take() > 0
  const drafts = list(PORTS, (i) => portOf(i, [take(), take(), take(), take()], subnets))
  const ports = drafts.map(({ port }) => port).filter(({ network }) => has(network))
  const interfaces = drafts.flatMap(({ port, isPlugged }, i): readonly SwitchInterface[] =>
    // A number may go from one port to another.
    isPlugged ? [plugged(port.interface ?? '', 10 + ((i + rotation) % PORTS))] : [],
  )
  const manifests: ManifestSet = { networks, subnets, routers, ports, nodes: [] }
  return { manifests, interfaces: hasPatch ? [...interfaces, PATCH_TUN] : interfaces }
}

function list<T>(length: number, make: (i: number) => T | undefined): readonly T[] {
  return Array.from({ length }, (_, i) => make(i)).filter((item) => item !== undefined)
}

function networkOf(i: number, choice: number): Network | undefined {
  if (choice === 0) return undefined
  const name = `net${i}`
  return { kind: 'Network', name, at: placeOf(name, false), labels: {}, segmentationId: choice * 0x10000 + i }
}

function subnetOf(i: number, isThere: boolean): Subnet | undefined {
  const { network, prefix } = SUBNETS[i]!
  if (!isThere) return undefined
  const cidr = parseCidr(`${prefix}.0/24`)
  if (!cidr) throw new Error(`no prefix: ${prefix}`)
  const name = `subnet${i}`
  return {
    ...{ kind: 'Subnet', name, at: placeOf(name, false), labels: {}, network: `net${network}` },
    cidr: { network: cidr.address, prefixLength: cidr.prefixLength },
    gatewayIp: ip(`${prefix}.1`),
  }
}

/** Of two subnets with the same addresses a router takes the first. */
function routerOf(r: number, choices: readonly number[], subnets: readonly Subnet[]): Router {
  const name = `router${r}`
  const legs = subnets.flatMap((subnet) => {
    const choice = choices[Number(subnet.name.slice('subnet'.length))] ?? 0
    return choice === 0 ? [] : [{ subnet, choice }]
  })
  const taken = new Set<Ipv4>()
  const own = legs.filter(({ subnet: { cidr } }) => !taken.has(cidr.network) && taken.add(cidr.network))
  return {
    ...{ kind: 'Router', name, at: placeOf(name, false), labels: {}, forwarding: 'reactive', routes: [] },
    interfaces: own.map(({ subnet, choice }) => ({
      subnet: subnet.name,
      ipAddress: (subnet.gatewayIp + r) as Ipv4,
      macAddress: mac(`02:00:00:0${r}:0${choice}:0${subnet.name.slice(-1)}`),
      at: placeOf(`${name}/${subnet.name}`, choice === 3),
    })),
  }
}

function portOf(
  i: number,
  [network = 0, subnetChoice = 0, macChoice = 0, state = 0]: readonly number[],
  subnets: readonly Subnet[],
): { readonly port: Port; readonly isPlugged: boolean } {
  const name = `port${i}`
  const own = subnets.filter((subnet) => subnet.network === `net${network % NETWORKS}`)
  const port: Port = {
    ...{ kind: 'Port', name, at: placeOf(name, state === 3), labels: {} },
    network: `net${network % NETWORKS}`,
    macAddress: mac(`02:00:00:10:0${macChoice}:0${i}`),
    fixedIps: own
      .filter((_, n) => (subnetChoice >> n) & 1)
      .map(({ name: subnet, cidr }) => ({ subnet, ipAddress: (cidr.network + 10 + i) as Ipv4 })),
    portSecurity: true,
    allowedAddressPairs: [],
    host: undefined,
    interface: `tap-${i}`,
    ifaceId: undefined,
  }
  return { port, isPlugged: state > 0 }
}

/** Every connection that a port of the world could open to an address of another. */
export function halvesIn({ localPorts, routerLegs }: Topology) {
  const addresses = localPorts.flatMap(({ port }) => port.fixedIps.map(({ ipAddress }) => ipAddress))
  return localPorts.flatMap(({ ofport, network, port }) =>
    port.fixedIps.flatMap(({ ipAddress, subnet }) =>
      routerLegs
        .filter((leg) => leg.subnet.name === subnet)
        .flatMap((leg) =>
          addresses.map((ipDst) => ({
            ofport,
            segmentationId: network.segmentationId,
            ethSrc: port.macAddress,
            ethDst: leg.interface.macAddress,
            ipSrc: ipAddress,
            ipDst,
          })),
        ),
    ),
  )
}
