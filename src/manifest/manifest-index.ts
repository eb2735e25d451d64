// All drafts of all files, found by kind and name: what the checks between objects look things up in.
import type { Draft, Located, Sighting } from './draft.js'
import { groupBy } from './grouping.js'
import type { Kind } from './model.js'

type DraftOf<K extends Kind> = Extract<Draft, { kind: K }>

export interface ManifestIndex {
  /** In source order. */
  readonly all: readonly Draft[]
  /** The drafts of one kind in source order, without those whose name was taken. */
  readonly of: <K extends Kind>(kind: K) => readonly DraftOf<K>[]
  readonly find: <K extends Kind>(kind: K, name: Located<string> | undefined) => DraftOf<K> | undefined
  /** Is there surely no such object? Not while an object that cannot be read might be the one. */
  readonly isMissing: (kind: Kind, name: string) => boolean
  readonly namesOf: (kind: Kind) => readonly string[]
}

/** @param sightings every object seen; `all` has those of them that are good enough for a draft */
export function indexManifests(all: readonly Draft[], sightings: readonly Sighting[]): ManifestIndex {
  const firsts = new Map<string, Draft>()
  const unique = all.filter((draft) => {
    if (!draft.name) return true
    const key = keyOf(draft.kind, draft.name.value)
    if (firsts.has(key)) return false
    firsts.set(key, draft)
    return true
  })
  const ofKind = groupBy(unique, ({ kind }) => kind)
  const seen = new Set(sightings.map(({ kind, name }) => keyOf(kind, name)))
  const anyUnread = seen.has(keyOf(undefined, undefined))
  return {
    all,
    of: <K extends Kind>(kind: K) => (ofKind.get(kind) ?? []) as readonly DraftOf<K>[],
    find: <K extends Kind>(kind: K, name: Located<string> | undefined) =>
      name && (firsts.get(keyOf(kind, name.value)) as DraftOf<K> | undefined),
    isMissing: (kind, name) => {
      const mayBe = [keyOf(kind, name), keyOf(kind, undefined), keyOf(undefined, name)]
      return !anyUnread && !mayBe.some((key) => seen.has(key))
    },
    namesOf: (kind) => (ofKind.get(kind) ?? []).flatMap(({ name }) => name?.value ?? []),
  }
}

/** Without a name it stands for every name, and without a kind for every kind; neither holds a slash where it counts. */
function keyOf(kind: Kind | undefined, name: string | undefined): string {
  return `${kind ?? '?'}/${name === undefined ? '?' : `=${name}`}`
}
