// Packets that wait for a pass. They come as fast as guests send, so there is a limit; and one for each port, so that a
// guest that floods the controller crowds out nobody but itself.
import type { PacketIn } from '../openflow/messages/packet.js'

const MAX_PACKETS = 8_192
const MAX_PACKETS_OF_PORT = 256

export class WaitingPackets {
  #packets: PacketIn[] = []
  readonly #byPort = new Map<string, number>()

  /** @returns false: there was no room, and the packet is lost as it would be in a full queue of the switch */
  add(packet: PacketIn): boolean {
    const port = packet.match.find(({ field }) => field === 'in_port')?.value ?? ''
    const waiting = this.#byPort.get(port) ?? 0
    if (waiting >= MAX_PACKETS_OF_PORT || this.#packets.length >= MAX_PACKETS) return false
    this.#byPort.set(port, waiting + 1)
    this.#packets.push(packet)
    return true
  }

  /** All of them, in the order in which they came; none waits any more. */
  take(): readonly PacketIn[] {
    const packets = this.#packets
    this.#packets = []
    this.#byPort.clear()
    return packets
  }
}
