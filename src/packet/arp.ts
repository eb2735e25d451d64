// ARP for IPv4 over Ethernet (RFC 826): who announces himself in, the frame out.
import { hexFromIpv4, type Ipv4 } from '../values/ipv4.js'
import { hexFromMac, type Mac } from '../values/mac.js'
import { ETHER_TYPE, ethernetHeader } from './ethernet.js'

const BROADCAST = 'ff:ff:ff:ff:ff:ff' as Mac

/** Hardware type Ethernet, protocol type IPv4, and the lengths of their addresses in bytes. */
const ETHERNET_IPV4 = '000108000604'

/** Opcodes (RFC 826). */
export const ARP = { request: 1, reply: 2 } as const

/**
 * A broadcast in which a host says of its own address where it is (RFC 5227, section 3). Some hosts take in the one form
 * only, some the other.
 */
export function gratuitousArp(form: keyof typeof ARP, mac: Mac, address: Ipv4): Buffer {
  const [hardware, protocol] = [hexFromMac(mac), hexFromIpv4(address)]
  const operation = `000${ARP[form]}`
  const target = form === 'request' ? '000000000000' : hardware
  const payload = ETHERNET_IPV4 + operation + hardware + protocol + target + protocol
  return Buffer.concat([ethernetHeader(BROADCAST, mac, ETHER_TYPE.arp), Buffer.from(payload, 'hex')])
}
