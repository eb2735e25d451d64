// Whether a port has its interface: a topology in, the condition Bound out.
import type { BindingNotice, BindingReason } from '../topology/bind.js'
import type { Topology } from '../topology/topology.js'
import { ELSEWHERE, type Finding, NOT_NEEDED } from './condition.js'
import { absentFinding } from './connection.js'
import type { Knowledge } from './knowledge.js'
import type { KnownObject } from './known-objects.js'

export interface Bindings {
  readonly node: string | undefined
  /** OpenFlow port numbers by the name of the port. */
  readonly ofports: ReadonlyMap<string, number>
  readonly notices: ReadonlyMap<string, BindingNotice>
}

export function indexBindings(topology: Topology | undefined): Bindings {
  return {
    node: topology?.node,
    ofports: new Map(topology?.localPorts.map(({ port, ofport }) => [port.name, ofport])),
    notices: new Map(topology?.notices.map((notice) => [notice.port.name, notice])),
  }
}

export function boundFinding(
  { name, host, isUnneeded }: KnownObject,
  knowledge: Knowledge,
  { node, ofports, notices }: Bindings,
): Finding {
  const absent = absentFinding(knowledge)
  if (absent) return { type: 'Bound', ...absent }
  const type = 'Bound'
  const ofport = ofports.get(name)
  const notice = notices.get(name)
  if (notice) {
    const { reason, message, remedy = REMEDIES[reason] } = notice
    const status = ofport === undefined ? 'False' : 'True'
    return { type, status, reason, message, remedy }
  }
  if (ofport !== undefined)
    return { type, status: 'True', reason: 'Plugged', message: `it is port ${ofport}` }
  const owner = knowledge.topology && (host ?? knowledge.cluster?.bindings.get(name))
  if (owner !== undefined && owner !== node)
    return { type, status: 'Unknown', reason: ELSEWHERE, message: `it is on node ${owner}` }
  if (isUnneeded) return { type, ...UNNEEDED }
  return { type, status: 'Unknown', reason: 'Pending', message: 'no pass has looked for its interface yet' }
}

/** Of an object that the bridge has nothing of, and need not have. */
export const UNNEEDED: Omit<Finding, 'type'> = {
  status: 'Unknown',
  reason: NOT_NEEDED,
  message: 'no port of this node can reach it',
}

const REMEDIES: Readonly<Record<BindingReason, string>> = {
  NotPlugged: 'Plug the interface into the bridge (ovs-vsctl add-port), or set its external_ids:iface-id.',
  NoDevice: 'Check that the device exists (ip link), and what ovs-vsctl show says of it.',
  Taken: 'Let each port name an interface of its own.',
  MacDiffers: 'Give the manifest the MAC address of the guest, or the guest that of the manifest.',
  Ambiguous: 'Give only one interface this iface-id.',
  ClaimedElsewhere: 'Unplug it here or on that node, or say in the manifest which host is meant.',
  NoTunnelAddress: 'Give the manifests a Node of that name with its tunnelIp, or let it join the cluster.',
}
