// What a router says to a packet that it does not send on: the reason and the packet in, the frame of an ICMP error or of
// a TCP reset out, or nothing where it has to be silent. Pure.
import { ETHER_TYPE, ethernetHeader } from '../packet/ethernet.js'
import type { Ipv4Frame } from '../packet/frame.js'
import { buildIcmpError, ICMP, isIcmpError, parseIcmp } from '../packet/icmp.js'
import { buildIpv4, IP_PROTOCOL, isOneHost } from '../packet/ipv4.js'
import { buildReset, parseTcp } from '../packet/tcp.js'
import { parseUdp } from '../packet/udp.js'
import type { RouterLeg, Topology } from '../topology/topology.js'
import { broadcastOf, type Cidr } from '../values/cidr.js'
import type { Ipv4 } from '../values/ipv4.js'
import { isGroupMac } from '../values/mac.js'

/** Type and code of each error message (RFC 792, RFC 1122 section 3.2.2.1). */
const ERRORS = {
  'time-exceeded': [ICMP.timeExceeded, 0],
  'net-unreachable': [ICMP.destinationUnreachable, 0],
  'host-unreachable': [ICMP.destinationUnreachable, 1],
  'protocol-unreachable': [ICMP.destinationUnreachable, 2],
  'port-unreachable': [ICMP.destinationUnreachable, 3],
} as const

type ErrorKind = keyof typeof ERRORS

export type AnswerKind = ErrorKind | 'reset'

export interface Answer {
  readonly kind: AnswerKind
  /** To be sent out of the port that the packet came in by. */
  readonly frame: Buffer
}

/** What is answered, each to another reason. */
export type Answerable = 'ttl-expired' | 'no-route' | 'unknown-host' | 'host-not-here' | 'router-address'

/** @param ingress where the packet came in: the errors are of its address (RFC 1812, section 4.3.2.4) */
export function answerTo(
  reason: Answerable,
  frame: Ipv4Frame,
  ingress: RouterLeg,
  topology: Topology,
): Answer | undefined {
  if (!mayBeAnswered(frame, ingress, topology)) return undefined
  const from = ingress.interface.ipAddress
  switch (reason) {
    case 'ttl-expired':
      return icmpError('time-exceeded', frame, from)
    case 'no-route':
      return icmpError('net-unreachable', frame, from)
    case 'unknown-host':
    case 'host-not-here':
      return icmpError('host-unreachable', frame, from)
    case 'router-address':
      return fromClosedPort(frame)
  }
}

/**
 * Nothing to broadcasts and multicasts of either layer, to fragments but the first, to senders that are no single host,
 * and to other errors (RFC 1122, section 3.2.2); nor to a packet that cannot be told from an error.
 */
function mayBeAnswered({ ethDst, packet }: Ipv4Frame, ingress: RouterLeg, topology: Topology): boolean {
  const { src, dst, fragmentOffset } = packet
  if (isGroupMac(ethDst) || fragmentOffset !== 0) return false
  if (!isOneHost(src) || !isOneHost(dst) || !isHostOf(ingress.subnet.cidr, src)) return false
  const hop = topology.hopTowards(ingress.router.name, dst)
  if (hop && !hop.isStatic && !isHostOf(hop.leg.subnet.cidr, dst)) return false
  if (packet.protocol !== IP_PROTOCOL.icmp) return true
  const message = parseIcmp(packet.payload)
  return message.kind === 'icmp' && !isIcmpError(message)
}

/** Not the broadcast address of the subnet, nor the one that old hosts use as such (RFC 1812, section 4.2.3.1). */
function isHostOf(cidr: Cidr, address: Ipv4): boolean {
  const broadcast = broadcastOf(cidr)
  return broadcast === undefined || (address !== broadcast && address !== cidr.network)
}

/** No program listens at a router's address; ICMP is not answered here, as the switch answers echo requests itself. */
function fromClosedPort(frame: Ipv4Frame): Answer | undefined {
  const { src, dst, protocol, payload, moreFragments } = frame.packet
  switch (protocol) {
    case IP_PROTOCOL.icmp:
      return undefined
    case IP_PROTOCOL.tcp: {
      const segment = parseTcp(payload, moreFragments)
      const reset = segment.kind === 'tcp' ? buildReset(segment, dst, src) : undefined
      return (
        reset && { kind: 'reset', frame: framed(frame, buildIpv4({ src: dst, dst: src, protocol }, reset)) }
      )
    }
    case IP_PROTOCOL.udp: {
      const isWhole = parseUdp(payload, moreFragments).kind === 'udp'
      return isWhole ? icmpError('port-unreachable', frame, dst) : undefined
    }
    default:
      return icmpError('protocol-unreachable', frame, dst)
  }
}

/** Precedence "internetwork control", which errors should have (RFC 1812, section 4.3.2.5). */
const INTERNETWORK_CONTROL = 0xc0

function icmpError(kind: ErrorKind, frame: Ipv4Frame, src: Ipv4): Answer {
  const [type, code] = ERRORS[kind]
  const header = { src, dst: frame.ipSrc, protocol: IP_PROTOCOL.icmp, tos: INTERNETWORK_CONTROL }
  return { kind, frame: framed(frame, buildIpv4(header, buildIcmpError(type, code, frame.packet.bytes))) }
}

/** Back to the sender, from the MAC address that it sent to. */
function framed({ ethSrc, ethDst }: Ipv4Frame, packet: Buffer): Buffer {
  return Buffer.concat([ethernetHeader(ethSrc, ethDst, ETHER_TYPE.ipv4), packet])
}
