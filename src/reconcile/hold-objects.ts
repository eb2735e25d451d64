// Deletions held back among the manifests: the set that was applied and the one that was read in, the set to work by out.
import { type ManifestStore, plainStore } from '../manifest/store.js'
import { type ManifestObject, objectsOf, setOf } from '../manifest/union.js'
import { countBy, type DeleteLimit, type Held, isUnsafe } from '../plan/guard.js'

export interface HeldSet {
  /** What the switch is to agree with. */
  readonly store: ManifestStore
  readonly held: Held | undefined
  /** The objects that stay although they are gone. */
  readonly gone: readonly ManifestObject[]
}

/**
 * Lets a change through, or holds what it would delete: the new set with the objects that it lacks. Where these do not go
 * together with what is new, the changes of other objects wait too, and where that is not enough, all of it does.
 */
export function holdObjects(
  before: ManifestStore,
  next: ManifestStore,
  limit: DeleteLimit | undefined,
): HeldSet {
  const gone = before.without(next)
  const removed = countBy(gone, ({ kind }) => kind)
  if (!isUnsafe({ before: before.counts, removed, after: next.counts }, limit))
    return { store: next, held: undefined, gone: [] }
  const names = gone.map(({ kind, name }) => `${kind} ${name}`)
  const held = (blocks: Held['blocks']): Held => ({ objects: removed, names, blocks })
  const withRemoved = setOf([...objectsOf(next.all()), ...gone])
  if (withRemoved) return { store: plainStore(withRemoved), held: held('nothing'), gone }
  const withAdded = setOf([...objectsOf(before.all()), ...next.without(before)])
  if (withAdded) return { store: plainStore(withAdded), held: held('changes'), gone }
  return { store: before, held: held('everything'), gone }
}
