// Packets to and from the controller (OpenFlow 1.5.1, sections 7.3.6 and 7.4.1).
import { hexFromNumber, numberFromHex } from '../../values/hex.js'
import { type Action, actionList } from '../actions/actions.js'
import { type Match, oxmMatch } from '../fields/match.js'
import { OPENFLOW_15 } from '../version.js'
import { type Infer, type Layout, pad, since, rest, struct, u16, u32, u64, u8 } from '../wire/layout.js'
import type { Reader } from '../wire/reader.js'
import type { Writer } from '../wire/writer.js'
import type { Version } from '../version.js'

export const PACKET_IN_REASON = { no_match: 0, action: 1, invalid_ttl: 2 } as const

export const packetIn = struct({
  bufferId: u32,
  totalLength: u16,
  reason: u8,
  tableId: u8,
  cookie: u64,
  match: oxmMatch,
  _: pad(2),
  data: rest,
})

export type PacketIn = Infer<typeof packetIn>

export interface PacketOut {
  readonly bufferId: number
  /** Pipeline fields the packet starts with: in_port, and in 1.5 also metadata and registers. */
  readonly match: Match
  readonly actions: readonly Action[]
  readonly data: Buffer
}

/** The port alone, then the length of the actions. */
const packetOutBefore15: Layout<PacketOut> = {
  read(reader, version) {
    const bufferId = reader.u32()
    const match = [{ field: 'in_port', value: hexFromNumber(reader.u32(), 4) }]
    const length = reader.u16()
    reader.skip(6)
    return { bufferId, match, ...readTail(reader, length, version) }
  },
  write(writer, packet, version) {
    writer.u32(packet.bufferId)
    writer.u32(inPort(packet))
    const lengthAt = writer.length
    writer.u16(0)
    writer.zeros(6)
    writeTail(writer, packet, lengthAt, version)
  },
}

/** The length of the actions, then a match of pipeline fields. */
const packetOut15: Layout<PacketOut> = {
  read(reader, version) {
    const bufferId = reader.u32()
    const length = reader.u16()
    reader.skip(2)
    const match = oxmMatch.read(reader, version)
    return { bufferId, match, ...readTail(reader, length, version) }
  },
  write(writer, packet, version) {
    writer.u32(packet.bufferId)
    const lengthAt = writer.length
    writer.u16(0)
    writer.zeros(2)
    oxmMatch.write(writer, packet.match, version)
    writeTail(writer, packet, lengthAt, version)
  },
}

export const packetOut: Layout<PacketOut> = since(OPENFLOW_15, packetOut15, packetOutBefore15)

function inPort({ match }: PacketOut): number {
  const field = match.find(({ field }) => field === 'in_port')
  if (!field || match.length > 1)
    throw new Error('before OpenFlow 1.5 a packet-out carries in_port and no other field')
  return numberFromHex(field.value)
}

function readTail(
  reader: Reader,
  actionsLength: number,
  version: Version,
): Pick<PacketOut, 'actions' | 'data'> {
  const actions = actionList.read(reader.window(actionsLength), version)
  return { actions, data: rest.read(reader, version) }
}

function writeTail(writer: Writer, packet: PacketOut, lengthAt: number, version: Version): void {
  const start = writer.length
  actionList.write(writer, packet.actions, version)
  writer.patchU16(lengthAt, writer.length - start)
  writer.bytes(packet.data)
}
