// Lists by key: groups, and "who had it first", the one shape of every check for duplicates.

/** Items by key, in their order. Items without a key are left out. */
export function groupBy<T, K>(
  items: Iterable<T>,
  keyOf: (item: T) => K | undefined,
): ReadonlyMap<K, readonly T[]> {
  const groups = new Map<K, T[]>()
  for (const item of items) {
    const key = keyOf(item)
    if (key === undefined) continue
    const group = groups.get(key)
    if (group) group.push(item)
    else groups.set(key, [item])
  }
  return groups
}

/**
 * Gives each item to `clash` together with the earlier item of the same key, if there is one.
 * @param keyOf undefined leaves the item out
 */
export function findClashes<T>(
  items: Iterable<T>,
  keyOf: (item: T) => string | number | undefined,
  clash: (item: T, first: T) => void,
): void {
  const firsts = new Map<string | number, T>()
  for (const item of items) {
    const key = keyOf(item)
    if (key === undefined) continue
    const first = firsts.get(key)
    if (first === undefined) firsts.set(key, item)
    else clash(item, first)
  }
}
