// What one node wants and what the store holds in, the changes to ask for and the ports that others hold out. A port is
// its first claimant's: a key is written only where there is none, or where it is our own.
import { type Ipv4, renderIpv4 } from '../values/ipv4.js'
import type { KeyKind, KeyState } from './keys.js'

/** What a node has to say. */
export interface Wishes {
  /** Undefined where the node has no tunnels. */
  readonly tunnelIp: Ipv4 | undefined
  /** Names of the ports that are plugged in here and belong here. */
  readonly ports: ReadonlySet<string>
}

/** The agent in the eyes of etcd. */
export interface Identity {
  readonly node: string
  readonly lease: string
  /**
   * What stood under our name up to this revision, under another lease, an earlier run of ours has left: it is taken
   * over. What came later is by somebody else of our name: both would take it from each other for ever.
   */
  readonly inheritedUpTo: number
}

export interface Change {
  readonly kind: KeyKind
  readonly name: string
  /** Undefined: to be deleted. */
  readonly value: string | undefined
  /** The revision the key must still have, 0 for a key that must not be there. */
  readonly expected: number
}

type Keys = (kind: KeyKind) => ReadonlyMap<string, KeyState>

export function changesFor(wishes: Wishes, identity: Identity, keys: Keys): readonly Change[] {
  const wanted = new Map([...wishes.ports].map((name) => [name, identity.node]))
  const address = wishes.tunnelIp === undefined ? undefined : renderIpv4(wishes.tunnelIp)
  const own = keys('nodes').get(identity.node)
  return [
    ...changesOfKey('nodes', identity.node, address, own, identity),
    ...[...wanted].flatMap(([name, node]) =>
      changesOfKey('ports', name, node, keys('ports').get(name), identity),
    ),
    ...[...keys('ports').values()].flatMap((state) =>
      wanted.has(state.name) ? [] : changesOfKey('ports', state.name, undefined, state, identity),
    ),
  ]
}

function changesOfKey(
  kind: KeyKind,
  name: string,
  value: string | undefined,
  state: KeyState | undefined,
  identity: Identity,
): readonly Change[] {
  if (!state?.present) return value === undefined ? [] : [{ kind, name, value, expected: 0 }]
  const unreadable = state.value === undefined && value !== undefined
  const ours = isOurName(state, identity) && (state.lease === identity.lease || isInherited(state, identity))
  if (!ours && !unreadable) return []
  if (state.value === value && state.lease === identity.lease) return []
  return [{ kind, name, value, expected: state.modRevision }]
}

function isOurName({ kind, name, value }: KeyState, { node }: Identity): boolean {
  return kind === 'nodes' ? name === node : value === node
}

function isInherited({ modRevision }: KeyState, { inheritedUpTo }: Identity): boolean {
  return modRevision <= inheritedUpTo
}

/** May a change of this key have us do something? */
export function concerns(wishes: Wishes, node: string, { kind, name, value }: KeyState): boolean {
  return kind === 'nodes' ? name === node : wishes.ports.has(name) || value === node
}

export function sameWishes(one: Wishes | undefined, other: Wishes): boolean {
  if (!one || one.tunnelIp !== other.tunnelIp || one.ports.size !== other.ports.size) return false
  return [...other.ports].every((port) => one.ports.has(port))
}

/** Wanted ports that another node holds, with its name. */
export function conflictsOf(wishes: Wishes, node: string, keys: Keys): ReadonlyMap<string, string> {
  const conflicts = new Map<string, string>()
  for (const port of wishes.ports) {
    const holder = keys('ports').get(port)?.value
    if (holder !== undefined && holder !== node) conflicts.set(port, holder)
  }
  return conflicts
}

/** Does somebody else say things under our name, now? */
export function hasRival(identity: Identity, keys: Keys): boolean {
  const own = keys('nodes').get(identity.node)
  const states = [...(own ? [own] : []), ...keys('ports').values()]
  return states.some(
    (state) =>
      state.present &&
      isOurName(state, identity) &&
      state.lease !== identity.lease &&
      !isInherited(state, identity),
  )
}
