// The objects that a status has rows of: what a daemon knows in, each object with its origin out. Of a large site most objects
// are none of this node's business; these are told one by one when somebody asks.
import type { SourcePosition } from '../errors/error.js'
import { type ManifestObject, objectsOf } from '../manifest/union.js'
import { objectKey } from './condition.js'
import type { Knowledge, Reading } from './knowledge.js'
import type { ProblemIndex } from './problems.js'

/** An object of the manifests, of those that were read last, or one whose deletion is held. */
export interface KnownObject {
  /** As `objectKey` makes it. */
  readonly key: string
  readonly kind: string
  readonly name: string
  readonly at: SourcePosition
  readonly revision: string
  /** Where it is from: the newest good set, a newer one that is not good, or an older one. */
  readonly origin: 'good' | 'seen' | 'held'
  /** Of a Port: the node that it is bound to. */
  readonly host?: string | undefined
  /** No port of this node can reach it, as far as is known. */
  readonly isUnneeded: boolean
}

/** Those that are needed here, have problems, or are held. One may come twice: the first counts. */
export function* knownObjects(knowledge: Knowledge, problems: ProblemIndex): Iterable<KnownObject> {
  const { good, needed, pass, reading } = knowledge
  const revision = good?.revision ?? ''
  if (good && needed) for (const object of objectsOf(needed)) yield known(object, revision)
  const { doubtful, added } = comparison(knowledge, problems)
  for (const object of doubtful) yield { ...known(object, revision), isUnneeded: needed !== undefined }
  for (const { kind, name, at } of added) {
    const key = objectKey({ kind, name })
    yield { key, kind, name, at, revision: reading?.revision ?? '', origin: 'seen', isUnneeded: false }
  }
  if (pass?.good !== good) return
  for (const object of pass?.gone ?? []) yield { ...known(object, revision), origin: 'held' }
}

/** All others, made one by one. @param isRow is there a row of this key? */
export function* otherObjects(
  { good, needed }: Knowledge,
  isRow: (key: string) => boolean,
): Iterable<KnownObject> {
  if (!good) return
  for (const object of objectsOf(good.store.all())) {
    const other = known(object, good.revision)
    if (!isRow(other.key)) yield { ...other, isUnneeded: needed !== undefined }
  }
}

function known(object: ManifestObject, revision: string): KnownObject {
  const { kind, name, at } = object
  const host = object.kind === 'Port' ? object.host : undefined
  return { key: objectKey(object), kind, name, at, revision, origin: 'good', host, isUnneeded: false }
}

type Added = Pick<KnownObject, 'kind' | 'name' | 'at'>

/** The good set beside a newer reading that has problems. */
interface Comparison {
  /** Objects of the good set that have problems now, or were not found. */
  readonly doubtful: readonly ManifestObject[]
  /** Objects that were seen and are not in the good set. */
  readonly added: readonly Added[]
}

const NO_DOUBT: Comparison = { doubtful: [], added: [] }

/** Of each such reading, as all objects have to be looked at. */
const comparisons = new WeakMap<Reading, Comparison & Pick<Knowledge, 'good'>>()

function comparison({ good, reading }: Knowledge, problems: ProblemIndex): Comparison {
  if (!reading || reading.problems.length === 0) return NO_DOUBT
  const before = comparisons.get(reading)
  if (before && before.good === good) return before
  const made = { good, ...compare(good ? objectsOf(good.store.all()) : [], problems) }
  comparisons.set(reading, made)
  return made
}

function compare(objects: readonly ManifestObject[], { ofObject, seen }: ProblemIndex): Comparison {
  const keys = new Set(objects.map(objectKey))
  const isDoubtful = (key: string) => ofObject.has(key) || !seen.has(key)
  const added = [...seen].flatMap(([key, { kind, name, at }]) =>
    kind === undefined || name === undefined || !at || keys.has(key) ? [] : { kind, name, at },
  )
  return { doubtful: objects.filter((object) => isDoubtful(objectKey(object))), added }
}
