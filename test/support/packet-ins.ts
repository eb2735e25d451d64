// Packets as the switch hands them to the controller: frames and where they came in go in, packet-ins come out.
import { punt } from '../../src/features/punt/index.js'
import { PACKET_IN_REASON, type PacketIn } from '../../src/openflow/messages/packet.js'
import { buildCookie, NO_OBJECT } from '../../src/pipeline/cookie.js'
import { PUNT } from '../../src/pipeline/stages.js'
import { hexFromNumber } from '../../src/values/hex.js'

export interface PacketInOptions {
  /** That of vm2 unless given. */
  readonly ofport?: number
  /** That of net2 unless given; 0: the packet has none. */
  readonly segmentationId?: number
}

/** A packet as table 56 hands it up. */
export function packetIn(
  data: Buffer,
  { ofport = 12, segmentationId = 8003 }: PacketInOptions = {},
): PacketIn {
  return {
    ...{ bufferId: 0xffffffff, totalLength: data.length, reason: PACKET_IN_REASON.action, tableId: PUNT.id },
    data,
    cookie: buildCookie({ class: 'model', feature: punt.id, object: NO_OBJECT }),
    match: [
      { field: 'in_port', value: hexFromNumber(ofport, 4) },
      ...(segmentationId === 0 ? [] : [{ field: 'metadata', value: hexFromNumber(segmentationId, 8) }]),
    ],
  }
}
