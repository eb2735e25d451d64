// Flows of class connection read back from a switch: whose packets each is for, and where it sends them. The match and the
// actions alone are asked, so it takes no manifests; the two directions of one connection find each other by them.
import { FALLBACK_FEATURE } from '../features/east-west/fallback.js'
import { CONNECTION_FEATURE } from '../features/east-west/index.js'
import { REFUSED_FEATURE } from '../features/east-west/refused.js'
import type { Action } from '../openflow/actions/actions.js'
import type { Flow } from '../openflow/flow.js'
import type { MatchField } from '../openflow/fields/match.js'
import { PORT } from '../openflow/ports.js'
import { type Cookie, parseCookie } from '../pipeline/cookie.js'
import { segmentationIdOf } from '../pipeline/registers.js'
import type { Cidr } from '../values/cidr.js'
import { type Hex, numberFromHex } from '../values/hex.js'
import type { Ipv4 } from '../values/ipv4.js'
import { type Mac, macFromHex } from '../values/mac.js'

/**
 * - connection: one direction between two addresses
 * - refused: a pair that has no route, dropped for a few seconds
 * - fallback: from one port to a whole subnet, where the port has too many connections for one flow each
 */
export type PathKind = 'connection' | 'refused' | 'fallback'

/** Features of class connection, by the number in their cookies. */
const KINDS: ReadonlyMap<number, PathKind> = new Map([
  [CONNECTION_FEATURE, 'connection'],
  [REFUSED_FEATURE, 'refused'],
  [FALLBACK_FEATURE, 'fallback'],
])

/** Where a router sends a packet: the port and MAC of the host, and the router's own MAC on that side. */
export interface NextHop {
  /** Undefined: it is on another node. */
  readonly ofport: number | undefined
  /** Segmentation id of the network that it is sent into, where it is on another node. */
  readonly tunnelId: number | undefined
  readonly mac: Mac
  readonly gatewayMac: Mac
}

export interface FlowPath {
  readonly kind: PathKind
  /** The object part of its cookie: the hash of the Port that sends. */
  readonly object: Hex
  readonly ofport: number
  readonly segmentationId: number
  readonly mac: Mac
  /** Of the router, as the sender sees it. */
  readonly gatewayMac: Mac
  /** Undefined: any. */
  readonly from: Ipv4 | undefined
  /** One address has a prefix of 32 bits. */
  readonly to: Cidr
  /** Undefined: the flow sends nothing out, or leaves that to another table. */
  readonly next: NextHop | undefined
}

/** Undefined for a flow that is none of class connection, or not of a shape that this program makes. */
export function readFlowPath({
  cookie,
  match,
  instructions,
}: Pick<Flow, 'cookie' | 'match' | 'instructions'>): FlowPath | undefined {
  const owner = parseCookie(cookie)
  const kind = owner && kindOf(owner)
  const field = (name: string): MatchField | undefined => match.find((known) => known.field === name)
  const [inPort, metadata, ethSrc, ethDst] = ['in_port', 'metadata', 'eth_src', 'eth_dst'].map(
    (name) => field(name)?.value,
  )
  const [ipSrc, ipDst] = [field('ip_src')?.value, field('ip_dst')]
  const to = kind && cidrOf(kind, ipDst)
  if (!to || !inPort || !metadata || !ethSrc || !ethDst) return undefined
  const ofport = numberFromHex(inPort)
  const actions = instructions.flatMap((known) => (known.type === 'apply_actions' ? known.actions : []))
  return {
    ...{ kind, ofport, object: owner.object, segmentationId: segmentationIdOf(metadata) },
    ...{ mac: macFromHex(ethSrc), gatewayMac: macFromHex(ethDst) },
    from: ipSrc && (numberFromHex(ipSrc) as Ipv4),
    to,
    next: nextHop(actions, ofport),
  }
}

function kindOf({ class: cookieClass, feature }: Cookie): PathKind | undefined {
  return cookieClass === 'connection' ? KINDS.get(feature) : undefined
}

/** A fallback to everywhere, the prefix of a default route, matches no destination. */
function cidrOf(kind: PathKind, ipDst: MatchField | undefined): Cidr | undefined {
  if (!ipDst) return kind === 'fallback' ? { network: 0 as Ipv4, prefixLength: 0 } : undefined
  const { value, mask } = ipDst
  const prefixLength = mask === undefined ? 32 : Math.clz32(~numberFromHex(mask))
  return { network: numberFromHex(value) as Ipv4, prefixLength }
}

function nextHop(actions: readonly Action[], inPort: number): NextHop | undefined {
  const set = (name: string): Hex | undefined => {
    const action = actions.find((known) => known.type === 'set_field' && known.field === name)
    return action?.type === 'set_field' ? action.value : undefined
  }
  const output = actions.find(({ type }) => type === 'output')
  const [mac, gatewayMac, tunnelId] = [set('eth_dst'), set('eth_src'), set('tun_id')]
  if (!mac || !gatewayMac) return undefined
  const macs = { mac: macFromHex(mac), gatewayMac: macFromHex(gatewayMac) }
  if (tunnelId) return { ofport: undefined, tunnelId: numberFromHex(tunnelId), ...macs }
  if (output?.type !== 'output') return undefined
  return { ofport: output.port === PORT.IN_PORT ? inPort : output.port, tunnelId: undefined, ...macs }
}

/** The two directions of a connection, or one of them where the other has expired; a flow of another kind is alone. */
export type Pair<T> = readonly [T, T | undefined]

/** In the order of the flows. @param read gives what `readFlowPath` gave for an item */
export function pairFlows<T>(items: readonly T[], read: (item: T) => FlowPath): readonly Pair<T>[] {
  const byId = new Map(items.map((item) => [idOf(read(item)), item]))
  const pairs: Pair<T>[] = []
  for (const item of items) {
    const flow = read(item)
    if (!byId.delete(idOf(flow))) continue // it went with the one before it
    const reverse = reverseId(flow)
    const other = reverse === undefined ? undefined : byId.get(reverse)
    if (reverse !== undefined) byId.delete(reverse)
    pairs.push([item, other])
  }
  return pairs
}

function idOf(flow: FlowPath): string {
  const { kind, from, to } = flow
  return `${kind} ${placeOf(flow)} ${from ?? '*'} ${to.network}/${to.prefixLength}`
}

/** What the other direction is called; two tenants' equal addresses are told apart by their ports. */
function reverseId({ kind, from, to, next }: FlowPath): string | undefined {
  // What a host on another node answers has its flow there.
  if (kind !== 'connection' || next?.ofport === undefined || from === undefined) return undefined
  return `${kind} ${placeOf(next)} ${to.network} ${from}/32`
}

function placeOf({ ofport, mac, gatewayMac }: Omit<NextHop, 'tunnelId'>): string {
  return `${ofport} ${mac} ${gatewayMac}`
}
