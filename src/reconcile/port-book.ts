// Records by port: what is known of each port's flows, and how many they are, so that no port can have more than its share.
// It has a memory and no clock; times are milliseconds of the caller's.

interface Entry<T> {
  readonly value: T
  readonly ofport: number
  readonly since: number
}

export class PortBook<T> {
  readonly #idOf: (value: T) => string
  readonly #ofportOf: (value: T) => number
  /** The oldest first. */
  #entries = new Map<string, Entry<T>>()
  readonly #counts = new Map<number, number>()

  constructor(idOf: (value: T) => string, ofportOf: (value: T) => number) {
    this.#idOf = idOf
    this.#ofportOf = ofportOf
  }

  get size(): number {
    return this.#entries.size
  }

  get values(): readonly T[] {
    return [...this.#entries.values()].map(({ value }) => value)
  }

  /** Since when it is known; undefined when it is not. @param id of it, for who has it at hand */
  since(value: T, id = this.#idOf(value)): number | undefined {
    return this.#entries.get(id)?.since
  }

  countOf(ofport: number): number {
    return this.#counts.get(ofport) ?? 0
  }

  /** What is known already is known anew from now on. */
  add(value: T, now: number, id = this.#idOf(value)): void {
    const before = this.#entries.get(id)
    if (before) this.#drop(id, before)
    const ofport = this.#ofportOf(value)
    this.#entries.set(id, { value, ofport, since: now })
    this.#counts.set(ofport, this.countOf(ofport) + 1)
  }

  delete(value: T): void {
    const id = this.#idOf(value)
    const entry = this.#entries.get(id)
    if (entry) this.#drop(id, entry)
  }

  /** Only these are left. Those known before keep their time. */
  replace(values: Iterable<T>, now: number): void {
    const before = this.#entries
    this.#entries = new Map()
    this.#counts.clear()
    for (const value of values) this.add(value, before.get(this.#idOf(value))?.since ?? now)
  }

  /** Forgets what is older than this, as far as nothing newer stands before it. */
  forgetBefore(time: number): void {
    for (const [id, entry] of this.#entries) {
      if (entry.since >= time) return
      this.#drop(id, entry)
    }
  }

  #drop(id: string, { ofport }: Entry<T>): void {
    this.#entries.delete(id)
    const left = this.countOf(ofport) - 1
    if (left > 0) this.#counts.set(ofport, left)
    else this.#counts.delete(ofport)
  }
}
