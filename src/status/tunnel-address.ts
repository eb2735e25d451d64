// Whether a node can be reached by the others: its Node, what its host's devices are and what its guests have in, the
// condition Bound of that Node out.
import type { Encapsulation, Node } from '../manifest/model.js'
import { renderIpv4 } from '../values/ipv4.js'
import type { Finding } from './condition.js'

/**
 * What a tunnel adds to a frame's payload, in bytes: the guest's Ethernet header (14), IPv4 (20), and UDP with Geneve and the
 * one option's room that it may have (8 + 8 + 8), UDP with VXLAN (8 + 8), or GRE with a key (8).
 */
const OVERHEAD: Readonly<Record<Encapsulation, number>> = { geneve: 58, vxlan: 50, gre: 42 }

/** An address of a device of the host. */
export interface HostAddress {
  readonly device: string
  readonly address: string
  /** Bytes; undefined where it cannot be read. */
  readonly mtu: number | undefined
}

/** Of a guest; the MTU in bytes, where it is known. */
export interface GuestInterface {
  readonly name: string
  readonly mtu?: number | undefined
}

/** @param addresses of the host on which the switch is */
export function tunnelFinding(
  { name, tunnelIp, encapsulation }: Pick<Node, 'name' | 'tunnelIp' | 'encapsulation'>,
  addresses: readonly HostAddress[],
  guests: readonly GuestInterface[],
): Finding {
  const type = 'Bound'
  const text = renderIpv4(tunnelIp)
  const own = addresses.find(({ address }) => address === text)
  if (!own) {
    const message = `tunnel address ${text} of ${name} is on no interface of this host`
    const remedy = `Give it to the device towards the other nodes (ip address add ${text}/24 dev DEVICE), or correct tunnelIp.`
    return { type, status: 'False', reason: 'AddressMissing', message, remedy }
  }
  const { device, mtu } = own
  const most = mtu === undefined ? undefined : mtu - OVERHEAD[encapsulation]
  const tooLarge = guests.filter((guest) => most !== undefined && (guest.mtu ?? 0) > most)
  const [first] = tooLarge
  if (!first || most === undefined)
    return { type, status: 'True', reason: 'HasAddress', message: `${text} is on ${device}` }
  const others = tooLarge.length === 1 ? '' : ` and ${tooLarge.length - 1} more`
  const message = `${first.name}${others} may send ${first.mtu ?? ''} bytes, and ${encapsulation} over ${device} carries ${most}`
  const remedy = `Give guests an MTU of ${most} bytes, or ${device} one of ${(first.mtu ?? 0) + OVERHEAD[encapsulation]}.`
  return { type, status: 'True', reason: 'GuestMtuTooLarge', message, remedy }
}
