// The flows that packets asked for and that are believed to be on the switch: connections, refused pairs, fallbacks. Built
// from a dump and kept by what the switch tells; it can be lost at any time and is then read from the switch again.
import {
  ofportOf,
  reactiveId,
  type ReactiveFlow,
  type ReactiveKind,
  reactiveOfFlow,
} from '../compile/observed.js'
import { REFUSED_SECONDS } from '../features/east-west/refused.js'
import type { Flow } from '../openflow/flow.js'
import { PortBook } from './port-book.js'

const KINDS: readonly ReactiveKind[] = ['connection', 'refused', 'fallback', 'muted']

/** The switch looks for flows whose time is over every second or two. Milliseconds. */
const REFUSED_MS = (REFUSED_SECONDS + 2) * 1000

export class ObservedConnections {
  readonly #books = new Map(KINDS.map((kind) => [kind, new PortBook(reactiveId, ofportOf)]))

  /** All of them. */
  get flows(): readonly ReactiveFlow[] {
    return KINDS.flatMap((kind) => this.#book(kind).values)
  }

  /** Since when this flow is there; undefined when it is not. @param id as `reactiveId` has it */
  since(flow: ReactiveFlow, id?: string): number | undefined {
    return this.#book(flow.kind).since(flow, id)
  }

  /** How many flows of a kind a port has. */
  countOf(kind: ReactiveKind, ofport: number): number {
    return this.#book(kind).countOf(ofport)
  }

  /** Those of a kind that a port has. */
  ofPort(kind: ReactiveKind, ofport: number): readonly ReactiveFlow[] {
    return this.#book(kind).values.filter((flow) => ofportOf(flow) === ofport)
  }

  /** Forgets everything that is not in the dump: a flow that has gone is never put back. */
  readFrom(installed: Iterable<Flow>, now: number): void {
    const found = new Map<ReactiveKind, ReactiveFlow[]>(KINDS.map((kind) => [kind, []]))
    for (const flow of installed) {
      const reactive = reactiveOfFlow(flow)
      if (reactive) found.get(reactive.kind)?.push(reactive)
    }
    for (const kind of KINDS) this.#book(kind).replace(found.get(kind) ?? [], now)
  }

  add(flow: ReactiveFlow, now: number, id?: string): void {
    this.#book(flow.kind).add(flow, now, id)
  }

  /** @param flow that the switch says has gone, or has refused */
  removed(flow: Pick<Flow, 'cookie' | 'match'>): void {
    const reactive = reactiveOfFlow(flow)
    if (reactive) this.#book(reactive.kind).delete(reactive)
  }

  /** Refused pairs end with their time: a switch without a flow monitor does not tell of it. */
  expire(now: number): void {
    this.#book('refused').forgetBefore(now - REFUSED_MS)
  }

  #book(kind: ReactiveKind): PortBook<ReactiveFlow> {
    const book = this.#books.get(kind)
    if (!book) throw new Error(`there is no book of ${kind}`)
    return book
  }
}
