// What etcd holds below the prefix, as far as we know: snapshots, watched changes and the answers to our own writes go
// in, in whatever order they come; what the other nodes have said comes out.
import type { ClusterView } from '../topology/cluster-view.js'
import { type KeyKind, type KeyState, nodeEntry } from './keys.js'

type KeysOfKind = Map<string, KeyState>

export class Mirror {
  /** All changes up to this revision are in here; an answer to a write of ours may be ahead of it. */
  #revision = 0
  #keys = noKeys()
  /** What was known before the connection was lost, and is believed until those who said it had time to say it again. */
  #believed: ClusterView | undefined
  #view: ClusterView = { bindings: new Map(), tunnelIps: new Map() }
  #stale = false

  keys(kind: KeyKind): ReadonlyMap<string, KeyState> {
    return this.#keys[kind]
  }

  /** The same object until it changes. Made when asked for: it costs a copy of all names. */
  get view(): ClusterView {
    if (this.#stale) {
      const view = this.#buildView()
      if (!sameView(this.#view, view)) this.#view = view
      this.#stale = false
    }
    return this.#view
  }

  /** All keys at a revision. What they lack of the view so far is believed until `forget`. */
  replace(states: readonly KeyState[], revision: number): void {
    this.#believed = this.view
    this.#keys = noKeys()
    for (const state of states) this.#keys[state.kind].set(state.name, state)
    this.#revision = revision
    this.#stale = true
  }

  forget(): void {
    this.#believed = undefined
    this.#stale = true
  }

  /** Changes from the watch: complete and in order. */
  follow(states: readonly KeyState[]): void {
    for (const state of states) {
      this.#revision = Math.max(this.#revision, state.modRevision)
      this.#take(state)
      if (!state.present && this.#known(state)?.modRevision === state.modRevision) this.#drop(state)
    }
  }

  /** What an answer to a write tells. What the watch has passed already, it has told better. */
  learn(state: KeyState): void {
    if (state.modRevision > this.#revision) this.#take(state)
  }

  #take(state: KeyState): void {
    const known = this.#known(state)
    if (known && known.modRevision >= state.modRevision) return
    this.#keys[state.kind].set(state.name, state)
    if (known?.value !== state.value) this.#stale = true
  }

  #known({ kind, name }: KeyState): KeyState | undefined {
    return this.#keys[kind].get(name)
  }

  /** A deletion is remembered until the watch has told it: an older change may still be on its way. */
  #drop({ kind, name }: KeyState): void {
    this.#keys[kind].delete(name)
  }

  #buildView(): ClusterView {
    const bindings = new Map(this.#believed?.bindings)
    for (const { name, value } of this.#keys.ports.values())
      if (value !== undefined) bindings.set(name, value)
    const tunnelIps = new Map(this.#believed?.tunnelIps)
    for (const { name, value } of this.#keys.nodes.values()) {
      const tunnelIp = value === undefined ? undefined : nodeEntry(value)?.tunnelIp
      if (tunnelIp !== undefined) tunnelIps.set(name, tunnelIp)
    }
    return { bindings, tunnelIps }
  }
}

function noKeys(): Readonly<Record<KeyKind, KeysOfKind>> {
  return { nodes: new Map(), contenders: new Map(), ports: new Map() }
}

function sameView(one: ClusterView, other: ClusterView): boolean {
  return sameMap(one.bindings, other.bindings) && sameMap(one.tunnelIps, other.tunnelIps)
}

function sameMap<T>(one: ReadonlyMap<string, T>, other: ReadonlyMap<string, T>): boolean {
  if (one.size !== other.size) return false
  for (const [name, value] of other) if (one.get(name) !== value) return false
  return true
}
