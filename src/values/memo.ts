// Answers that are asked for again and again, for as long as their owner lives.

/** Keys that one memo holds. With one more all are forgotten: what is asked for often is soon back. */
const CAPACITY = 65_536

/** The same function, which remembers its answers: it must depend on its argument alone, and no caller may change them. */
export function memoized<K, V extends object | string>(answer: (key: K) => V): (key: K) => V {
  const memo = new Memo<K, V>()
  return (key) => memo.get(key) ?? memo.put(key, answer(key))
}

/** What was found for a key: by identity for a record, by content for a text. */
export class Memo<K, V> {
  readonly #known = new Map<K, V>()

  get(key: K): V | undefined {
    return this.#known.get(key)
  }

  /** Remembers the value, and gives it back. */
  put(key: K, value: V): V {
    if (this.#known.size >= CAPACITY) this.#known.clear()
    this.#known.set(key, value)
    return value
  }
}
