// Flows to other nodes, while it is not known where their ports are: neither git says it, nor has a node been heard, but
// the switch does. Desired flows and what the switch holds in, desired flows with what leads to others out. Pure.
import type { DesiredFlow, DesiredFlows } from '../compile/desired.js'
import { arpOfRemotePorts } from '../features/arp-responder/index.js'
import { TUNNEL_FEATURES } from '../features/index.js'
import { layer2Group } from '../features/layer2/index.js'
import { tunnelGroup, withPeersOf } from '../features/tunnel-departures/index.js'
import type { Port } from '../manifest/model.js'
import { type Flow, flowKey } from '../openflow/flow.js'
import { output } from '../pipeline/actions.js'
import { type Cookie, parseCookie } from '../pipeline/cookie.js'
import { TUNNEL } from '../pipeline/stages.js'
import { objectHash } from '../values/hash.js'
import type { Hex } from '../values/hex.js'
import { KIND_OF_FEATURE } from './hold-flows.js'
import { asDesired, outputs, withFlows, withOutputs } from './keep-flows.js'

/**
 * What has got another flow in its place meanwhile, as its port is here now, goes; so does what is of a port whose place
 * is known, or which the manifests no longer have. A network's group flows go on to both.
 * @param ports that this node can reach, as the manifests have them, and that nobody tells of
 * @returns the same flows where nothing is left to others
 */
export function holdRemote(
  desired: DesiredFlows,
  installed: readonly Flow[],
  ports: readonly Port[],
): DesiredFlows {
  const remote = installed.filter(leadsToOthers)
  if (remote.length === 0) return desired
  const free = new Set(
    ports.filter(({ host }) => host === undefined).map(({ name }) => objectHash('Port', name)),
  )
  if (free.size === 0) return desired
  const kept = remote.filter((flow) => !desired.has(flowKey(flow)) && mayStay(flow, free))
  const groups = remote.flatMap((flow) => groupWithOthers(desired.get(flowKey(flow)), flow) ?? [])
  if (kept.length === 0 && groups.length === 0) return desired
  return new Map([...withFlows(desired, kept), ...groups.map((group) => [group.key, group] as const)])
}

/** For people, where something was left. */
export const LEFT_TO_OTHERS =
  'some ports have no host: what leads to other nodes is left as it is, as only a daemon knows where they are'

const ABOUT_OTHERS = new Set([arpOfRemotePorts.id, ...TUNNEL_FEATURES.map(({ id }) => id)])

function leadsToOthers({ cookie, instructions }: Flow): boolean {
  const owner = parseCookie(cookie)
  if (!owner) return false
  if (ABOUT_OTHERS.has(owner.feature)) return true
  return instructions.some((each) => each.type === 'goto_table' && each.tableId === TUNNEL.id)
}

function mayStay({ cookie }: Flow, free: ReadonlySet<Hex>): boolean {
  const owner = parseCookie(cookie)
  return owner !== undefined && (!isOfPort(owner) || free.has(owner.object))
}

function isOfPort({ class: cookieClass, feature }: Cookie): boolean {
  return cookieClass === 'model' && KIND_OF_FEATURE.get(feature) === 'Port'
}

function groupWithOthers(wanted: DesiredFlow | undefined, installed: Flow): DesiredFlow | undefined {
  const instructions = wanted && groupInstructions(wanted.flow, installed)
  return instructions && asDesired({ ...wanted.flow, instructions }, wanted.reasons)
}

/** Not where another network has taken over the segmentation id: guests of both would meet. */
function groupInstructions(wanted: Flow, installed: Flow): Flow['instructions'] | undefined {
  if (wanted.cookie !== installed.cookie) return undefined
  switch (parseCookie(installed.cookie)?.feature) {
    case layer2Group.id:
      if (leadsToOthers(wanted)) return undefined
      return withOutputs(installed, outputs(wanted).map(output))
    case tunnelGroup.id:
      return withPeersOf(wanted, installed)
    default:
      return undefined
  }
}
