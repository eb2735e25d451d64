// What every parser of this folder gives back for bytes that are not what they should be. Packets come from guests, so
// this is a result like any other and never an exception.

/** Where the bytes go wrong: few enough to count by. */
export type Problem =
  | 'ethernet-header'
  | 'vlan-tag'
  | 'ipv4-header'
  | 'ipv4-version'
  | 'ipv4-length'
  | 'ipv4-checksum'
  | 'ipv4-options'
  | 'ipv4-fragment'
  | 'icmp'
  | 'tcp'
  | 'udp'

export interface Malformed {
  readonly kind: 'malformed'
  readonly problem: Problem
  /** What is wrong, for a log: "an IPv4 header of 12 bytes" */
  readonly reason: string
}

export function malformed(problem: Problem, reason: string): Malformed {
  return { kind: 'malformed', problem, reason }
}
