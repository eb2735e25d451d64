// What every parser of this folder gives back for bytes that are not what they should be. Packets come from guests, so
// this is a result like any other and never an exception.

export interface Malformed {
  readonly kind: 'malformed'
  /** What is wrong, for a log: "an IPv4 header of 12 bytes" */
  readonly reason: string
}

export function malformed(reason: string): Malformed {
  return { kind: 'malformed', reason }
}
