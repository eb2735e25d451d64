// Chance that can be repeated: a seed goes in, the same choices come out every time.

export interface Random {
  /** 0 inclusive to 1 exclusive. */
  readonly next: () => number
  /** A whole number of 0 to n - 1. */
  readonly below: (n: number) => number
  /** Throws for an empty list. */
  readonly pick: <T>(list: readonly T[]) => T
  /** A number between two others. */
  readonly between: (low: number, high: number) => number
}

/** mulberry32: 32 bits of state are plenty to draw faults by. */
export function randomFrom(seed: number): Random {
  let state = seed >>> 0
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  const below = (n: number): number => Math.floor(next() * n)
  return {
    next,
    below,
    pick: (list) => {
      if (list.length === 0) throw new Error('there is nothing to choose from')
      return list[below(list.length)] as (typeof list)[number]
    },
    between: (low, high) => low + next() * (high - low),
  }
}
