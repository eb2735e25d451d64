// Questions to the topology, each answered without a walk over all of it.
import type { Port, StaticRoute } from '../manifest/model.js'
import { contains } from '../values/cidr.js'
import type { Ipv4 } from '../values/ipv4.js'
import type { Mac } from '../values/mac.js'
import { PairMap } from '../values/pair-map.js'
import type { LocalPort, PlacedPort, RouterLeg } from './topology.js'

/** Who has an address, here or on another node, and by which MAC address it is reached. */
export interface Neighbour {
  readonly holder: PlacedPort
  readonly macAddress: Mac
}

/** Where a router sends a packet next. */
export interface Hop {
  readonly leg: RouterLeg
  /** Whom to give it to in that subnet: its destination, or the next hop of a static route. */
  readonly address: Ipv4
  readonly isStatic: boolean
}

export interface Lookups {
  readonly localPortAt: (ofport: number) => LocalPort | undefined
  /** By fixed address, else by an allowed pair that no two ports of the subnet share. */
  readonly neighbourAt: (subnet: string, address: Ipv4) => Neighbour | undefined
  readonly hasPortWithIp: (subnet: string, address: Ipv4) => boolean
  readonly legWithMac: (segmentationId: number, mac: Mac) => RouterLeg | undefined
  readonly legsIn: (subnet: string) => readonly RouterLeg[]
  readonly isRouterAddress: (router: string, address: Ipv4) => boolean
  /** Of the router's subnets and static routes the one with the longest prefix (RFC 1812, section 5.2.4.3). */
  readonly hopTowards: (router: string, address: Ipv4) => Hop | undefined
  /** The leg in whose subnet the next hop is. */
  readonly hopOfRoute: (router: string, route: StaticRoute) => RouterLeg | undefined
}

export function buildLookups(
  ports: readonly Port[],
  placedPorts: readonly PlacedPort[],
  legs: readonly RouterLeg[],
): Lookups {
  const localPorts = placedPorts.filter((placed) => 'ofport' in placed)
  const byOfport = new Map(localPorts.map((local) => [local.ofport, local]))
  const addresses = new PairMap(ports.flatMap(addressesOf))
  const byMac = new PairMap(
    legs.map((leg) => [leg.network.segmentationId, leg.interface.macAddress, leg] as const),
  )
  const byRouter = groupBy(legs, ({ router }) => router.name)
  const bySubnet = groupBy(legs, ({ subnet }) => subnet.name)
  const byAddress = new PairMap(legs.map((leg) => [leg.router.name, leg.interface.ipAddress, leg] as const))
  const legTowards = (router: string, address: Ipv4): RouterLeg | undefined =>
    byRouter.get(router)?.find(({ subnet }) => contains(subnet.cidr, address))
  return {
    localPortAt: (ofport) => byOfport.get(ofport),
    neighbourAt: neighbourLookup(placedPorts),
    hasPortWithIp: (subnet, address) => addresses.has(subnet, address),
    legWithMac: (segmentationId, mac) => byMac.get(segmentationId, mac),
    legsIn: (subnet) => bySubnet.get(subnet) ?? [],
    isRouterAddress: (router, address) => byAddress.has(router, address),
    hopTowards: (router, address) => {
      const connected = legTowards(router, address)
      const route = longest(byRouter.get(router)?.[0]?.router.routes ?? [], address)
      const isLonger = route && route.destination.prefixLength > (connected?.subnet.cidr.prefixLength ?? -1)
      const via = isLonger ? legTowards(router, route.nextHop) : undefined
      if (route && via) return { leg: via, address: route.nextHop, isStatic: true }
      return connected && { leg: connected, address, isStatic: false }
    },
    hopOfRoute: (router, { nextHop }) => legTowards(router, nextHop),
  }
}

function longest(routes: readonly StaticRoute[], address: Ipv4): StaticRoute | undefined {
  let best: StaticRoute | undefined
  for (const route of routes) {
    const isBetter = route.destination.prefixLength > (best?.destination.prefixLength ?? -1)
    if (isBetter && contains(route.destination, address)) best = route
  }
  return best
}

/** Who shares an address with others says by ARP who has it now, which nobody here listens to. */
function neighbourLookup(placedPorts: readonly PlacedPort[]): Lookups['neighbourAt'] {
  const byAddress = new PairMap(
    placedPorts.flatMap((placed) =>
      addressesOf(placed.port).map(([subnet, address]) => [subnet, address, placed] as const),
    ),
  )
  const withPairs = placedPorts.filter(({ port }) => port.allowedAddressPairs.length > 0)
  return (subnet, address) => {
    const holder = byAddress.get(subnet, address)
    if (holder) return { holder, macAddress: holder.port.macAddress }
    const claims = withPairs.flatMap((candidate) => claimOf(candidate, subnet, address) ?? [])
    return onlyOneOfLongest(claims)
  }
}

interface Claim extends Neighbour {
  readonly prefixLength: number
}

/** As table 54 finds it: the longest prefix that just one port has. */
function onlyOneOfLongest(claims: readonly Claim[]): Neighbour | undefined {
  const lengths = claims.map(({ prefixLength }) => prefixLength).sort((a, b) => b - a)
  const length = lengths.find((one) => lengths.indexOf(one) === lengths.lastIndexOf(one))
  return claims.find(({ prefixLength }) => prefixLength === length)
}

/** Of equal prefixes the first that the port names. */
function claimOf(holder: PlacedPort, subnet: string, address: Ipv4): Claim | undefined {
  if (!holder.port.fixedIps.some((fixed) => fixed.subnet === subnet)) return undefined
  const own = holder.port.allowedAddressPairs.filter(({ cidr }) => contains(cidr, address))
  const [pair] = own.toSorted((a, b) => b.cidr.prefixLength - a.cidr.prefixLength)
  return pair && { holder, macAddress: pair.macAddress, prefixLength: pair.cidr.prefixLength }
}

function addressesOf(port: Port): readonly (readonly [subnet: string, address: Ipv4, port: Port])[] {
  return port.fixedIps.map(({ subnet, ipAddress }) => [subnet, ipAddress, port])
}

function groupBy<T>(items: readonly T[], keyOf: (item: T) => string): ReadonlyMap<string, readonly T[]> {
  const groups = new Map<string, T[]>()
  for (const item of items) {
    const group = groups.get(keyOf(item))
    if (group) group.push(item)
    else groups.set(keyOf(item), [item])
  }
  return groups
}
