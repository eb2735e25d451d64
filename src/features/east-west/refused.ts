// A pair that was refused is dropped by the switch for some seconds, so that its next packets do not come to us: who it is
// in, the flow out.
import { DROP } from '../../pipeline/actions.js'
import { flow, type FlowSpec } from '../../pipeline/flow.js'
import { ROUTING } from '../../pipeline/stages.js'
import type { ConnectionHalf } from '../../topology/connection.js'
import { connectionMatch } from './index.js'

/** The feature number of these flows. Their cookies have the class `connection`. */
export const REFUSED_FEATURE = 17

/** How long the switch remembers, used or not. Seconds. */
export const REFUSED_SECONDS = 3

/** It matches what the flow of the connection would. Nobody needs to hear when it goes: its time is known. */
export function refusedFlow(half: ConnectionHalf): FlowSpec {
  return flow(ROUTING, 'refused', {
    match: connectionMatch(half),
    instructions: DROP,
    hardTimeout: REFUSED_SECONDS,
  })
}
