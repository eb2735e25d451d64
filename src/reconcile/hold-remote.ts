// Flows to other nodes, while it is not known where their ports are: after a start with etcd away neither git nor a node
// says it, but the switch does. Desired flows and what the switch holds in, desired flows with what leads to others out. Pure.
import type { DesiredFlow, DesiredFlows } from '../compile/desired.js'
import { arpOfRemotePorts } from '../features/arp-responder/index.js'
import { TUNNEL_FEATURES } from '../features/index.js'
import { layer2Group } from '../features/layer2/index.js'
import { type Flow, flowKey } from '../openflow/flow.js'
import { output } from '../pipeline/actions.js'
import { parseCookie } from '../pipeline/cookie.js'
import { TUNNEL } from '../pipeline/stages.js'
import { asDesired, outputs, withFlows, withOutputs } from './keep-flows.js'

/** What has got another flow in its place meanwhile, as its port is here now, goes; a network's group flow goes on to both. */
export function holdRemote(desired: DesiredFlows, installed: readonly Flow[]): DesiredFlows {
  const remote = installed.filter(leadsToOthers)
  const kept = withFlows(
    desired,
    remote.filter((flow) => !desired.has(flowKey(flow))),
  )
  const groups = remote.flatMap((flow) => groupWithOthers(desired.get(flowKey(flow)), flow) ?? [])
  return groups.length === 0
    ? kept
    : new Map([...kept, ...groups.map((group) => [group.key, group] as const)])
}

const ABOUT_OTHERS = new Set([arpOfRemotePorts.id, ...TUNNEL_FEATURES.map(({ id }) => id)])

function leadsToOthers({ cookie, instructions }: Flow): boolean {
  const owner = parseCookie(cookie)
  if (!owner) return false
  if (ABOUT_OTHERS.has(owner.feature)) return true
  return instructions.some((each) => each.type === 'goto_table' && each.tableId === TUNNEL.id)
}

function groupWithOthers(wanted: DesiredFlow | undefined, installed: Flow): DesiredFlow | undefined {
  if (!wanted || parseCookie(installed.cookie)?.feature !== layer2Group.id) return undefined
  if (leadsToOthers(wanted.flow)) return undefined
  const instructions = withOutputs(installed, outputs(wanted.flow).map(output))
  return asDesired({ ...wanted.flow, instructions }, wanted.reasons)
}
