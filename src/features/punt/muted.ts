// A port that asks in vain again and again is not heard for a while: its number in, the flow that drops what it would ask
// out. What it does ask for with success meanwhile, its fallback knows (features/east-west/fallback.ts).
import { DROP } from '../../pipeline/actions.js'
import { flow, type FlowSpec } from '../../pipeline/flow.js'
import { inPort } from '../../pipeline/match.js'
import { PUNT } from '../../pipeline/stages.js'
import type { Hex } from '../../values/hex.js'

/** The feature number of these flows. Their cookies have the class `connection`. */
export const MUTED_FEATURE = 25

/** A port, told by its number and by the hash of its name, as another one may get the number. */
export interface Muted {
  readonly ofport: number
  readonly object: Hex
}

/** It is heard again when it has asked nothing for so long, and at times although it has. Seconds. */
const MUTED_IDLE_SECONDS = 5
const MUTED_SECONDS = 60
/** Ports that were muted at once are heard again one after the other. Seconds. */
const SPREAD_SECONDS = 30

/** No port is muted for longer. */
export const MUTED_MOST_SECONDS = MUTED_SECONDS + SPREAD_SECONDS

/** Above the flow by which the port asks. */
export function mutedFlow({ ofport }: Muted): FlowSpec {
  return flow(PUNT, 'muted', {
    match: [inPort(ofport)],
    instructions: DROP,
    idleTimeout: MUTED_IDLE_SECONDS,
    hardTimeout: MUTED_SECONDS + (ofport % SPREAD_SECONDS),
    notifyRemoved: true,
  })
}
