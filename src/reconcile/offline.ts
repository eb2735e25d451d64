// A plan with no switch at hand: pure, from manifests and perhaps a saved dump.
import type { ConnectionTimeouts } from '../features/east-west/index.js'
import { FEATURES, TUNNEL_FEATURES } from '../features/index.js'
import { ingress } from '../features/ingress/index.js'
import { punt } from '../features/punt/index.js'
import { tunnel } from '../features/tunnel/index.js'
import { tunnelIngress } from '../features/tunnel-ingress/index.js'
import type { ManifestSet } from '../manifest/model.js'
import { metersOf } from '../openflow/actions/meters.js'
import type { Match } from '../openflow/fields/match.js'
import type { Flow } from '../openflow/flow.js'
import { parseDump } from '../openflow/text/dump.js'
import type { PortNames } from '../openflow/text/port-names.js'
import { isOurs, parseCookie } from '../pipeline/cookie.js'
import { NO_METERS, type PacketInLimit } from '../plan/meters.js'
import type { PlanReport } from '../plan/report.js'
import { interfaceName } from '../topology/interfaces.js'
import { supposedInterfaces, SupposedPorts, supposedTunnelInterfaces } from '../topology/supposed.js'
import { buildTopology, type Topology } from '../topology/topology.js'
import { INTEGRATION_PATCH, TUNNEL_BRIDGE, TUNNEL_INTERFACE, TUNNEL_PATCH } from '../values/tunnel-patch.js'
import { objectHash } from '../values/hash.js'
import { numberFromHex } from '../values/hex.js'
import { originsIn } from './origins.js'
import { planAgainst } from './planner.js'

export interface OfflineOptions {
  readonly manifests: ManifestSet
  /** That of the tunnels, by its name, or an integration bridge. */
  readonly bridge: string
  readonly timeouts: ConnectionTimeouts
  readonly packetInLimit: PacketInLimit
  /** Port numbers by interface name. */
  readonly portMap: ReadonlyMap<string, number>
}

/**
 * Meters are as new as flows are. A port without a number has none: a meter has the number of its port.
 * @param node undefined: all ports count as plugged, whatever their host
 */
export function planAgainstEmpty(options: OfflineOptions, node: string | undefined): PlanReport {
  return report(options, node, new SupposedPorts(options.portMap), [])
}

/** Both bridges of a node; the one of the tunnels where the manifests have other nodes, and alone where it is asked for. */
export function planBridgesAgainstEmpty(
  options: OfflineOptions,
  node: string | undefined,
): readonly PlanReport[] {
  const { nodes } = options.manifests
  const isOneAsked = options.bridge === TUNNEL_BRIDGE
  const hasTunnels = !isOneAsked && node !== undefined && nodes.some(({ name }) => name !== node)
  const bridges = hasTunnels ? [options.bridge, TUNNEL_BRIDGE] : [options.bridge]
  return bridges.map((bridge) => planAgainstEmpty({ ...options, bridge }, node))
}

/**
 * Compares with the text of a dump. A port that the dump names or numbers has that name or number in the plan. A dump says
 * nothing of meters, and none are compared.
 * @throws ReconcileError INVALID_DUMP
 */
export function planAgainstDump(
  options: OfflineOptions,
  node: string | undefined,
  dump: { readonly file: string; readonly text: string },
): PlanReport {
  const read = (names: SupposedPorts) => parseDump(dump.file, dump.text, { names, isOurs })
  const asDumped = new SupposedPorts(options.portMap)
  const flows = read(asDumped)
  const byMeter = metersTold(flows, asDumped)
  const told = [...numbersTold(flows, options.manifests), ...byMeter]
  const names = new SupposedPorts(new Map([...told, ...options.portMap]))
  const installed = read(names)
  // A dump that holds our flows and none of the patch port is of a bridge without one.
  const ours = installed.flatMap(({ cookie }) => parseCookie(cookie) ?? [])
  const patched =
    ours.length === 0 || options.bridge === TUNNEL_BRIDGE || ours.some(({ feature }) => feature === tunnel.id)
  const { plan, ...rest } = report(
    options,
    node,
    names,
    installed,
    patched || options.portMap.has(TUNNEL_PATCH),
  )
  const { changes, conflicts, unchanged } = plan
  return { ...rest, names: namedAgain(names, byMeter), plan: { changes, conflicts, unchanged } }
}

