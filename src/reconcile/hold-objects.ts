// Deletions held back among the manifests: the set that was applied and the one that was read in, the set to work by out.
import type { ManifestSet } from '../manifest/model.js'
import { type ManifestObject, objectsOf, setOf } from '../manifest/union.js'
import { countBy, type Counts, type DeleteLimit, type Held, isUnsafe } from '../plan/guard.js'

export interface HeldSet {
  /** What the switch is to agree with. */
  readonly manifests: ManifestSet
  readonly held: Held | undefined
}

/**
 * Lets a change through, or holds what it would delete: the new set with the objects that it lacks. Where these do not go
 * together with what is new, the changes of other objects wait too, and where that is not enough, all of it does.
 */
export function holdObjects(before: ManifestSet, next: ManifestSet, limit: DeleteLimit | undefined): HeldSet {
  const [old, all] = [objectsOf(before), objectsOf(next)]
  const removed = without(old, all)
  const deletion = { before: countsOf(old), removed: countsOf(removed), after: countsOf(all) }
  if (!isUnsafe(deletion, limit)) return { manifests: next, held: undefined }
  const names = removed.map(({ kind, name }) => `${kind} ${name}`)
  const held = (blocks: Held['blocks']): Held => ({ objects: deletion.removed, names, blocks })
  const withRemoved = setOf([...all, ...removed])
  if (withRemoved) return { manifests: withRemoved, held: held('nothing') }
  const withAdded = setOf([...old, ...without(all, old)])
  if (withAdded) return { manifests: withAdded, held: held('changes') }
  return { manifests: before, held: held('everything') }
}

export function countObjects(manifests: ManifestSet): Counts {
  return countsOf(objectsOf(manifests))
}

function countsOf(objects: readonly ManifestObject[]): Counts {
  return countBy(objects, ({ kind }) => kind)
}

function without(
  objects: readonly ManifestObject[],
  others: readonly ManifestObject[],
): readonly ManifestObject[] {
  const known = new Set(others.map(identityOf))
  return objects.filter((object) => !known.has(identityOf(object)))
}

function identityOf({ kind, name }: ManifestObject): string {
  return `${kind}/${name}`
}
