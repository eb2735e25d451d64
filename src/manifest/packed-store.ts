// A store that holds most objects packed: files of a good set in, answers out. What is asked for is unpacked, and found by keys.
import { compareText } from '../errors/position.js'
import type { Draft } from './draft.js'
import { claimKeys, keyOfHash, NODES_KEY, ownKey, type Reference, referenceKey } from './draft-keys.js'
import { indexManifests } from './manifest-index.js'
import { type Kind, KINDS, type ManifestSet, type Node } from './model.js'
import { takeLegs, takeNetworks, takeRouters } from './neighbourhood.js'
import type { PackedFile } from './packed-file.js'
import { type Here, networksHere, reachOf } from './reach.js'
import { resolveManifests } from './resolve.js'
import { Selection } from './selection.js'
import type { Counts, ManifestStore } from './store.js'
import { type ManifestObject, objectsOf } from './union.js'
import { objectHash } from '../values/hash.js'

export class PackedStore implements ManifestStore {
  readonly counts: Counts
  #nodes: readonly Node[] | undefined
  readonly #files: readonly PackedFile[]
  /** The last one of each node. */
  readonly #answers = new Map<string, Answer>()

  /** @param files by path; checks have found nothing in them */
  constructor(files: readonly PackedFile[]) {
    this.#files = files
    this.counts = sumOf(files)
  }

  get nodes(): readonly Node[] {
    this.#nodes ??= resolved(this.#take([NODES_KEY]).drafts).nodes
    return this.#nodes
  }

  has(kind: Kind, name: string): boolean {
    return this.having([{ kind, name }]).size > 0
  }

  /** Which of these are there, as `Kind/name`: to look for many at once takes no longer than to look for one. */
  having(objects: readonly Reference[]): ReadonlySet<string> {
    const wanted = new Set(objects.map(({ kind, name }) => `${kind}/${name}`))
    const { drafts } = this.#take(objects.map(({ kind, name }) => ownKey(kind, name)))
    return new Set(drafts.map(nameOf).filter((name) => wanted.has(name)))
  }

  hasHash(hash: ReturnType<typeof objectHash>): boolean {
    const { drafts } = this.#take([keyOfHash(hash)])
    return drafts.some(({ kind, name }) => name !== undefined && objectHash(kind, name.value) === hash)
  }

  /** Files that are in both stores have nothing to say. */
  without(other: ManifestStore): readonly ManifestObject[] {
    const shared = new Set(other instanceof PackedStore ? other.#files : [])
    const suspects = this.#files.filter((file) => !shared.has(file)).flatMap((file) => file.drafts())
    const named = suspects.flatMap(({ kind, name }) => (name ? [{ kind, name: name.value }] : []))
    const isThere = other instanceof PackedStore ? other.having(named) : havingIn(other, named)
    const gone = suspects.filter((draft) => !isThere.has(nameOf(draft)))
    return gone.length === 0 ? [] : objectsOf(this.#resolvedWithLegs(gone))
  }

  reach(here: Here): ManifestSet {
    const claims = [...here.claims].sort(compareText).join('\n')
    const before = this.#answers.get(here.node)
    if (before?.claims === claims) return before.reached
    const candidates = [referenceKey('Node', here.node), ...[...here.claims].flatMap(claimKeys)]
    const selection = this.#take(candidates)
    const own = networksHere(resolved(selection.drafts).ports, here)
    const networks = [...own].join('\n')
    const reached = before?.networks === networks ? before.reached : this.#around(own)
    this.#answers.set(here.node, { claims, networks, reached })
    return reached
  }

  all(): ManifestSet {
    return resolved(this.#files.flatMap((file) => file.drafts()))
  }

  /** As `reachOf` follows them: networks, their routers, the networks of the other legs. */
  #around(networks: ReadonlySet<string>): ManifestSet {
    const selection = this.#take([NODES_KEY])
    takeNetworks(selection, networks)
    takeRouters(selection)
    takeLegs(selection)
    const behind = resolved(selection.drafts).subnets.map(({ network }) => network)
    takeNetworks(selection, behind)
    return reachOf(resolved(selection.drafts), networks)
  }

  /** A router has its addresses of the subnets of its legs. */
  #resolvedWithLegs(drafts: readonly Draft[]): ManifestSet {
    const selection = this.#take(drafts.flatMap(({ kind, name }) => (name ? [ownKey(kind, name.value)] : [])))
    takeLegs(selection)
    const wanted = new Set(drafts.map(nameOf))
    const set = resolved(selection.drafts)
    const isWanted = (object: ManifestObject) => wanted.has(`${object.kind}/${object.name}`)
    return {
      networks: set.networks.filter(isWanted),
      subnets: set.subnets.filter(isWanted),
      routers: set.routers.filter(isWanted),
      ports: set.ports.filter(isWanted),
      nodes: set.nodes.filter(isWanted),
    }
  }

  #take(keys: Iterable<number>): Selection {
    const selection = new Selection(this.#files)
    selection.take(keys)
    return selection
  }
}

interface Answer {
  /** Of the interfaces that are plugged in. */
  readonly claims: string
  /** Networks that the node's ports are in. */
  readonly networks: string
  readonly reached: ManifestSet
}

function resolved(drafts: readonly Draft[]): ManifestSet {
  return resolveManifests(indexManifests(drafts, []))
}

function havingIn(other: ManifestStore, objects: readonly Reference[]): ReadonlySet<string> {
  return new Set(
    objects.filter(({ kind, name }) => other.has(kind, name)).map(({ kind, name }) => `${kind}/${name}`),
  )
}

function nameOf({ kind, name }: Draft): string {
  return `${kind}/${name?.value}`
}

function sumOf(files: readonly PackedFile[]): Counts {
  const countOf = (kind: Kind) => files.reduce((sum, file) => sum + (file.counts.get(kind) ?? 0), 0)
  return new Map(KINDS.map((kind) => [kind, countOf(kind)] as const).filter(([, count]) => count > 0))
}
