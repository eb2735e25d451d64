// Whose flows a bridge has: the name of its node, noted on it by each pass, so that a run under another name by mistake is
// found out before it deletes them. Notes, flows and a name in, a refusal or what to note out.
import { ReconcileError } from '../errors/error.js'
import type { ManifestStore } from '../manifest/store.js'
import type { BridgeNotes } from '../ovsdb/view.js'
import { isOurs } from '../pipeline/cookie.js'
import type { SwitchTable } from '../switch/switch-table.js'
import { nodeName, tunnelIpOf } from './node.js'
import type { BridgeLink } from './switch-link.js'
import type { NodeAddress } from './tunnelling.js'

/** Key of external_ids of the bridge with the guests. */
export const NODE_KEY = 'reconcile-node'

export interface NodeInputs {
  readonly store: ManifestStore
  /** As asked for. */
  readonly node: string | undefined
  /** Do nodes tell each other of themselves by etcd? No, unless given. */
  readonly isInEtcd?: boolean | undefined
}

/** @throws ReconcileError as `nodeName` */
export function linkNode(link: BridgeLink, inputs: NodeInputs): string {
  const { store, node } = inputs
  const { hostname } = link
  const notedNode = notedOn(link.integrationNotes)
  return nodeName(store, node, { hostname, notedNode, isInCluster: isInCluster(link, inputs) })
}

/** @throws ReconcileError as `nodeName` */
export function linkAddress(link: BridgeLink, inputs: NodeInputs): NodeAddress {
  const node = linkNode(link, inputs)
  return { node, tunnelIp: tunnelIpOf(inputs.store, node, link.tunnelIp) }
}

/** A single run asks no cluster, but its switch says that it is in one: a node without a manifest has its address there. */
function isInCluster({ tunnelIp }: BridgeLink, { isInEtcd = false }: NodeInputs): boolean {
  return isInEtcd || tunnelIp !== undefined
}

/** What is to be noted after a pass; nothing where no flow depends on the name. */
export function nodeNote(link: BridgeLink, inputs: NodeInputs): Readonly<Record<string, string>> {
  const { store } = inputs
  const node = linkNode(link, inputs)
  const isOfGuests = link.bridge !== undefined && link.bridge.uuid === link.integrationNotes?.uuid
  const isNode = isInCluster(link, inputs) || store.nodes.some(({ name }) => name === node)
  return isOfGuests && isNode ? { [NODE_KEY]: node } : {}
}

/**
 * Is the bridge noted as that of another node than it would be made now?
 * @returns NODE_CHANGED; undefined also where no flow depends on the name
 */
export function nodeChange(link: BridgeLink, inputs: NodeInputs): ReconcileError | undefined {
  const { integrationNotes: notes } = link
  const noted = notedOn(notes)
  if (!notes || noted === undefined) return undefined
  if (inputs.store.nodes.length === 0 && !isInCluster(link, inputs)) return undefined
  const node = linkNode(link, inputs)
  return noted === node ? undefined : nodeChanged(notes.name, noted, node)
}

/**
 * The same where flows of ours would be deleted: a bridge that has lost them may become another node's.
 * @throws ReconcileError NODE_CHANGED, and of the connection
 */
export async function refuseOtherNode(
  link: BridgeLink,
  table: SwitchTable,
  inputs: NodeInputs,
): Promise<void> {
  const change = nodeChange(link, inputs)
  if (!change) return
  await table.read()
  for (const { cookie } of table.flows.values()) if (isOurs(cookie)) throw change
}

function notedOn(notes: BridgeNotes | undefined): string | undefined {
  return notes?.externalIds.get(NODE_KEY)
}

function nodeChanged(bridge: string, noted: string, node: string): ReconcileError {
  const message = `${bridge} has the flows of node "${noted}", and this is a run as node "${node}". Nothing was applied.`
  return new ReconcileError('NODE_CHANGED', message, {
    remedy: `Use --node ${noted}. If the node has got another name: ovs-vsctl remove Bridge ${bridge} external_ids ${NODE_KEY}.`,
  })
}
