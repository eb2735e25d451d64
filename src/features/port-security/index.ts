// A guest sends from its own addresses only. What it may send is listed for each port; the rest is dropped, and counted for
// its port.
import { DROP, goto } from '../../pipeline/actions.js'
import { type Feature, pipelineSlice } from '../../pipeline/feature.js'
import { flow, type FlowSpec } from '../../pipeline/flow.js'
import {
  arpRequest,
  arpSenderIn,
  arpSenderMac,
  etherType,
  ethSrc,
  icmpv6,
  inPort,
  ipDst,
  ipSrcIn,
  ipv6Src,
  neighbourTarget,
  udp,
} from '../../pipeline/match.js'
import { PORT_SECURITY, SPOOFED } from '../../pipeline/stages.js'
import type { LocalPort, Topology } from '../../topology/topology.js'
import { type Cidr, contains } from '../../values/cidr.js'
import type { Hex } from '../../values/hex.js'
import type { Ipv4 } from '../../values/ipv4.js'
import { linkLocalOf, type Mac } from '../../values/mac.js'
import { zeroHex } from '../../values/hex.js'

/** ICMPv6 types (RFC 4861, section 4). */
const NEIGHBOUR_SOLICITATION = 135
const NEIGHBOUR_ADVERTISEMENT = 136
const ROUTER_ADVERTISEMENT = 134
const REDIRECT = 137

const ALLOWED = [goto('egress-filter')]
const SPOOF = [goto('spoofed')]

export const portSecurityRules: Feature = {
  name: 'port-security-rules',
  id: 16,
  class: 'pipeline',
  purpose: 'No guest speaks for a router, or for the neighbours of another; what no port allows is spoofed.',
  slices: () => pipelineSlice({}),
  flows: () => [
    ...[ROUTER_ADVERTISEMENT, NEIGHBOUR_ADVERTISEMENT, REDIRECT].map((type) =>
      flow(PORT_SECURITY, 'forbidden', { match: icmpv6(type), instructions: SPOOF }),
    ),
    flow(PORT_SECURITY, 'rest', { instructions: SPOOF }),
  ],
}

interface PortSecurityFacts extends Record<string, string | number | boolean | readonly (string | number)[]> {
  readonly ofport: number
  readonly isOn: boolean
  readonly macAddress: Mac
  /** The n-th of the three lists are one source that the guest may send from. */
  readonly macs: readonly Mac[]
  readonly networks: readonly Ipv4[]
  readonly prefixLengths: readonly number[]
  /** Addresses of gateways that lie in those prefixes. */
  readonly gateways: readonly Ipv4[]
}

export const portSecurity: Feature<PortSecurityFacts> = {
  name: 'port-security',
  id: 15,
  class: 'model',
  purpose:
    'What a guest may send: IPv4 and ARP from its own addresses and allowed pairs, DHCP, IPv6 link-local.',
  slices: (topology) =>
    topology.localPorts.map((local) => ({
      key: local.port.name,
      owner: local.port,
      facts: factsOf(local, topology),
    })),
  flows: (facts) =>
    facts.isOn
      ? [
          ...ownFlows(facts),
          ...ipv6Flows(facts),
          ...sourcesOf(facts).flatMap(sourceFlows(facts.ofport)),
        ].concat(facts.gateways.flatMap((gateway) => gatewayFlows(facts.ofport, gateway)))
      : [flow(PORT_SECURITY, 'off', { match: [inPort(facts.ofport)], instructions: ALLOWED })],
}

function factsOf({ port, ofport, network }: LocalPort, topology: Topology): PortSecurityFacts {
  const own = port.fixedIps.map(({ ipAddress }) => ({
    macAddress: port.macAddress,
    cidr: { network: ipAddress, prefixLength: 32 },
  }))
  const pairs = port.allowedAddressPairs.filter(
    (pair) => !own.some((fixed) => fixed.macAddress === pair.macAddress && isSame(fixed.cidr, pair.cidr)),
  )
  const sources = [...own, ...pairs]
  return {
    ofport,
    isOn: port.portSecurity,
    macAddress: port.macAddress,
    macs: sources.map(({ macAddress }) => macAddress),
    networks: sources.map(({ cidr }) => cidr.network),
    prefixLengths: sources.map(({ cidr }) => cidr.prefixLength),
    gateways: port.allowedAddressPairs.length === 0 ? [] : gatewaysIn(pairs, network.name, topology),
  }
}

function isSame(a: Cidr, b: Cidr): boolean {
  return a.network === b.network && a.prefixLength === b.prefixLength
}

