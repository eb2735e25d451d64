// A network with its guests, all in memory: manifests and plugged interfaces become flows on a fake switch, guests send
// packets, and first packets are judged and answered as the daemon does it.
import { routeActions } from '../../src/features/east-west/index.js'
import type { ManifestSet } from '../../src/manifest/model.js'
import type { Flow } from '../../src/openflow/flow.js'
import { PACKET_IN_REASON } from '../../src/openflow/messages/packet.js'
import { NO_NAMES } from '../../src/openflow/text/port-names.js'
import { renderMatch } from '../../src/openflow/text/print-match.js'
import { SPOOFED } from '../../src/pipeline/stages.js'
import { judgePacket, type Reason } from '../../src/reconcile/packet-in.js'
import { desiredFlows, planAgainst } from '../../src/reconcile/planner.js'
import { flowModOf } from '../../src/switch/flow-mods.js'
import { reverseOf } from '../../src/topology/connection.js'
import type { SwitchInterface } from '../../src/topology/interfaces.js'
import type { LocalPort, Topology } from '../../src/topology/topology.js'
import { type Hex, hexFromNumber, numberFromHex } from '../../src/values/hex.js'
import { type Ipv4, hexFromIpv4, renderIpv4 } from '../../src/values/ipv4.js'
import { hexFromMac, linkLocalOf, macFromHex } from '../../src/values/mac.js'
import { FakeSwitch, type Output, type Packet, type PacketIn, type Verdict } from './fake-switch.js'
import { ip, mac, topologyOf } from './networks.js'
import { ethernetFrame, ipv4Frame } from './packets.js'
import { desiredOfHalves, TIMEOUTS } from './plans.js'

/** How the words for an echo request end. */
export const ECHO_REQUEST = ',nw_frag=no,icmp_type=8,icmp_code=0'

/** Fields that are not in the packet itself. */
const PIPELINE_FIELDS = new Set(['in_port', 'metadata', 'tun_id', 'pkt_mark', 'xreg0'])

export class Cloud {
  readonly #switch: FakeSwitch
  #topology: Topology
  /** Packets that came to the controller. */
  packetIns = 0
  /** Why the controller did not send them on. */
  readonly refused: (Reason | 'malformed' | 'not-ours')[] = []
  /** Packets that the switch dropped, as their guest may not send them. */
  spoofed = 0

