import { expect, test } from '@jest/globals'
import { PACKET_IN_REASON, type PacketIn } from '../../../src/openflow/messages/packet.js'
import { WaitingPackets } from '../../../src/reconcile/waiting-packets.js'
import { hexFromNumber, zeroHex } from '../../../src/values/hex.js'

function packetOf(ofport: number): PacketIn {
  return {
    ...{ bufferId: 0xffffffff, totalLength: 0, reason: PACKET_IN_REASON.action, tableId: 56 },
    ...{ cookie: zeroHex(8), data: Buffer.alloc(0) },
    match: [{ field: 'in_port', value: hexFromNumber(ofport, 4) }],
  }
}

test('what waits is taken in order, once', () => {
  const waiting = new WaitingPackets()
  const packets = [packetOf(1), packetOf(2), packetOf(1)]
  expect(packets.map((packet) => waiting.add(packet))).toEqual([true, true, true])
  expect(waiting.take()).toEqual(packets)
  expect(waiting.take()).toEqual([])
})

test('a port that floods crowds out itself, and no other', () => {
  const waiting = new WaitingPackets()
  const flood = Array.from({ length: 10_000 }, () => waiting.add(packetOf(1)))
  expect(flood.filter(Boolean)).toHaveLength(256)
  expect(waiting.add(packetOf(2))).toBe(true)
  expect(waiting.take()).toHaveLength(257)
  expect(waiting.add(packetOf(1))).toBe(true)
})

test('the packets of many ports have a limit, too', () => {
  const waiting = new WaitingPackets()
  for (let ofport = 1; ofport <= 200; ofport++) {
    for (let i = 0; i < 100; i++) waiting.add(packetOf(ofport))
  }
  expect(waiting.take()).toHaveLength(8_192)
})
