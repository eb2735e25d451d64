// What objects meet by: a draft in, numbers out. Two objects that a check may find at odds, or of which one names the other,
// have a number in common; that two have one in common need not mean anything.
import { objectHash } from '../values/hash.js'
import type { Draft, Located } from './draft.js'
import type { Kind } from './model.js'

/** An object of this kind and name. */
export function ownKey(kind: Kind, name: string): number {
  return keyOfHash(objectHash(kind, name))
}

/** An object whose hash this is: checks compare the whole of it, 40 bits. */
export function keyOfHash(hash: ReturnType<typeof objectHash>): number {
  return Number.parseInt(hash.slice(-8), 16)
}

/** Whoever names an object of this kind and name. */
export function referenceKey(kind: Kind, name: string): number {
  return keyOf(`reference/${kind}/${name}`)
}

/** A port that is plugged in with an interface of this name, or of this iface-id. */
export function claimKeys(text: string): readonly number[] {
  return [keyOf(`interface/${text}`), keyOf(`ifaceId/${text}`)]
}

/** Every Node: their encapsulations must agree. */
export const NODES_KEY = keyOf('nodes')

/** All of one draft, as it would be found by. */
export function keysOf(draft: Draft): readonly number[] {
  const { kind, name } = draft
  return [...(name ? [ownKey(kind, name.value)] : []), ...referencesOf(draft), ...rivalKeys(draft)]
}

/** What no two objects may have, or, of Nodes, all must have. */
export function rivalKeys(draft: Draft): readonly number[] {
  switch (draft.kind) {
    case 'Network':
      return ofValue('segmentationId', draft.segmentationId)
    case 'Port':
      return [...ofValue('interface', draft.interface), ...ofValue('ifaceId', draft.ifaceId)]
    case 'Node':
      return [NODES_KEY, ...ofValue('tunnelIp', draft.tunnelIp)]
    default:
      return []
  }
}

export interface Reference {
  readonly kind: Kind
  readonly name: string
}

/** The objects that a draft names. */
export function namedBy(draft: Draft): readonly Reference[] {
  const named = (kind: Kind, name: Located<string> | undefined) => (name ? [{ kind, name: name.value }] : [])
  switch (draft.kind) {
    case 'Subnet':
      return named('Network', draft.network)
    case 'Router':
      return draft.interfaces.flatMap(({ subnet }) => named('Subnet', subnet))
    case 'Port':
      return [
        ...named('Network', draft.network),
        ...draft.fixedIps.flatMap(({ subnet }) => named('Subnet', subnet)),
        ...named('Node', draft.host),
      ]
    default:
      return []
  }
}

function referencesOf(draft: Draft): readonly number[] {
  return namedBy(draft).map(({ kind, name }) => referenceKey(kind, name))
}

function ofValue(field: string, located: Located<string | number> | undefined): readonly number[] {
  return located ? [keyOf(`${field}/${located.value}`)] : []
}

/** FNV-1a, 32 bits (draft-eastlake-fnv, section 2), over UTF-16 units: quick, and good enough where a false friend costs a look. */
function keyOf(text: string): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  return hash >>> 0
}
