// The bytes of a switch that sends packet-ins and answers what a controller asks, written by offset (OpenFlow 1.3.5,
// sections 7.3 and 7.4; 1.5.1 where it differs): it must never be the slower side.
import { type Host, interfaceOf, macOf } from './hosts.js'

export const TYPE = {
  hello: 0,
  error: 1,
  echo: 2,
  echoReply: 3,
  experimenter: 4,
  features: 5,
  featuresReply: 6,
  packetIn: 10,
  packetOut: 13,
  flowMod: 14,
  multipart: 18,
  multipartReply: 19,
  barrier: 20,
  barrierReply: 21,
  role: 24,
  roleReply: 25,
  bundleControl: 33,
  bundleAdd: 34,
} as const

export const OPENFLOW_15 = 6

export function message(version: number, type: number, xid: number, body: Buffer = NOTHING): Buffer {
  const bytes = Buffer.alloc(8 + body.length)
  bytes.writeUInt8(version, 0)
  bytes.writeUInt8(type, 1)
  bytes.writeUInt16BE(bytes.length, 2)
  bytes.writeUInt32BE(xid, 4)
  body.copy(bytes, 8)
  return bytes
}

const NOTHING = Buffer.alloc(0)

/** A hello with a bitmap of one version. */
export function hello(version: number): Buffer {
  const body = Buffer.from([0, 1, 0, 8, 0, 0, 0, 0])
  body.writeUInt32BE(2 ** version, 4)
  return message(version, TYPE.hello, 1, body)
}

export function featuresReply(version: number, xid: number, datapathId: number): Buffer {
  const body = Buffer.alloc(24)
  body.writeUInt32BE(datapathId, 4)
  body.writeUInt8(254, 12)
  return message(version, TYPE.featuresReply, xid, body)
}

const MULTIPART_METER_FEATURES = 11
const MULTIPART_PORT_DESC = 13
const MULTIPART_EXPERIMENTER = 0xffff

/** Ports to a question for them, no meter to one for meters, nothing to any other. Parts of at most 64 kB. */
export function multipartReplies(
  version: number,
  request: Buffer,
  hosts: readonly Host[],
): readonly Buffer[] {
  const kind = request.readUInt16BE(8)
  const items = itemsOf(version, kind, hosts)
  const parts = Array.from({ length: Math.max(1, Math.ceil(items.length / ITEMS_A_PART)) }, (_, i) =>
    items.slice(i * ITEMS_A_PART, (i + 1) * ITEMS_A_PART),
  )
  return parts.map((part, i) => {
    const head = Buffer.alloc(8)
    head.writeUInt16BE(kind, 0)
    head.writeUInt16BE(i < parts.length - 1 ? 1 : 0, 2)
    const extension = kind === MULTIPART_EXPERIMENTER ? [request.subarray(16, 24)] : []
    const body = Buffer.concat([head, ...extension, ...part])
    return message(version, TYPE.multipartReply, request.readUInt32BE(4), body)
  })
}

function itemsOf(version: number, kind: number, hosts: readonly Host[]): readonly Buffer[] {
  if (kind === MULTIPART_METER_FEATURES) return [Buffer.alloc(METER_FEATURES_BYTES)]
  return kind === MULTIPART_PORT_DESC ? hosts.map((host) => portDesc(version, host)) : []
}

const METER_FEATURES_BYTES = 16
const ITEMS_A_PART = 500
const LIVE = 4

function portDesc(version: number, host: Host): Buffer {
  const bytes = Buffer.alloc(version >= OPENFLOW_15 ? 72 : 64)
  bytes.writeUInt32BE(host.ofport, 0)
  if (version >= OPENFLOW_15) bytes.writeUInt16BE(72, 4)
  Buffer.from(macOf(host).replaceAll(':', ''), 'hex').copy(bytes, 8)
  bytes.write(interfaceOf(host), 16, 15, 'latin1')
  bytes.writeUInt32BE(LIVE, 36)
  if (version >= OPENFLOW_15) bytes.writeUInt16BE(32, 42) // a property of kind 0: Ethernet
  return bytes
}

