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

/** Takes until none waits. */
function takeAll(waiting: WaitingPackets): readonly PacketIn[] {
  const all: PacketIn[] = []
  while (waiting.size > 0) all.push(...waiting.take())
  return all
}

function addMany(waiting: WaitingPackets, count: number, ofport: number): number {
  return Array.from({ length: count }, () => waiting.add(packetOf(ofport))).filter(Boolean).length
}

test('what waits of a port is taken in order, once', () => {
  const waiting = new WaitingPackets()
  const packets = [packetOf(1), packetOf(1), packetOf(1)]
  expect(packets.map((packet) => waiting.add(packet))).toEqual([true, true, true])
  expect(waiting.take()).toEqual(packets)
  expect(waiting.take()).toEqual([])
})

test('ports take turns, and go on where they were', () => {
  const waiting = new WaitingPackets()
  for (let ofport = 1; ofport <= 50; ofport++) addMany(waiting, 100, ofport)
  waiting.add(packetOf(51))
  const first = waiting.take()
  expect(first).toHaveLength(64)
  expect(first).toContainEqual(packetOf(51))
  waiting.add(packetOf(52))
  expect(waiting.take()).toContainEqual(packetOf(52))
  expect(waiting.size).toBe(50 * 100 + 2 - 128)
})

test('a port that floods crowds out itself, and no other', () => {
  const waiting = new WaitingPackets()
  expect(addMany(waiting, 10_000, 1)).toBe(256)
  expect(waiting.add(packetOf(2))).toBe(true)
  expect(takeAll(waiting)).toHaveLength(257)
  expect(waiting.add(packetOf(1))).toBe(true)
})

test('the packets of many ports have a limit, and each port has room for one all the same', () => {
  const waiting = new WaitingPackets()
  for (let ofport = 1; ofport <= 50; ofport++) addMany(waiting, 256, ofport)
  expect(waiting.size).toBe(8_192 + 18)
  expect(addMany(waiting, 2, 51)).toBe(1)
  expect(takeAll(waiting)).toHaveLength(8_192 + 19)
})
