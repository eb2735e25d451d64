// What one node wants and what the store holds in, the changes to ask for and the ports that others hold out. A name is its
// switch's, and a port its first claimant's: a key is written only where there is none, or where it is our own.
import type { Ipv4 } from '../values/ipv4.js'
import { type KeyKind, type KeyState, nodeEntry, renderNodeEntry } from './keys.js'

/** What a node has to say. */
export interface Wishes {
  /** Undefined where the node has no tunnels. */
  readonly tunnelIp: Ipv4 | undefined
  /** Names of the ports that are plugged in here and belong here; undefined: not known yet, those of an earlier run stay. */
  readonly ports: ReadonlySet<string> | undefined
}

/** All that a node has to say. */
export interface AllWishes extends Wishes {
  readonly ports: ReadonlySet<string>
}

/** The agent in the eyes of etcd. */
export interface Identity {
  readonly node: string
  readonly switchId: string
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

export type Keys = (kind: KeyKind) => ReadonlyMap<string, KeyState>

type Self = Pick<Identity, 'node' | 'switchId'>

/** The other switch that has our name; undefined: none. */
export function takenBy({ node, switchId }: Self, keys: Keys): string | undefined {
  const holder = holderOf(keys('nodes').get(node))
  return holder === switchId ? undefined : holder
}

/** Another switch that asks for our name. */
export function contenderOf({ node, switchId }: Self, keys: Keys): string | undefined {
  const asks = keys('contenders').get(node)
  return asks?.present && asks.value !== switchId ? asks.value : undefined
}

function holderOf(own: KeyState | undefined): string | undefined {
  return own?.present && own.value !== undefined ? nodeEntry(own.value)?.switchId : undefined
}

/** Do we have the name, under our lease? Before that nothing else is said under it. */
export function holdsName({ node, switchId, lease }: Identity, keys: Keys): boolean {
  const own = keys('nodes').get(node)
  return own?.lease === lease && holderOf(own) === switchId
}

/**
 * Takes the name, or asks for it where another switch has it: who has it is told then.
 * @param wishes undefined: not to be taken yet
 */
export function nameChangesFor(
  wishes: Wishes | undefined,
  identity: Identity,
  keys: Keys,
): readonly Change[] {
  const { node, switchId } = identity
  const isTaken = takenBy(identity, keys) !== undefined
  const entry = wishes && renderNodeEntry({ switchId, tunnelIp: wishes.tunnelIp })
  const asked = isTaken ? switchId : undefined
  return [
    ...(isTaken || !entry ? [] : changesOfKey('nodes', node, entry, keys('nodes').get(node), identity)),
    ...changesOfKey('contenders', node, asked, keys('contenders').get(node), identity),
  ]
}

/** None before we have our name. */
export function portChangesFor({ ports }: Wishes, identity: Identity, keys: Keys): readonly Change[] {
  if (!ports || !holdsName(identity, keys)) return []
  const { node } = identity
  return [
    ...[...ports].flatMap((name) => changesOfKey('ports', name, node, keys('ports').get(name), identity)),
    ...[...keys('ports').values()].flatMap((state) =>
      ports.has(state.name) ? [] : changesOfKey('ports', state.name, undefined, state, identity),
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

/** Of a node's key: by a switch of ours, as those of other switches are seen to before. */
function isOurName({ kind, name, value }: KeyState, { node, switchId }: Identity): boolean {
  if (kind === 'nodes') return name === node
  return value === (kind === 'contenders' ? switchId : node)
}

function isInherited({ modRevision }: KeyState, { inheritedUpTo }: Identity): boolean {
  return modRevision <= inheritedUpTo
}

/** May a change of this key have us do something? */
export function concerns(wishes: Wishes | undefined, node: string, { kind, name, value }: KeyState): boolean {
  return kind === 'ports' ? wishes?.ports?.has(name) === true || value === node : name === node
}

export function sameWishes(one: Wishes | undefined, other: Wishes): boolean {
  if (!one || one.tunnelIp !== other.tunnelIp || one.ports?.size !== other.ports?.size) return false
  return [...(other.ports ?? [])].every((port) => one.ports?.has(port))
}

/** Wanted ports that another node holds, with its name. */
export function conflictsOf({ ports }: Wishes, node: string, keys: Keys): ReadonlyMap<string, string> {
  const conflicts = new Map<string, string>()
  for (const port of ports ?? []) {
    const holder = keys('ports').get(port)?.value
    if (holder !== undefined && holder !== node) conflicts.set(port, holder)
  }
  return conflicts
}

/** Does another agent of our own switch say things under our name, now? */
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
