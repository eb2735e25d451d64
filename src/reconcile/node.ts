// Which node is this?
import { hostname } from 'node:os'
import type { ManifestSet } from '../manifest/model.js'

/**
 * The name under which this host stands in the manifests: as asked for, else the Node that has the host's name, compared in
 * full and then by first label, else the host's name.
 * @param switchHostname Open_vSwitch external_ids:hostname
 */
export function nodeName(
  { nodes }: ManifestSet,
  requested: string | undefined,
  switchHostname: string | undefined,
): string {
  if (requested !== undefined) return requested
  const host = switchHostname ?? hostname()
  const node =
    nodes.find(({ name }) => name === host) ?? nodes.find(({ name }) => label(name) === label(host))
  return node?.name ?? host
}

function label(name: string): string {
  return name.split('.')[0] ?? name
}
