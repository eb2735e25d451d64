// The one difference between the two modes of a router: who is asked for the way.
import type { Instruction } from '../openflow/actions/instructions.js'
import type { RouterLeg } from '../topology/topology.js'
import { objectHash } from '../values/hash.js'
import type { Hex } from '../values/hex.js'
import { goto } from './actions.js'
import { writeRouter } from './registers.js'

/** The hash of a router that knows its ways itself; undefined: its first packets come to us. */
export function proactiveRouter({ kind, name, forwarding }: RouterLeg['router']): Hex | undefined {
  return forwarding === 'proactive' ? objectHash(kind, name) : undefined
}

/** @param router what `proactiveRouter` says */
export function forwardingInstructions(router: Hex | undefined): readonly Instruction[] {
  return router === undefined ? [goto('punt')] : [writeRouter(router), goto('neighbours')]
}
