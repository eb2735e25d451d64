// A plan with no switch at hand: pure, from manifests and perhaps a saved dump.
import type { ConnectionTimeouts } from '../features/east-west/index.js'
import { ingress } from '../features/ingress/index.js'
import { punt } from '../features/punt/index.js'
import { tunnel } from '../features/tunnel/index.js'
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
import { supposedInterfaces, SupposedPorts } from '../topology/supposed.js'
import { buildTopology, type Topology } from '../topology/topology.js'
import { TUNNEL_PATCH } from '../values/tunnel-patch.js'
import { objectHash } from '../values/hash.js'
import { numberFromHex } from '../values/hex.js'
import { originsIn } from './origins.js'
import { planAgainst } from './planner.js'

export interface OfflineOptions {
  readonly manifests: ManifestSet
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
  const patched = ours.length === 0 || ours.some(({ feature }) => feature === tunnel.id)
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
  const topology = buildTopology({ manifests, node, interfaces })
  const onSwitch = { ...NO_METERS, refused: withoutNumber(topology) }
  const plan = planAgainst(topology, installed, timeouts, { limit, onSwitch })
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
  return flows.flatMap(({ cookie, match }): Told => {
    const parsed = parseCookie(cookie)
    const number = inPortOf(match)
    if (!parsed || number === undefined) return []
    const name = parsed.feature === tunnel.id ? TUNNEL_PATCH : names.get(parsed.object)
    const tells = parsed.feature === tunnel.id || parsed.feature === ingress.id
    return tells && name !== undefined && !SupposedPorts.isStandIn(number) ? [[name, number]] : []
  })
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
