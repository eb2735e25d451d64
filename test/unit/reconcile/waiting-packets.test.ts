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

function sameMatch(a: PacketIn, b: PacketIn): boolean {
  return a.match[0]?.value === b.match[0]?.value
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
  const first = waiting.take()
  expect(first).toHaveLength(256)
  expect(first.filter((packet) => sameMatch(packet, packetOf(6)))).toHaveLength(6)
  expect(first.filter((packet) => sameMatch(packet, packetOf(7)))).toHaveLength(5)
  expect(waiting.take()[0]).toEqual(packetOf(7))
  expect(waiting.size).toBe(50 * 100 - 512)
})

test('a port that has not asked lately comes before those that ask all the time', () => {
  const waiting = new WaitingPackets()
  for (let ofport = 1; ofport <= 50; ofport++) addMany(waiting, 100, ofport)
  waiting.take()
  addMany(waiting, 2, 51)
  const next = waiting.take()
  expect(next[0]).toEqual(packetOf(51))
  expect(next[1]).not.toEqual(packetOf(51))
})

test('a pass has fewer packets while the switch is slow, and more again when it is not', () => {
  const waiting = new WaitingPackets()
  for (let ofport = 1; ofport <= 50; ofport++) addMany(waiting, 100, ofport)
  for (let i = 0; i < 10; i++) waiting.passTook(100)
  expect(waiting.take()).toHaveLength(16)
  waiting.passTook(1)
  expect(waiting.take()).toHaveLength(32)
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
