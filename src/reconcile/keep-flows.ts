// Which flows of objects that are gone may stay beside the desired ones: flows and what the switch holds in, more desired
// flows out. No frame may come to another network by it. Pure.
import type { DesiredFlow, DesiredFlows } from '../compile/desired.js'
import { isConnectionFlow } from '../compile/observed.js'
import { ingress } from '../features/ingress/index.js'
import { layer2Group } from '../features/layer2/index.js'
import { neighbours } from '../features/neighbours/index.js'
import { tunnelIngress } from '../features/tunnel-ingress/index.js'
import type { Kind } from '../manifest/model.js'
import type { Action } from '../openflow/actions/actions.js'
import { type Flow, flowInstructions, flowKey } from '../openflow/flow.js'
import { reservedPortName } from '../openflow/ports.js'
import { apply, output } from '../pipeline/actions.js'
import { isOurs, parseCookie } from '../pipeline/cookie.js'
import { type Hex, numberFromHex } from '../values/hex.js'

/** Kind by hash, of objects that have flows on the switch. */
export type Gone = ReadonlyMap<Hex, Kind>

export interface Installed {
  readonly installed: readonly Flow[]
  /** Numbers of the ports that the bridge has. */
  readonly ofports: ReadonlySet<number>
}

/**
 * The desired flows with those of objects that are gone. A flow stays only where every port that it names is in the
 * network it was in. A network's group flow goes on to the ports that stay.
 * @returns undefined when another network has taken over the number of one whose ports stay: guests of both would meet
 */
export function keepFlows(
  desired: DesiredFlows,
  { installed, ofports }: Installed,
  gone: Gone,
): DesiredFlows | undefined {
  const leaving = installed.filter((flow) => isOurs(flow.cookie) && !desired.has(flowKey(flow)))
  const orphans = orphanPorts(leaving, ofports, gone)
  const groups = installed.flatMap((flow) => keepGroup(desired, flow, orphans) ?? [])
  if (groups.some(({ takenOver }) => takenOver)) return undefined
  const settled = new Set([...orphans, ...settledPorts(desired, installed)])
  const routerGone = [...gone.values()].includes('Router')
  const stays = (flow: Flow): boolean => {
    const ports = portsOf(flow)
    if (!ports.every((port) => settled.has(port)) || isOf(flow, layer2Group.id)) return false
    const isOfOrphan = ports.some((port) => orphans.has(port))
    if (isConnectionFlow(flow)) return routerGone || isOfOrphan
    // A router's way to a host is the router's, and goes on as long as the host does.
    return gone.has(objectOf(flow)) || (isOfOrphan && isOf(flow, neighbours.id))
  }
  const kept = withFlows(desired, leaving.filter(stays))
  return new Map([...kept, ...groups.map(({ flow }) => [flow.key, flow] as const)])
}

/** Flows of the switch as desired ones: nothing of them changes. */
export function withFlows(desired: DesiredFlows, flows: readonly Flow[]): DesiredFlows {
  return new Map([...desired, ...flows.map((flow) => [flowKey(flow), asDesired(flow)] as const)])
}

export function asDesired(flow: Flow, reasons: DesiredFlow['reasons'] = []): DesiredFlow {
  return {
    flow,
    key: flowKey(flow),
    instructions: flowInstructions(flow),
    reasons,
  }
}

/** Ports of the bridge whose object is gone and whose number nobody else has claimed. */
function orphanPorts(
  leaving: readonly Flow[],
  ofports: ReadonlySet<number>,
  gone: Gone,
): ReadonlySet<number> {
  const entries = leaving.filter((flow) => isEntry(flow) && gone.has(objectOf(flow)))
  return new Set(entries.flatMap(inPort).filter((port) => ofports.has(port)))
}

/** Claimed ports that are in the network they were in. */
function settledPorts(desired: DesiredFlows, installed: readonly Flow[]): readonly number[] {
  const isSame = (flow: Flow) => desired.get(flowKey(flow))?.instructions === flowInstructions(flow)
  return installed.filter((flow) => (isEntry(flow) || isTunnelEnd(flow)) && isSame(flow)).flatMap(inPort)
}

/** Of the two ports of the tunnel bridge. */
function isTunnelEnd({ cookie }: Flow): boolean {
  return parseCookie(cookie)?.feature === tunnelIngress.id
}

/** The flow that puts what comes in by a port into the port's network; its neighbour that drops says nothing of it. */
function isEntry(flow: Flow): boolean {
  return isOf(flow, ingress.id) && flow.instructions.length > 0
}

interface KeptGroup {
  readonly flow: DesiredFlow
  readonly takenOver: boolean
}

/** A network's group flow with the ports that stay, where it would lose them or go. */
function keepGroup(
  desired: DesiredFlows,
  installed: Flow,
  orphans: ReadonlySet<number>,
): KeptGroup | undefined {
  const staying = isOf(installed, layer2Group.id)
    ? outputs(installed).filter((port) => orphans.has(port))
    : []
  if (staying.length === 0) return undefined
  const wanted = desired.get(flowKey(installed))
  const ports = new Set([...(wanted ? outputs(wanted.flow) : []), ...staying])
  const base = wanted?.flow ?? installed
  const instructions = withOutputs(base, [...ports].sort((a, b) => a - b).map(output))
  const takenOver = wanted !== undefined && objectOf(wanted.flow) !== objectOf(installed)
  return { flow: asDesired({ ...base, instructions }, wanted?.reasons), takenOver }
}

/** The same with these outputs; what comes after them, the way to other nodes, stays as it is. */
export function withOutputs({ instructions }: Flow, outs: readonly Action[]): Flow['instructions'] {
  return instructions.map((instruction) =>
    instruction.type === 'apply_actions'
      ? apply(...outs, ...instruction.actions.filter(({ type }) => type !== 'output'))
      : instruction,
  )
}

function isOf({ cookie }: Flow, feature: number): boolean {
  const parsed = parseCookie(cookie)
  return parsed?.class === 'model' && parsed.feature === feature
}

function objectOf({ cookie }: Flow): Hex {
  return parseCookie(cookie)?.object ?? ('' as Hex)
}

function portsOf(flow: Flow): readonly number[] {
  return [...inPort(flow), ...outputs(flow)]
}

function inPort({ match }: Flow): readonly number[] {
  return match.flatMap(({ field, value }) => (field === 'in_port' ? [numberFromHex(value)] : []))
}

/** Without reserved ports: "back where it came from" and "to the controller" name no guest. */
export function outputs({ instructions }: Flow): readonly number[] {
  return instructions
    .flatMap((instruction) => (instruction.type === 'apply_actions' ? instruction.actions : []))
    .flatMap((action) => (action.type === 'output' && !reservedPortName(action.port) ? [action.port] : []))
}
