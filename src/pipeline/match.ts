// Match fields out of typed values, each with the EtherType it needs. Those of single hosts are asked for with every first
// packet, and kept in every flow: equal ones are one record.
import { type Cidr, netmask } from '../values/cidr.js'
import { type Hex, hexFromNumber } from '../values/hex.js'
import { hexFromIpv4, type Ipv4 } from '../values/ipv4.js'
import { hexFromMac, type Mac } from '../values/mac.js'
import { memoized } from '../values/memo.js'
import type { MatchField } from '../openflow/fields/match.js'

const ETHER_TYPES = { ip: 0x0800, arp: 0x0806, ipv6: 0x86dd } as const

export const etherType = memoized((name: keyof typeof ETHER_TYPES): MatchField => {
  return { field: 'eth_type', value: hexFromNumber(ETHER_TYPES[name], 2) }
})

export const inPort = memoized((ofport: number): MatchField => {
  return { field: 'in_port', value: hexFromNumber(ofport, 4) }
})

export const ethSrc = memoized((mac: Mac): MatchField => ({ field: 'eth_src', value: hexFromMac(mac) }))

export const ethDst = memoized((mac: Mac): MatchField => ({ field: 'eth_dst', value: hexFromMac(mac) }))

/** Broadcast and multicast: the group bit is set (IEEE 802). */
export function toGroup(): MatchField {
  return { field: 'eth_dst', value: '010000000000' as Hex, mask: '010000000000' as Hex }
}

export const ipSrc = memoized((address: Ipv4): MatchField => {
  return { field: 'ip_src', value: hexFromIpv4(address) }
})

export const ipDst = memoized((address: Ipv4): MatchField => {
  return { field: 'ip_dst', value: hexFromIpv4(address) }
})

/** No field at all for the prefix of everything. */
export function ipDstIn({ network, prefixLength }: Cidr): readonly MatchField[] {
  return prefixLength === 0 ? [] : [withPrefix('ip_dst', network, prefixLength)]
}

/** Any 802.1Q tag: the bit that says "present" (OpenFlow 1.5.1, section 7.2.3.8). */
export function vlanTagged(): MatchField {
  return { field: 'vlan_vid', value: '1000' as Hex, mask: '1000' as Hex }
}

export function ipSrcIn({ network, prefixLength }: Cidr): MatchField {
  return withPrefix('ip_src', network, prefixLength)
}

export function arpSenderIn({ network, prefixLength }: Cidr): MatchField {
  return withPrefix('arp_spa', network, prefixLength)
}

export function arpSenderMac(mac: Mac): MatchField {
  return { field: 'arp_sha', value: hexFromMac(mac) }
}

/** A switch holds a prefix of 32 bits as the plain address. */
function withPrefix(field: string, network: Ipv4, prefixLength: number): MatchField {
  const value = hexFromIpv4(network)
  return prefixLength === 32
    ? { field, value }
    : { field, value, mask: hexFromNumber(netmask(prefixLength), 4) }
}

export function arpRequest(): MatchField {
  return { field: 'arp_op', value: hexFromNumber(1, 2) }
}

export function ipv6Src(address: Hex): MatchField {
  return { field: 'ipv6_src', value: address }
}

export function neighbourTarget(address: Hex): MatchField {
  return { field: 'nd_target', value: address }
}

/** IANA's protocol numbers. */
const PROTOCOLS = { icmp: 1, udp: 17, icmpv6: 58 } as const

export function icmp(type: number, code: number): readonly MatchField[] {
  return [
    etherType('ip'),
    protocol('icmp'),
    { field: 'icmp_type', value: hexFromNumber(type, 1) },
    { field: 'icmp_code', value: hexFromNumber(code, 1) },
  ]
}

export function icmpv6(type: number): readonly MatchField[] {
  return [etherType('ipv6'), protocol('icmpv6'), { field: 'icmpv6_type', value: hexFromNumber(type, 1) }]
}

export function udp(sourcePort: number, destinationPort: number): readonly MatchField[] {
  return [
    etherType('ip'),
    protocol('udp'),
    { field: 'udp_src', value: hexFromNumber(sourcePort, 2) },
    { field: 'udp_dst', value: hexFromNumber(destinationPort, 2) },
  ]
}

function protocol(name: keyof typeof PROTOCOLS): MatchField {
  return { field: 'nw_proto', value: hexFromNumber(PROTOCOLS[name], 1) }
}

export function notFragmented(): MatchField {
  return { field: 'nw_frag', value: '00' as Hex }
}

/** Time to live, in hops. */
export function ttl(hops: number): MatchField {
  return { field: 'nw_ttl', value: hexFromNumber(hops, 1) }
}

/** A request (1) for this address (RFC 826). */
export function arpRequestFor(address: Ipv4): readonly MatchField[] {
  return [arpRequest(), { field: 'arp_tpa', value: hexFromIpv4(address) }]
}
