// What a fault of many nodes is, and what those of them share that look at the nodes while it lasts.
import { Finding } from '../fault.js'
import type { Random } from '../random.js'
import { type Circumstances, describeClusterLook } from './checker.js'
import type { NodeName } from './manifests.js'
import type { ClusterWorld } from './world.js'

export interface ClusterFault {
  readonly name: string
  /**
   * Who may lose packets by it: nobody; the stream to the guest that moves; those between the nodes struck and others; or
   * all streams of the nodes struck.
   */
  readonly costs: 'none' | 'wanderer' | 'remote' | 'node'
  /**
   * Resolves with the nodes struck when the fault is over and mending can begin. Throws a `Finding` when something gave way
   * meanwhile.
   */
  readonly strike: (world: ClusterWorld, random: Random) => Promise<readonly NodeName[]>
}

/** Until a lease of 15 s has run out, and etcd has elected a leader if it must first. Seconds. */
const LEASE_OVER_S = 40

/** All nodes that are there must come to hold what they then should. */
export async function mustBeRight(
  world: ClusterWorld,
  when: string,
  circumstances?: Circumstances,
): Promise<void> {
  const look = await world.untilRight(LEASE_OVER_S, circumstances)
  if (look.right === null) throw new Finding(`not right ${when}:\n${describeClusterLook(look)}`)
}
