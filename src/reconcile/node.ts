// Which node is this?
import { hostname } from 'node:os'
import { ReconcileError } from '../errors/error.js'
import type { ManifestSet } from '../manifest/model.js'
import { nearest } from '../manifest/suggest.js'

/**
 * The name under which this host stands in the manifests: as asked for, else the Node that has the host's name, compared in
 * full and then by first label, else the host's name.
 * @param switchHostname Open_vSwitch external_ids:hostname
 * @throws ReconcileError USAGE when there are Nodes, and none has the name that was asked for: every port with a `host`
 * would be taken for one of another node
 */
export function nodeName(
  { nodes }: ManifestSet,
  requested: string | undefined,
  switchHostname: string | undefined,
): string {
  if (requested !== undefined) return requestedNode(nodes, requested)
  const host = switchHostname ?? hostname()
  const node =
    nodes.find(({ name }) => name === host) ?? nodes.find(({ name }) => label(name) === label(host))
  return node?.name ?? host
}

/** @throws ReconcileError USAGE as `nodeName` */
export function requestedNode(nodes: ManifestSet['nodes'], requested: string): string {
  const names = nodes.map(({ name }) => name)
  if (names.length === 0 || names.includes(requested)) return requested
  const near = nearest(requested, names)
  throw new ReconcileError('USAGE', `There is no Node "${requested}" in the manifests.`, {
    remedy: near === undefined ? `Use one of: ${names.join(', ')}.` : `Did you mean "${near}"?`,
  })
}

function label(name: string): string {
  return name.split('.')[0] ?? name
}
