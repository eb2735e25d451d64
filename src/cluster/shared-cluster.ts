// The nodes that one process serves, which need no etcd to agree where ports are: what each has to say in, what all have
// said out. A port is its first claimant's, as it is with etcd.
import type { ClusterView } from '../topology/cluster-view.js'
import { type AllWishes, sameWishes } from './claims.js'
import type { Cluster, ClusterState } from './cluster.js'
import { coalesce } from './coalesce.js'

/** What comes at once is told at once. Milliseconds. */
const CHANGE_SPAN_MS = 10

/**
 * @param nodes all that are going to speak. Until they have, what one does not know of the others is no word of theirs.
 * @returns as `openCluster` of cluster.ts; what a node has said stays when its part is closed, as its switch goes on
 */
export function sharedCluster(
  nodes: readonly string[],
): (self: { readonly node: string }, onChange: () => void) => Promise<Cluster> {
  const words = new Words(nodes)
  return ({ node }, onChange) => Promise.resolve(words.open(node, onChange))
}

class Words {
  readonly #nodes: readonly string[]
  readonly #wishes = new Map<string, AllWishes>()
  readonly #bindings = new Map<string, string>()
  readonly #listeners = new Set<() => void>()
  #view: ClusterView = { bindings: new Map(), tunnelIps: new Map() }
  #connected = false
  #since = new Date()

  constructor(nodes: readonly string[]) {
    this.#nodes = nodes
  }

  open(node: string, onChange: () => void): Cluster {
    const changed = coalesce(CHANGE_SPAN_MS, onChange)
    this.#listeners.add(changed.soon)
    const [view, state] = [() => this.#view, () => this.#stateOf(node)]
    return {
      get view() {
        return view()
      },
      get state() {
        return state()
      },
      takeName: () => Promise.resolve(), // nobody else has one of them
      publish: (wishes) => this.#publish(node, wishes),
      close: () => {
        this.#listeners.delete(changed.soon)
        changed.stop()
        return Promise.resolve()
      },
    }
  }

  #stateOf(node: string): ClusterState {
    const wanted = [...(this.#wishes.get(node)?.ports ?? [])]
    const taken = wanted.flatMap((port) => {
      const holder = this.#bindings.get(port)
      return holder === undefined || holder === node ? [] : [[port, holder] as const]
    })
    const [connected, since] = [this.#connected, this.#since]
    return { connected, since, isSettled: connected, conflicts: new Map(taken), isTaken: false }
  }

  #publish(node: string, wishes: AllWishes): void {
    if (sameWishes(this.#wishes.get(node), wishes)) return
    this.#wishes.set(node, { ...wishes, ports: new Set(wishes.ports) })
    for (const [port, holder] of this.#bindings)
      if (holder === node && !wishes.ports.has(port)) this.#bindings.delete(port)
    for (const [name, { ports }] of this.#wishes)
      for (const port of ports) if (!this.#bindings.has(port)) this.#bindings.set(port, name)
    this.#tell()
  }

  #tell(): void {
    const addresses = [...this.#wishes].flatMap(([name, { tunnelIp }]) =>
      tunnelIp === undefined ? [] : [[name, tunnelIp] as const],
    )
    this.#view = { bindings: new Map(this.#bindings), tunnelIps: new Map(addresses) }
    if (!this.#connected && this.#nodes.every((name) => this.#wishes.has(name))) {
      this.#connected = true
      this.#since = new Date()
    }
    for (const listener of this.#listeners) listener()
  }
}