function report(
  { manifests, bridge, timeouts, packetInLimit: limit }: OfflineOptions,
  node: string | undefined,
  names: SupposedPorts,
  installed: readonly Flow[],
  patched = true,
): PlanReport {
  const supposed = supposedInterfaces(manifests, names)
  const interfaces = patched ? supposed : supposed.filter(({ name }) => name !== TUNNEL_PATCH)
  const tunnelInterfaces = supposedTunnelInterfaces(manifests, names)
  const topology = buildTopology({ manifests, node, interfaces, tunnelInterfaces })
  const onSwitch = { ...NO_METERS, refused: withoutNumber(topology) }
  const features = bridge === TUNNEL_BRIDGE ? TUNNEL_FEATURES : FEATURES
  const plan = planAgainst(topology, installed, timeouts, { limit, onSwitch }, features)
  const origins = originsIn(manifests)
  return { bridge, node, createsBridge: false, plan, warnings: [], names, origins }
}

/** No meter can be asked for under the stand-in of a number. */
function withoutNumber({ localPorts }: Topology): ReadonlyMap<number, string> {
  const standIns = localPorts.filter(({ ofport }) => SupposedPorts.isStandIn(ofport))
  return new Map(standIns.map(({ ofport }) => [ofport, 'no number']))
}

type Told = readonly (readonly [name: string, number: number])[]

/** Our table-0 flows tell which port has which number: the number in the match, the port in the cookie. */
function numbersTold(flows: readonly Flow[], { ports }: ManifestSet): Told {
  const names = new Map(ports.map((port) => [objectHash('Port', port.name), interfaceName(port)]))
  return flows.flatMap(({ cookie, match, instructions }): Told => {
    const parsed = parseCookie(cookie)
    const number = inPortOf(match)
    if (!parsed || number === undefined || SupposedPorts.isStandIn(number)) return []
    const name =
      parsed.feature === ingress.id ? names.get(parsed.object) : endOf(parsed.feature, instructions)
    return name === undefined ? [] : [[name, number]]
  })
}

/** The port that a flow of one of our own ports is for. */
function endOf(feature: number, instructions: Flow['instructions']): string | undefined {
  if (feature === tunnel.id) return TUNNEL_PATCH
  if (feature !== tunnelIngress.id) return undefined
  return instructions.length > 0 ? INTEGRATION_PATCH : TUNNEL_INTERFACE
}

/** Where a dump has names, the meter of a port tells its number. */
function metersTold(flows: readonly Flow[], names: SupposedPorts): Told {
  return flows.flatMap(({ cookie, match, instructions }): Told => {
    if (parseCookie(cookie)?.feature !== punt.id) return []
    const name = names.nameOf(inPortOf(match) ?? 0)
    const [meter] = metersOf(instructions)
    return name !== undefined && meter !== undefined ? [[name, meter]] : []
  })
}

function inPortOf(match: Match): number | undefined {
  const value = match.find(({ field }) => field === 'in_port')?.value
  return value === undefined ? undefined : numberFromHex(value)
}

/** The same, but that these numbers print by their names, as in the dump. */
function namedAgain(names: SupposedPorts, told: Told): PortNames {
  const known = new Map(told.map(([name, number]) => [number, name]))
  return {
    portOf: (name) => names.portOf(name),
    nameOf: (port) => known.get(port) ?? names.nameOf(port),
  }
}
