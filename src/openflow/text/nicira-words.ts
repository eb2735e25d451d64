// Words of Nicira's actions for what is a number on the wire (ovs-actions(7)).
import { PACKET_IN_REASON } from '../messages/packet.js'

/** A table of words both ways; a number without a word is written as it is. */
export interface Words {
  readonly render: (number: number) => string
  readonly parse: (word: string) => number | undefined
}

function words(table: Readonly<Record<string, number>>): Words {
  const byWord = new Map(Object.entries(table))
  const byNumber = new Map(Object.entries(table).map(([word, number]) => [number, word]))
  return { render: (number) => byNumber.get(number) ?? String(number), parse: (word) => byWord.get(word) }
}

export const REASONS = words(PACKET_IN_REASON)

/** Which fields of a packet choose its path. */
export const HASH_FIELDS = words({
  eth_src: 0,
  symmetric_l4: 1,
  symmetric_l3l4: 2,
  'symmetric_l3l4+udp': 3,
  nw_src: 4,
  nw_dst: 5,
  symmetric_l3: 6,
})

export const MULTIPATH_ALGORITHMS = words({ modulo_n: 0, hash_threshold: 1, hrw: 2, iter_hash: 3 })
export const BUNDLE_ALGORITHMS = words({ active_backup: 0, hrw: 1 })

/** Ports by number, the only kind of member that a bundle has: the header of NXM_OF_IN_PORT. */
export const MEMBER_TYPES = words({ ofport: 0x00000002 })

/** Helpers of connection tracking by the port of their protocol. */
export const ALGS = words({ ftp: 21, tftp: 69 })

export const DIRECTIONS = words({ ingress: 1, egress: 2 })

/** Headers that a packet can be wrapped in, by packet type: namespace and type in it. */
export const PACKET_TYPES = words({ ethernet: 0, nsh: 0x0001894f, mpls: 0x00018847, mpls_mc: 0x00018848 })
