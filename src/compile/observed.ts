// What packets have made of the table, read back from the flows of a switch: after a restart they are all that is left of
// what was allowed and refused.
import { CONNECTION_FEATURE } from '../features/east-west/index.js'
import { type Fallback, FALLBACK_FEATURE, fallbackId } from '../features/east-west/fallback.js'
import { type Muted, MUTED_FEATURE } from '../features/punt/muted.js'
import { REFUSED_FEATURE } from '../features/east-west/refused.js'
import type { Flow } from '../openflow/flow.js'
import { parseCookie } from '../pipeline/cookie.js'
import { segmentationIdOf } from '../pipeline/registers.js'
import { connectionId, type ConnectionHalf } from '../topology/connection.js'
import type { Cidr } from '../values/cidr.js'
import { type Hex, numberFromHex } from '../values/hex.js'
import type { Ipv4 } from '../values/ipv4.js'
import { macFromHex } from '../values/mac.js'

/** One flow that a packet asked for: of a connection, of a pair that is refused, to all hosts of a subnet, of a port that asks too much. */
export type ReactiveFlow =
  | { readonly kind: 'connection' | 'refused'; readonly half: ConnectionHalf }
  | { readonly kind: 'fallback'; readonly fallback: Fallback }
  | { readonly kind: 'muted'; readonly muted: Muted }

export type ReactiveKind = ReactiveFlow['kind']

/** Unique among those of its kind. */
export function reactiveId(reactive: ReactiveFlow): string {
  switch (reactive.kind) {
    case 'fallback':
      return fallbackId(reactive.fallback)
    case 'muted':
      return `${reactive.muted.ofport}/${reactive.muted.object}`
    default:
      return connectionId(reactive.half)
  }
}

/** The port that its packets come in by. */
export function ofportOf(reactive: ReactiveFlow): number {
  switch (reactive.kind) {
    case 'fallback':
      return reactive.fallback.ofport
    case 'muted':
      return reactive.muted.ofport
    default:
      return reactive.half.ofport
  }
}

/** Is it a flow that a packet asked for, whatever its kind? */
export function isConnectionFlow({ cookie }: Pick<Flow, 'cookie'>): boolean {
  return parseCookie(cookie)?.class === 'connection'
}

/** Undefined for a flow of another class, and when the match is not one that this program makes. */
export function reactiveOfFlow(flow: Pick<Flow, 'cookie' | 'match'>): ReactiveFlow | undefined {
  const cookie = parseCookie(flow.cookie)
  if (cookie?.class !== 'connection') return undefined
  if (cookie.feature === FALLBACK_FEATURE) {
    const fallback = fallbackOfFlow(flow)
    return fallback && { kind: 'fallback', fallback }
  }
  if (cookie.feature === MUTED_FEATURE) {
    const inPort = exact(flow, 'in_port')
    return inPort && { kind: 'muted', muted: { ofport: numberFromHex(inPort), object: cookie.object } }
  }
  const kind = KIND_OF_FEATURE.get(cookie.feature)
  const half = kind && halfOfFlow(flow)
  return half && { kind, half }
}

const KIND_OF_FEATURE: ReadonlyMap<number, 'connection' | 'refused'> = new Map([
  [CONNECTION_FEATURE, 'connection'],
  [REFUSED_FEATURE, 'refused'],
])

/** All of a dump. */
export function reactiveOfFlows(flows: Iterable<Flow>): readonly ReactiveFlow[] {
  return [...flows].flatMap((flow) => reactiveOfFlow(flow) ?? [])
}

type Matching = Pick<Flow, 'match'>

/** The half that a flow is for; undefined when its match is not one that this program makes. */
export function halfOfFlow(flow: Matching): ConnectionHalf | undefined {
  const sender = senderOf(flow)
  const [ipSrc, ipDst] = [exact(flow, 'ip_src'), exact(flow, 'ip_dst')]
  if (!sender || !ipSrc || !ipDst) return undefined
  return { ...sender, ipSrc: numberFromHex(ipSrc) as Ipv4, ipDst: numberFromHex(ipDst) as Ipv4 }
}

function fallbackOfFlow(flow: Matching): Fallback | undefined {
  const sender = senderOf(flow)
  return sender && { ...sender, prefix: prefixOf(flow) }
}

/** Without the field it is everywhere: the prefix of length 0 has no match. */
function prefixOf({ match }: Matching): Cidr {
  const ipDst = match.find(({ field }) => field === 'ip_dst')
  if (!ipDst) return { network: 0 as Ipv4, prefixLength: 0 }
  const hostBits = ipDst.mask === undefined ? 0 : 2 ** 32 - 1 - numberFromHex(ipDst.mask)
  return { network: numberFromHex(ipDst.value) as Ipv4, prefixLength: Math.clz32(hostBits) }
}

/** What all of them match. */
function senderOf(flow: Matching): Omit<Fallback, 'prefix'> | undefined {
  const [ofport, metadata] = [exact(flow, 'in_port'), exact(flow, 'metadata')]
  const [ethSrc, ethDst] = [exact(flow, 'eth_src'), exact(flow, 'eth_dst')]
  if (!ofport || !metadata || !ethSrc || !ethDst) return undefined
  return {
    ofport: numberFromHex(ofport),
    segmentationId: segmentationIdOf(metadata),
    ethSrc: macFromHex(ethSrc),
    ethDst: macFromHex(ethDst),
  }
}

function exact({ match }: Matching, name: string): Hex | undefined {
  return match.find(({ field, mask }) => field === name && mask === undefined)?.value
}
