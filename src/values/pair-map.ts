// A map whose keys are pairs. A text made of both would have to be put together, and read through, for each question.

export class PairMap<A, B, V> {
  readonly #rows = new Map<A, Map<B, V>>()
  #size = 0

  constructor(entries: Iterable<readonly [a: A, b: B, value: V]> = []) {
    for (const [a, b, value] of entries) this.set(a, b, value)
  }

  get size(): number {
    return this.#size
  }

  get(a: A, b: B): V | undefined {
    return this.#rows.get(a)?.get(b)
  }

  has(a: A, b: B): boolean {
    return this.#rows.get(a)?.has(b) ?? false
  }

  set(a: A, b: B, value: V): void {
    const row = this.#rows.get(a) ?? new Map<B, V>()
    if (!row.has(b)) this.#size++
    this.#rows.set(a, row.set(b, value))
  }

  clear(): void {
    this.#rows.clear()
    this.#size = 0
  }
}
