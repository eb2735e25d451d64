// The reactive flows of a dump to records of who speaks to whom. The shape is part of the product, as it is what `-o json`
// prints: fields are added, never renamed.
import { type NextHop, pairFlows, type FlowPath, type PathKind, readFlowPath } from '../compile/flow-path.js'
import type { Port } from '../manifest/model.js'
import type { FlowEntry } from '../openflow/messages/flow-stats.js'
import { countersOf } from '../openflow/text/print-stats.js'
import { renderCidr } from '../values/cidr.js'
import { type Hex, numberFromHex } from '../values/hex.js'
import { renderIpv4 } from '../values/ipv4.js'
import type { Mac } from '../values/mac.js'

/** One end of a connection. What neither flows nor manifests tell is null. */
export interface End {
  /** `10.1.0.3`, or for the far end of a fallback `10.2.0.0/24`. */
  readonly address: string | null
  readonly mac: string | null
  /** Of its network. */
  readonly segmentationId: number | null
  readonly ofport: number | null
  readonly interface: string | null
  /** Name of the Port. */
  readonly port: string | null
  /** The node that the manifests say it is on. */
  readonly node: string | null
}

/** The flow of one direction. Times are in seconds; null: the switch does not say, or there is no such timeout. */
export interface Direction {
  readonly packets: number | null
  readonly bytes: number | null
  readonly duration: number | null
  readonly idleTimeout: number
  readonly hardTimeout: number
  readonly idleAge: number | null
  readonly idleLeft: number | null
  readonly hardLeft: number | null
}

export interface ConnectionRecord {
  readonly kind: PathKind
  /** When the older flow was added, ISO 8601, UTC; null: the switch does not say. */
  readonly since: string | null
  readonly a: End
  readonly b: End
  /** Null: there is no flow in this direction. */
  readonly aToB: Direction | null
  readonly bToA: Direction | null
}

/** What is known of a port of the bridge besides the flows of connections. */
export interface KnownPort {
  readonly interface: string | undefined
  readonly segmentationId: number | undefined
  readonly port: NamedPort | undefined
}

/** A Port of the manifests. */
export type NamedPort = Pick<Port, 'name' | 'host'>

export interface PortLookup {
  /** By number on the bridge, and the object part of a cookie. */
  readonly local: (ofport: number, object?: Hex) => KnownPort
  /** On other nodes: by the segmentation id of its network, in which no two have the same MAC address. */
  readonly remote: (segmentationId: number, mac: Mac) => NamedPort | undefined
}

interface Item {
  readonly entry: FlowEntry
  readonly flow: FlowPath
}

/** Connections first, each with the lower address as A, in the order of addresses. */
export function connectionList(
  entries: readonly FlowEntry[],
  portAt: PortLookup,
  now: Date,
): readonly ConnectionRecord[] {
  const items = entries.flatMap((entry): readonly Item[] => {
    const flow = readFlowPath(entry)
    return flow ? [{ entry, flow }] : []
  })
  return pairFlows(items, ({ flow }) => flow)
    .map(([one, other]) => (isForward(one.flow) ? { there: one, back: other } : { there: other, back: one }))
    .sort((x, y) => compareSides(sideA(x), sideA(y)) || compareSides(sideB(x), sideB(y)))
    .map((sides) => recordOf(sides, portAt, now))
}

/** Which directions there are; at least one. */
interface Sides {
  readonly there: Item | undefined
  readonly back: Item | undefined
}

/** The lower address is A, so that a connection that loses a direction stays where it was. */
function isForward({ kind, from, to, ofport, next }: FlowPath): boolean {
  if (kind !== 'connection' || from === undefined) return true
  return from === to.network ? ofport <= (next?.ofport ?? ofport) : from < to.network
}

const ORDER: readonly PathKind[] = ['connection', 'fallback', 'refused']

type Side = readonly [kind: number, address: number, ofport: number]

function sideA({ there, back }: Sides): Side {
  if (there) return [ORDER.indexOf(there.flow.kind), there.flow.from ?? 0, there.flow.ofport]
  return [0, back?.flow.to.network ?? 0, back?.flow.next?.ofport ?? 0]
}

function sideB({ there, back }: Sides): Side {
  if (there) return [0, there.flow.to.network, there.flow.next?.ofport ?? 0]
  return [0, back?.flow.from ?? 0, back?.flow.ofport ?? 0]
}

function compareSides(x: Side, y: Side): number {
  return x[0] - y[0] || x[1] - y[1] || x[2] - y[2]
}

function recordOf({ there, back }: Sides, portAt: PortLookup, now: Date): ConnectionRecord {
  const [aToB, bToA] = [there && directionOf(there.entry), back && directionOf(back.entry)]
  return {
    kind: there?.flow.kind ?? 'connection',
    since: sinceOf([aToB, bToA], now),
    a: there ? nearEnd(there.flow, portAt) : farEnd(back?.flow, portAt),
    b: back ? nearEnd(back.flow, portAt) : farEnd(there?.flow, portAt),
    aToB: aToB ?? null,
    bToA: bToA ?? null,
  }
}

function nearEnd({ from, mac, ofport, object, segmentationId }: FlowPath, portAt: PortLookup): End {
  const known = portAt.local(ofport, object)
  return {
    ...{ address: from === undefined ? null : renderIpv4(from), mac, segmentationId, ofport },
    ...{ interface: known.interface ?? null, ...namesOf(known.port) },
  }
}

function farEnd(flow: FlowPath | undefined, portAt: PortLookup): End {
  const next: Partial<NextHop> = flow?.next ?? {}
  const known: Partial<KnownPort> = next.ofport === undefined ? {} : portAt.local(next.ofport)
  return {
    address: flow ? renderTo(flow) : null,
    mac: next.mac ?? null,
    segmentationId: known.segmentationId ?? next.tunnelId ?? null,
    ofport: next.ofport ?? null,
    interface: known.interface ?? null,
    ...namesOf(next.ofport === undefined ? remotePort(flow?.next, portAt) : known.port),
  }
}

function remotePort(next: NextHop | undefined, { remote }: PortLookup): NamedPort | undefined {
  return next?.tunnelId === undefined ? undefined : remote(next.tunnelId, next.mac)
}

function namesOf(port: NamedPort | undefined): Pick<End, 'port' | 'node'> {
  return { port: port?.name ?? null, node: port?.host ?? null }
}

function renderTo({ to }: FlowPath): string {
  return to.prefixLength === 32 ? renderIpv4(to.network) : renderCidr(to)
}

function directionOf(entry: FlowEntry): Direction {
  const { packetCount, byteCount, durationSec, durationNsec = 0, idleSec = null } = countersOf(entry)
  const { idleTimeout, hardTimeout } = entry
  const duration = durationSec === undefined ? null : durationSec + durationNsec / 1e9
  return {
    packets: packetCount === undefined ? null : numberFromHex(packetCount),
    bytes: byteCount === undefined ? null : numberFromHex(byteCount),
    ...{ duration, idleTimeout, hardTimeout, idleAge: idleSec },
    idleLeft: left(idleTimeout, idleSec),
    hardLeft: left(hardTimeout, duration),
  }
}

/** The switch may look at its timeouts a little late. */
function left(timeout: number, age: number | null): number | null {
  return timeout === 0 || age === null ? null : Math.max(0, timeout - age)
}

function sinceOf(directions: readonly (Direction | undefined)[], now: Date): string | null {
  const ages = directions.flatMap((direction) => direction?.duration ?? [])
  return ages.length === 0 ? null : new Date(now.getTime() - Math.max(...ages) * 1000).toISOString()
}