function gatewaysIn(
  pairs: readonly { readonly cidr: Cidr }[],
  network: string,
  { subnets, routerLegs }: Topology,
): readonly Ipv4[] {
  const routers = new Set(
    routerLegs.filter((leg) => leg.network.name === network).map(({ router }) => router),
  )
  const gateways = [
    ...subnets.filter((item) => item.network.name === network).map(({ subnet }) => subnet.gatewayIp),
    ...routerLegs.filter(({ router }) => routers.has(router)).map((leg) => leg.interface.ipAddress),
  ]
  return [...new Set(gateways)].filter((address) => pairs.some(({ cidr }) => contains(cidr, address)))
}

interface Source {
  readonly mac: Mac
  readonly cidr: Cidr
}

function sourcesOf({ macs, networks, prefixLengths }: PortSecurityFacts): readonly Source[] {
  return macs.flatMap((mac, i) => {
    const [network, prefixLength] = [networks[i], prefixLengths[i]]
    return network === undefined || prefixLength === undefined
      ? []
      : [{ mac, cidr: { network, prefixLength } }]
  })
}

function allowed(match: FlowSpec['match']): FlowSpec {
  return flow(PORT_SECURITY, 'allowed', { match, instructions: ALLOWED })
}

const sourceFlows =
  (ofport: number) =>
  ({ mac, cidr }: Source): readonly FlowSpec[] => [
    allowed([inPort(ofport), ethSrc(mac), etherType('ip'), ipSrcIn(cidr)]),
    allowed([inPort(ofport), ethSrc(mac), etherType('arp'), arpSenderMac(mac), arpSenderIn(cidr)]),
  ]

function gatewayFlows(ofport: number, gateway: Ipv4): readonly FlowSpec[] {
  const cidr = { network: gateway, prefixLength: 32 }
  return [
    [inPort(ofport), etherType('ip'), ipSrcIn(cidr)],
    [inPort(ofport), etherType('arp'), arpSenderIn(cidr)],
  ].map((match) => flow(PORT_SECURITY, 'forbidden', { match, instructions: SPOOF }))
}

const NO_ADDRESS: Cidr = { network: 0 as Ipv4, prefixLength: 32 }
const LIMITED_BROADCAST = 0xffffffff as Ipv4
const DHCP_CLIENT = 68
const DHCP_SERVER = 67

/** What a guest sends before it has an address: DHCP (RFC 2131, section 4.1) and ARP probes (RFC 5227, section 2.1.1). */
function ownFlows({ ofport, macAddress }: PortSecurityFacts): readonly FlowSpec[] {
  const fromGuest = [inPort(ofport), ethSrc(macAddress)]
  return [
    allowed([...fromGuest, ...udp(DHCP_CLIENT, DHCP_SERVER), ipSrcIn(NO_ADDRESS), ipDst(LIMITED_BROADCAST)]),
    allowed([
      ...fromGuest,
      etherType('arp'),
      arpRequest(),
      arpSenderMac(macAddress),
      arpSenderIn(NO_ADDRESS),
    ]),
  ]
}

const UNSPECIFIED: Hex = zeroHex(16)

/** The link-local address of the MAC, the probe for it (RFC 4862, section 5.4), and advertisements of it alone. */
function ipv6Flows({ ofport, macAddress }: PortSecurityFacts): readonly FlowSpec[] {
  const fromGuest = [inPort(ofport), ethSrc(macAddress)]
  const address = linkLocalOf(macAddress)
  return [
    allowed([...fromGuest, etherType('ipv6'), ipv6Src(address)]),
    allowed([
      ...fromGuest,
      ...icmpv6(NEIGHBOUR_SOLICITATION),
      ipv6Src(UNSPECIFIED),
      neighbourTarget(address),
    ]),
    flow(PORT_SECURITY, 'neighbour', {
      match: [...fromGuest, ...icmpv6(NEIGHBOUR_ADVERTISEMENT), ipv6Src(address), neighbourTarget(address)],
      instructions: ALLOWED,
    }),
  ]
}

interface SpoofedFacts extends Record<string, number> {
  readonly ofport: number
}

export const spoofed: Feature<SpoofedFacts> = {
  name: 'spoofed',
  id: 20,
  class: 'model',
  purpose: 'Drops what a guest may not send; the counter of the flow is that of its port.',
  slices: ({ localPorts }) =>
    localPorts
      .filter(({ port }) => port.portSecurity)
      .map(({ port, ofport }) => ({ key: port.name, owner: port, facts: { ofport } })),
  flows: ({ ofport }) => [flow(SPOOFED, 'port', { match: [inPort(ofport)], instructions: DROP })],
}
