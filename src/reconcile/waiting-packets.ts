// Packets that wait for a pass. They come as fast as guests send, so there is a limit; and one for each port, so that a
// guest that floods the controller crowds out nobody but itself. Ports take turns, so nobody waits behind a flood either.
import type { PacketIn } from '../openflow/messages/packet.js'

const MAX_PACKETS = 8_192
const MAX_PACKETS_OF_PORT = 256
/** Whoever comes during a pass waits for its end, so it has an end in sight. */
const MAX_TAKEN = 64

export class WaitingPackets {
  #size = 0
  /** By port; none is empty. Whose turn is next comes first. */
  readonly #queues = new Map<string, PacketIn[]>()

  /** How many wait. */
  get size(): number {
    return this.#size
  }

  /**
   * A port of which none waits has room for one, however many of others wait.
   * @returns false: there was no room, and the packet is lost as it would be in a full queue of the switch
   */
  add(packet: PacketIn): boolean {
    const port = packet.match.find(({ field }) => field === 'in_port')?.value ?? ''
    const queue = this.#queues.get(port)
    if (queue && (queue.length >= MAX_PACKETS_OF_PORT || this.#size >= MAX_PACKETS)) return false
    if (queue) queue.push(packet)
    else this.#queues.set(port, [packet])
    this.#size++
    return true
  }

  /** As many as a pass should have, of each port in turn, the oldest first; they wait no more. */
  take(): readonly PacketIn[] {
    const taken: PacketIn[] = []
    for (const [port, queue] of this.#queues) {
      if (taken.length === MAX_TAKEN) break
      this.#queues.delete(port)
      const packet = queue.shift()
      if (packet) taken.push(packet)
      if (queue.length > 0) this.#queues.set(port, queue) // behind the others: this loop comes back to it
    }
    this.#size -= taken.length
    return taken
  }
}
