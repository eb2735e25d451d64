// Packets that wait for a pass. They come as fast as guests send, so there is a limit; and one for each port, so that a
// guest that floods the controller crowds out nobody but itself. Ports take turns, and a port that has not asked lately
// comes first (as in RFC 8290, section 4.2), so nobody waits behind a flood either.
import type { PacketIn } from '../openflow/messages/packet.js'
import { hexFromNumber } from '../values/hex.js'

const MAX_PACKETS = 8_192
const MAX_PACKETS_OF_PORT = 256

/** A port that has so many waiting sends faster than it is answered. */
const MANY_WAITING = 64

/**
 * Packets of one pass. Whoever comes during a pass waits for its end, so it must not last: it has fewer packets while the
 * switch is slow. With the least, its messages are no more than the 50 that Open vSwitch takes of a connection before it
 * looks after its ports again (ofproto/connmgr.c).
 */
const MOST_TAKEN = 256
const LEAST_TAKEN = 16
/** Milliseconds that a pass may take. */
const PASS_MS = 20

export class WaitingPackets {
  #size = 0
  #most = MOST_TAKEN
  /** By port; none is empty. Those that have had no turn since they began to wait, in their order. */
  readonly #newcomers = new Map<string, PacketIn[]>()
  /** The others. Whose turn is next comes first. */
  readonly #backlog = new Map<string, PacketIn[]>()

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
    const queue = this.#backlog.get(port) ?? this.#newcomers.get(port)
    if (queue && (queue.length >= MAX_PACKETS_OF_PORT || this.#size >= MAX_PACKETS)) return false
    if (queue) queue.push(packet)
    else this.#newcomers.set(port, [packet])
    this.#size++
    return true
  }

  /** Does this port, by number, send faster than it is answered? */
  isFlooding(ofport: number): boolean {
    return (this.#backlog.get(hexFromNumber(ofport, 4))?.length ?? 0) >= MANY_WAITING
  }

  /** As many as a pass should have, of each port in turn, the oldest first; they wait no more. */
  take(): readonly PacketIn[] {
    const taken: PacketIn[] = []
    for (const queues of [this.#newcomers, this.#backlog])
      for (const [port, queue] of queues) {
        if (taken.length === this.#most) break
        queues.delete(port)
        const packet = queue.shift()
        if (packet) taken.push(packet)
        if (queue.length > 0) this.#backlog.set(port, queue) // behind the others: the loop over these comes to it
      }
    this.#size -= taken.length
    return taken
  }

  /** How long the pass for what was taken has taken, in milliseconds. */
  passTook(ms: number): void {
    this.#most = ms > PASS_MS ? Math.max(LEAST_TAKEN, this.#most >> 1) : Math.min(MOST_TAKEN, this.#most << 1)
  }
}
