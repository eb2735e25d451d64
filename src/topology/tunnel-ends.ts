// The two ports of the tunnel bridge, found among its interfaces by name and type.
import { INTEGRATION_PATCH, TUNNEL_INTERFACE } from '../values/tunnel-patch.js'
import type { SwitchInterface } from './interfaces.js'

/** OpenFlow port numbers on the tunnel bridge. */
export interface TunnelEnds {
  /** To the integration bridge. */
  readonly patchPort: number
  /** To all other nodes. */
  readonly tunnelPort: number
}

/** OVSDB's interface types that a flow gives a remote address and a key. */
const TUNNEL_TYPES: ReadonlySet<string> = new Set(['geneve', 'vxlan', 'gre'])

/** @returns undefined as long as one of the two has no number */
export function tunnelEnds(interfaces: readonly SwitchInterface[]): TunnelEnds | undefined {
  const patch = interfaces.find(({ name, type }) => name === INTEGRATION_PATCH && type === 'patch')
  const tunnel = interfaces.find(({ name, type }) => name === TUNNEL_INTERFACE && TUNNEL_TYPES.has(type))
  const [patchPort, tunnelPort] = [patch?.ofport, tunnel?.ofport]
  return patchPort === undefined || tunnelPort === undefined ? undefined : { patchPort, tunnelPort }
}
