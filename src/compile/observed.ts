// Connections read back from the flows of a switch: after a restart they are all that is left of what was allowed.
import type { Flow } from '../openflow/flow.js'
import { parseCookie } from '../pipeline/cookie.js'
import type { ConnectionHalf } from '../topology/connection.js'
import { type Hex, numberFromHex } from '../values/hex.js'
import type { Ipv4 } from '../values/ipv4.js'
import { macFromHex } from '../values/mac.js'

export function isConnectionFlow({ cookie }: Pick<Flow, 'cookie'>): boolean {
  return parseCookie(cookie)?.class === 'connection'
}

/** The half that a connection flow is for; undefined when its match is not one that this program makes. */
export function halfOfFlow({ match }: Pick<Flow, 'match'>): ConnectionHalf | undefined {
  const value = (name: string): Hex | undefined =>
    match.find(({ field, mask }) => field === name && mask === undefined)?.value
  const [ofport, metadata, ethSrc, ethDst, ipSrc, ipDst] = [
    value('in_port'),
    value('metadata'),
    value('eth_src'),
    value('eth_dst'),
    value('ip_src'),
    value('ip_dst'),
  ]
  if (!ofport || !metadata || !ethSrc || !ethDst || !ipSrc || !ipDst) return undefined
  return {
    ofport: numberFromHex(ofport),
    segmentationId: numberFromHex(metadata),
    ethSrc: macFromHex(ethSrc),
    ethDst: macFromHex(ethDst),
    ipSrc: numberFromHex(ipSrc) as Ipv4,
    ipDst: numberFromHex(ipDst) as Ipv4,
  }
}

/** The halves of all connection flows in a dump. */
export function halvesOfFlows(flows: Iterable<Flow>): readonly ConnectionHalf[] {
  return [...flows].filter(isConnectionFlow).flatMap((flow) => halfOfFlow(flow) ?? [])
}