/** What a packet-in says besides its packet. */
export interface PuntShape {
  readonly tableId: number
  /** 0: no flow matched; 1: a flow's action */
  readonly reason: number
  /** The frame goes to the other host itself, not to the gateway. */
  readonly toHost: boolean
}

const FRAME_AT = 50
const FRAME_BYTES = 98
const PACKET_IN_BYTES = FRAME_AT + FRAME_BYTES
const PAYLOAD_AT = 14 + 20 + 8
const MAGIC = 0x70657266

/** A packet-in of one host's datagram to another, all but its number. */
export function packetInTemplate(version: number, from: Host, to: Host, shape: PuntShape): Buffer {
  const bytes = message(version, TYPE.packetIn, 0, Buffer.alloc(PACKET_IN_BYTES - 8))
  bytes.writeUInt32BE(0xffffffff, 8)
  bytes.writeUInt16BE(FRAME_BYTES, 12)
  bytes.writeUInt8(shape.reason, 14)
  bytes.writeUInt8(shape.tableId, 15)
  bytes.writeUInt16BE(1, 24)
  bytes.writeUInt16BE(24, 26)
  bytes.writeUInt32BE(0x80000004, 28) // OXM in_port
  bytes.writeUInt32BE(from.ofport, 32)
  bytes.writeUInt32BE(0x80000408, 36) // OXM metadata
  bytes.writeUInt32BE(from.metadata, 44)
  writeFrame(bytes.subarray(FRAME_AT), from, to, shape.toHost ? macOf(to) : from.gatewayMac)
  return bytes
}

function writeFrame(frame: Buffer, from: Host, to: Host, ethDst: string): void {
  Buffer.from(ethDst.replaceAll(':', ''), 'hex').copy(frame, 0)
  Buffer.from(macOf(from).replaceAll(':', ''), 'hex').copy(frame, 6)
  frame.writeUInt16BE(0x0800, 12)
  frame.writeUInt8(0x45, 14)
  frame.writeUInt16BE(FRAME_BYTES - 14, 16)
  frame.writeUInt8(64, 22)
  frame.writeUInt8(17, 23)
  frame.writeUInt32BE(from.ip, 26)
  frame.writeUInt32BE(to.ip, 30)
  let sum = 0
  for (let at = 14; at < 34; at += 2) sum += frame.readUInt16BE(at)
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16)
  frame.writeUInt16BE(~sum & 0xffff, 24)
  frame.writeUInt16BE(1024, 34)
  frame.writeUInt16BE(9, 36)
  frame.writeUInt16BE(FRAME_BYTES - 34, 38)
  frame.writeUInt32BE(MAGIC, PAYLOAD_AT)
}

/** Gives a packet-in its number, by which the answer is known. */
export function numberPacketIn(bytes: Buffer, number: number): void {
  bytes.writeUInt32BE(number, FRAME_AT + PAYLOAD_AT + 4)
}

/** The number of the packet in a packet-out; undefined where it is none of ours. */
export function numberInPacketOut(
  version: number,
  bytes: Buffer,
  at: number,
  length: number,
): number | undefined {
  const frame = at + frameInPacketOut(version, bytes, at)
  if (frame + PAYLOAD_AT + 8 > at + length || bytes.readUInt32BE(frame + PAYLOAD_AT) !== MAGIC)
    return undefined
  return bytes.readUInt32BE(frame + PAYLOAD_AT + 4)
}

function frameInPacketOut(version: number, bytes: Buffer, at: number): number {
  if (version < OPENFLOW_15) return 24 + bytes.readUInt16BE(at + 16)
  return 16 + ((bytes.readUInt16BE(at + 18) + 7) & ~7) + bytes.readUInt16BE(at + 12)
}
