// The connections that are believed to have flows on the switch. Built from a dump and kept by what the switch tells; it
// can be lost at any time and is then read from the switch again.
import { halfOfFlow, halvesOfFlows, isConnectionFlow } from '../compile/observed.js'
import type { Flow } from '../openflow/flow.js'
import { connectionId, type ConnectionHalf } from '../topology/connection.js'

interface Known {
  readonly half: ConnectionHalf
  /** When its flow was installed or first seen, in milliseconds of the caller's clock. */
  readonly since: number
}

export class ObservedConnections {
  #known = new Map<string, Known>()

  get halves(): readonly ConnectionHalf[] {
    return [...this.#known.values()].map(({ half }) => half)
  }

  /** Since when the flow of this half is there; undefined when it is not. */
  since(half: ConnectionHalf): number | undefined {
    return this.#known.get(connectionId(half))?.since
  }

  /** Forgets everything that is not in the dump: a flow that has gone is never put back. */
  readFrom(installed: Iterable<Flow>, now: number): void {
    const before = this.#known
    this.#known = new Map()
    this.add(halvesOfFlows(installed), now)
    for (const [id, known] of before) if (this.#known.has(id)) this.#known.set(id, known)
  }

  add(halves: readonly ConnectionHalf[], now: number): void {
    for (const half of halves) this.#known.set(connectionId(half), { half, since: now })
  }

  /** @param flow a flow that the switch says has gone */
  removed(flow: Pick<Flow, 'cookie' | 'match'>): void {
    const half = isConnectionFlow(flow) ? halfOfFlow(flow) : undefined
    if (half) this.#known.delete(connectionId(half))
  }
}