  constructor(manifests: ManifestSet, ...interfaces: readonly SwitchInterface[]) {
    this.#topology = topologyOf(manifests, ...interfaces)
    const flows = [...desiredFlows(this.#topology, [], TIMEOUTS).values()].map(({ flow }) => flow)
    this.#switch = new FakeSwitch(flows)
  }

  /** Another state of manifests and interfaces, and a full pass for it. */
  change(manifests: ManifestSet, ...interfaces: readonly SwitchInterface[]): void {
    this.#topology = topologyOf(manifests, ...interfaces)
    const { changes } = planAgainst(this.#topology, this.#switch.flows, TIMEOUTS)
    for (const change of changes) this.#switch.change(flowModOf(change))
  }

  get connectionFlows(): readonly Flow[] {
    return this.#switch.flows.filter(({ tableId, priority }) => tableId === 52 && priority === 100)
  }

  vm(name: string): Guest {
    const local = this.#topology.localPorts.find(({ port }) => port.name === name)
    if (!local) throw new Error(`no port ${name} is plugged`)
    return new Guest(this, local)
  }

  /** What arrives where when a packet comes in by a port: `vm1: icmp,dl_src=…`, one line each. */
  send(ofport: number, packet: Packet): readonly string[] {
    const verdict = this.#switch.receive(ofport, packet)
    if (verdict.tables.at(-1) === SPOOFED.id) this.spoofed++
    const late = verdict.packetIns.flatMap((packetIn) => this.#answer(packetIn).outputs)
    return [...verdict.outputs, ...late].map((output) => this.#describe(output))
  }

  /** As the reconciler does: both directions' flows, then the packet. */
  #answer({ packet, tableId, cookie }: PacketIn): Pick<Verdict, 'outputs'> {
    this.packetIns++
    const { in_port: inPort, metadata } = packet
    if (!inPort || !metadata) throw new Error('a packet without a port or network')
    const data = bytesOf(packet)
    const judged = judgePacket(this.#topology, {
      ...{
        bufferId: 0xffffffff,
        totalLength: data.length,
        reason: PACKET_IN_REASON.action,
        tableId,
        cookie,
        data,
      },
      match: [
        { field: 'in_port', value: inPort },
        { field: 'metadata', value: metadata },
      ],
    })
    if (!('route' in judged)) {
      this.refused.push(judged.verdict === 'refused' ? judged.reason : judged.verdict)
      return { outputs: [] }
    }
    const { half, route } = judged
    const desired = desiredOfHalves(this.#topology, [half, reverseOf(route, half)], TIMEOUTS)
    for (const flow of desired.values()) this.#switch.change(flowModOf({ kind: 'add', desired: flow }))
    return this.#switch.send(half.ofport, routeActions(half, route), packet)
  }

  #describe({ port, packet }: Output): string {
    const local = this.#topology.localPortAt(port)
    return `${local ? local.port.name : `port ${port}`}: ${describePacket(packet)}`
  }
}

/** The packet as a guest would capture it, in the words of ovs-ofctl. */
function describePacket(packet: Packet): string {
  const match = Object.entries(packet)
    .filter(([field]) => !PIPELINE_FIELDS.has(field))
    .map(([field, value]) => ({ field, value }))
  return renderMatch(match, NO_NAMES).join(',')
}

export class Guest {
  readonly #cloud: Cloud
  readonly #local: LocalPort

  constructor(cloud: Cloud, local: LocalPort) {
    this.#cloud = cloud
    this.#local = local
  }

  get mac(): string {
    return this.#local.port.macAddress
  }

  get #ip(): Ipv4 {
    const [first] = this.#local.port.fixedIps
    if (!first) throw new Error(`${this.#local.port.name} has no address`)
    return first.ipAddress
  }

  /** Sends IPv6 from its link-local address. */
  sendIpv6(ethDst: string, fields: Packet = {}): readonly string[] {
    return this.send({
      ...{ eth_dst: hexFromMac(mac(ethDst)), eth_type: '86dd' as Hex },
      ...{ ipv6_src: linkLocalOf(this.#local.port.macAddress), ...fields },
    })
  }

  /** Sends any fields, under its own MAC unless said otherwise. */
  send(fields: Packet): readonly string[] {
    return this.#cloud.send(this.#local.ofport, {
      eth_src: hexFromMac(this.#local.port.macAddress),
      ...fields,
    })
  }

  /** Asks who has an address; by broadcast, or of one neighbour. */
  arp(address: string, ethDst = 'ff:ff:ff:ff:ff:ff'): readonly string[] {
    return this.send(arpRequest({ ethSrc: this.mac, ethDst, spa: renderIpv4(this.#ip), tpa: address }))
  }

  /** One echo request, sent to a neighbour's or the gateway's MAC. */
  ping(address: string, ethDst: string, options: { ttl?: number; from?: string } = {}): readonly string[] {
    const { ttl = 64, from = renderIpv4(this.#ip) } = options
    return this.send(echoRequest({ ethSrc: this.mac, ethDst, ipSrc: from, ipDst: address, ttl }))
  }
}

export interface ArpRequestOptions {
  readonly ethSrc: string
  readonly ethDst: string
  readonly spa: string
  readonly tpa: string
}

export function arpRequest({ ethSrc, ethDst, spa, tpa }: ArpRequestOptions): Packet {
  return {
    eth_src: hexFromMac(mac(ethSrc)),
    eth_dst: hexFromMac(mac(ethDst)),
    eth_type: '0806' as Hex,
    arp_op: '0001' as Hex,
    arp_spa: hexFromIpv4(ip(spa)),
    arp_tpa: hexFromIpv4(ip(tpa)),
    arp_sha: hexFromMac(mac(ethSrc)),
    arp_tha: '000000000000' as Hex,
  }
}

export interface EchoRequestOptions {
  readonly ethSrc: string
  readonly ethDst: string
  readonly ipSrc: string
  readonly ipDst: string
  readonly ttl?: number
}

export function echoRequest({ ethSrc, ethDst, ipSrc, ipDst, ttl = 64 }: EchoRequestOptions): Packet {
  return {
    eth_src: hexFromMac(mac(ethSrc)),
    eth_dst: hexFromMac(mac(ethDst)),
    eth_type: '0800' as Hex,
    ip_src: hexFromIpv4(ip(ipSrc)),
    ip_dst: hexFromIpv4(ip(ipDst)),
    nw_proto: '01' as Hex,
    nw_ttl: hexFromNumber(ttl, 1),
    nw_frag: '00' as Hex,
    icmp_type: '08' as Hex,
    icmp_code: '00' as Hex,
  }
}

/** The frame, as a packet-in carries it. */
function bytesOf(packet: Packet): Buffer {
  const field = (name: string) => packet[name] ?? ('' as Hex)
  const addresses = { ethSrc: macFromHex(field('eth_src')), ethDst: macFromHex(field('eth_dst')) }
  if (packet.eth_type !== '0800') {
    return ethernetFrame(numberFromHex(field('eth_type')), Buffer.alloc(46), addresses)
  }
  return ipv4Frame({
    ...addresses,
    ipSrc: renderIpv4(numberFromHex(field('ip_src')) as Ipv4),
    ipDst: renderIpv4(numberFromHex(field('ip_dst')) as Ipv4),
    ttl: numberFromHex(field('nw_ttl')),
    protocol: numberFromHex(field('nw_proto')),
  })
}
