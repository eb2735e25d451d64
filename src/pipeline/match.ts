// Match fields out of typed values, each with the EtherType it needs.
import { type Cidr, netmask } from '../values/cidr.js'
import { type Hex, hexFromNumber } from '../values/hex.js'
import { hexFromIpv4, type Ipv4 } from '../values/ipv4.js'
import { hexFromMac, type Mac } from '../values/mac.js'
import type { MatchField } from '../openflow/fields/match.js'

const ETHER_TYPES = { ip: 0x0800, arp: 0x0806, ipv6: 0x86dd } as const

export function etherType(name: keyof typeof ETHER_TYPES): MatchField {
  return { field: 'eth_type', value: hexFromNumber(ETHER_TYPES[name], 2) }
}

export function inPort(ofport: number): MatchField {
  return { field: 'in_port', value: hexFromNumber(ofport, 4) }
}

export function ethSrc(mac: Mac): MatchField {
  return { field: 'eth_src', value: hexFromMac(mac) }
}

export function ethDst(mac: Mac): MatchField {
  return { field: 'eth_dst', value: hexFromMac(mac) }
}

/** Broadcast and multicast: the group bit is set (IEEE 802). */
export function toGroup(): MatchField {
  return { field: 'eth_dst', value: '010000000000' as Hex, mask: '010000000000' as Hex }
}

export function ipSrc(address: Ipv4): MatchField {
  return { field: 'ip_src', value: hexFromIpv4(address) }
}

export function ipDst(address: Ipv4): MatchField {
  return { field: 'ip_dst', value: hexFromIpv4(address) }
}

export function ipDstIn({ network, prefixLength }: Cidr): MatchField {
  return { field: 'ip_dst', value: hexFromIpv4(network), mask: hexFromNumber(netmask(prefixLength), 4) }
}

/** Any 802.1Q tag: the bit that says "present" (OpenFlow 1.5.1, section 7.2.3.8). */
export function vlanTagged(): MatchField {
  return { field: 'vlan_vid', value: '1000' as Hex, mask: '1000' as Hex }
}

/** A request (1) for this address (RFC 826). */
export function arpRequestFor(address: Ipv4): readonly MatchField[] {
  return [
    { field: 'arp_op', value: hexFromNumber(1, 2) },
    { field: 'arp_tpa', value: hexFromIpv4(address) },
  ]
}
