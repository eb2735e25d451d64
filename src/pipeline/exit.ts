// How a packet leaves for a port: out of it where it is plugged in here, else with its network's id as the tunnel id to the
// node that has it.
import type { Action } from '../openflow/actions/actions.js'
import type { Instruction } from '../openflow/actions/instructions.js'
import type { PlacedPort } from '../topology/topology.js'
import { apply, goto, output, setTunnelId } from './actions.js'

/** One of the two is given. */
export interface Exit {
  readonly outPort: number | undefined
  /** Segmentation id of a port on another node. */
  readonly tunnelId: number | undefined
}

export function exitTo(placed: PlacedPort): Exit {
  return 'ofport' in placed
    ? { outPort: placed.ofport, tunnelId: undefined }
    : { outPort: undefined, tunnelId: placed.network.segmentationId }
}

/** @param actions that come before it */
export function leaveBy(
  { outPort, tunnelId }: Exit,
  actions: readonly Action[] = [],
): readonly Instruction[] {
  if (tunnelId !== undefined) return [apply(...actions, setTunnelId(tunnelId)), goto('tunnel')]
  return outPort === undefined ? [] : [apply(...actions, output(outPort))]
}
