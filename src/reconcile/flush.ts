// Which flows go when somebody asks for an object to be flushed: those made from packets whose path has the object in it.
// Pure: topology and flows in, changes and their counts out.
import { reactiveOfFlow } from '../compile/observed.js'
import { pairFlows, type FlowPath, readFlowPath } from '../compile/flow-path.js'
import { ReconcileError } from '../errors/error.js'
import type { ManifestSet } from '../manifest/model.js'
import type { ManifestStore } from '../manifest/store.js'
import { nearest } from '../manifest/suggest.js'
import type { Flow } from '../openflow/flow.js'
import type { Change } from '../plan/plan.js'
import type { PlacedPort, RouterLeg, Topology } from '../topology/topology.js'
import { objectHash } from '../values/hash.js'
import type { Ipv4 } from '../values/ipv4.js'

/** Kinds that a packet passes on its way. */
export const FLUSH_KINDS = ['Port', 'Router', 'Subnet', 'Network'] as const

export interface FlushObject {
  readonly kind: (typeof FLUSH_KINDS)[number]
  readonly name: string
}

export type FlushTarget = FlushObject | 'all'

/** How many were there. */
export interface Flushed {
  readonly flows: number
  /** Of one direction or both. */
  readonly connections: number
  readonly refused: number
  readonly fallbacks: number
}

export interface FlushPlan {
  readonly changes: readonly Change[]
  readonly flushed: Flushed
}

/** `Port/vm1` to its parts; undefined where it is nothing that can be flushed. */
export function parseFlushObject(text: string): FlushObject | undefined {
  const [kindText, name, ...rest] = text.split('/')
  const kind = FLUSH_KINDS.find((known) => known === kindText)
  return kind && name && rest.length === 0 ? { kind, name } : undefined
}

/** @throws ReconcileError UNKNOWN_OBJECT where the manifests have none of that name, or there are no good ones */
export function checkFlushable({ kind, name }: FlushObject, store: ManifestStore | undefined): void {
  if (store?.has(kind, name)) return
  const names = store?.all()[LISTS[kind]].map((object) => object.name) ?? []
  const near = nearest(name, names)
  throw new ReconcileError('UNKNOWN_OBJECT', `The manifests of the daemon have no ${kind} "${name}".`, {
    remedy:
      near === undefined ? 'Use reconcile status --all to see what there is.' : `Did you mean "${near}"?`,
  })
}

const LISTS = {
  Port: 'ports',
  Router: 'routers',
  Subnet: 'subnets',
  Network: 'networks',
} as const satisfies Record<FlushObject['kind'], keyof ManifestSet>

/** @param flows of the bridge, of whatever class */
export function planFlush(topology: Topology, flows: Iterable<Flow>, target: FlushTarget): FlushPlan {
  const isMeant = target === 'all' ? () => true : pathTest(topology, target)
  const all = [...flows]
  const chosen = all.flatMap((installed) => {
    const reactive = readFlowPath(installed)
    return reactive && isMeant(reactive) ? [{ installed, reactive }] : []
  })
  const muted = all.filter((installed) => isMuted(installed, target))
  const counts = { connection: 0, refused: 0, fallback: 0 }
  for (const [{ reactive }] of pairFlows(chosen, (item) => item.reactive)) counts[reactive.kind]++
  return {
    changes: [...chosen.map(({ installed }) => installed), ...muted].map((installed) => ({
      kind: 'delete',
      installed,
    })),
    flushed: {
      flows: chosen.length + muted.length,
      connections: counts.connection,
      refused: counts.refused,
      fallbacks: counts.fallback,
    },
  }
}

/** A port is heard again when it is flushed itself. */
function isMuted(flow: Flow, target: FlushTarget): boolean {
  const reactive = reactiveOfFlow(flow)
  if (reactive?.kind !== 'muted') return false
  return (
    target === 'all' ||
    (target.kind === 'Port' && reactive.muted.object === objectHash(target.kind, target.name))
  )
}

function pathTest(topology: Topology, { kind, name }: FlushObject): (flow: FlowPath) => boolean {
  const key = `${kind}/${name}`
  if (kind !== 'Port') return (flow) => pathOf(topology, flow).includes(key)
  const hash = objectHash(kind, name)
  const placed = [...topology.localPorts, ...topology.remotePorts]
  const port = placed.find((each) => each.port.name === name)?.port
  const subnets = new Set(port?.fixedIps.map(({ subnet }) => subnet))
  return (flow) =>
    flow.object === hash ||
    pathOf(topology, flow).includes(key) ||
    // A fallback is for every port of the subnet that it leads to.
    (flow.kind === 'fallback' && subnets.has(egressOf(topology, flow)?.subnet.name ?? ''))
}

/** The objects on the way of its packets, as far as they are known. */
function pathOf(topology: Topology, flow: FlowPath): readonly string[] {
  const source = topology.localPortAt(flow.ofport)
  const egress = egressOf(topology, flow)
  const legs = [ingressOf(topology, flow), egress].filter((leg) => leg !== undefined)
  const destination =
    flow.next?.ofport === undefined
      ? egress && holderTowards(topology, egress, flow.to.network)
      : topology.localPortAt(flow.next.ofport)
  const ends = [source, destination].filter((end) => end !== undefined)
  return [
    ...ends.flatMap(({ port, network }) => [`Port/${port.name}`, `Network/${network.name}`]),
    ...legs.flatMap(({ router, subnet, network }) => [
      `Router/${router.name}`,
      `Subnet/${subnet.name}`,
      `Network/${network.name}`,
    ]),
  ]
}

/** Whom its router gives a packet to. */
function holderTowards(topology: Topology, { router }: RouterLeg, address: Ipv4): PlacedPort | undefined {
  const hop = topology.hopTowards(router.name, address)
  return hop && topology.neighbourAt(hop.leg.subnet.name, hop.address)?.holder
}

function ingressOf(topology: Topology, flow: FlowPath): RouterLeg | undefined {
  return topology.legWithMac(flow.segmentationId, flow.gatewayMac)
}

/** A flow that sends packets out says by which leg; of others the destination does. */
function egressOf(topology: Topology, flow: FlowPath): RouterLeg | undefined {
  if (flow.next) {
    const { ofport, tunnelId, gatewayMac } = flow.next
    const local = ofport === undefined ? undefined : topology.localPortAt(ofport)
    const segmentationId = local?.network.segmentationId ?? tunnelId
    return segmentationId === undefined ? undefined : topology.legWithMac(segmentationId, gatewayMac)
  }
  const ingress = ingressOf(topology, flow)
  return ingress && topology.hopTowards(ingress.router.name, flow.to.network)?.leg
}
