// All objects of a good set of manifests, for those who need some of them: a set in, counts, answers and parts of it out.
import { objectHash } from '../values/hash.js'
import type { Kind, ManifestSet, Node } from './model.js'
import { type Here, networksHere, reachOf } from './reach.js'
import { type ManifestObject, objectsOf } from './union.js'

/** Objects by kind; a kind without objects is absent. */
export type Counts = ReadonlyMap<Kind, number>

/** Never changes. */
export interface ManifestStore {
  readonly counts: Counts
  /** All Nodes, by name. */
  readonly nodes: readonly Node[]
  has(kind: Kind, name: string): boolean
  /** Is there an object with this hash, as cookies bear it? */
  hasHash(hash: ReturnType<typeof objectHash>): boolean
  /** Objects that are here and not in the other one, by kind and name. */
  without(other: ManifestStore): readonly ManifestObject[]
  /** What the ports of this node may reach (reach.ts). The same record again as long as the answer is the same. */
  reach(here: Here): ManifestSet
  /** All objects. Where they are packed they are made for each call: do not keep it. */
  all(): ManifestSet
}

interface Answer {
  /** Networks that the node's ports are in. */
  readonly networks: string
  readonly reached: ManifestSet
}

/** All of it in memory. */
export function plainStore(manifests: ManifestSet): ManifestStore {
  const objects = objectsOf(manifests)
  const keys = once(() => new Set(objects.map(({ kind, name }) => `${kind}/${name}`)))
  const hashes = once(() => new Set(objects.map(({ kind, name }) => objectHash(kind, name))))
  /** The last one of each node. */
  const answers = new Map<string, Answer>()
  return {
    counts: countsOf(objects),
    nodes: manifests.nodes,
    has: (kind, name) => keys().has(`${kind}/${name}`),
    hasHash: (hash) => hashes().has(hash),
    without: (other) => objects.filter(({ kind, name }) => !other.has(kind, name)),
    reach: (here) => {
      const own = networksHere(manifests.ports, here)
      const networks = [...own].join('\n')
      const known = answers.get(here.node)
      if (known?.networks === networks) return known.reached
      const reached = reachOf(manifests, own)
      answers.set(here.node, { networks, reached })
      return reached
    },
    all: () => manifests,
  }
}

function countsOf(objects: readonly ManifestObject[]): Counts {
  const counts = new Map<Kind, number>()
  for (const { kind } of objects) counts.set(kind, (counts.get(kind) ?? 0) + 1)
  return counts
}

/** Made when it is asked for first: most stores are never asked. */
function once<T extends object>(make: () => T): () => T {
  let made: T | undefined
  return () => (made ??= make())
}
