// Names and references of all manifests: no two alike, none that leads nowhere.
import { ReconcileError } from '../errors/error.js'
import { objectHash } from '../values/hash.js'
import { describeObject } from './describe.js'
import type { Draft, Located, Report } from './draft.js'
import { findClashes } from './grouping.js'
import type { ManifestIndex } from './manifest-index.js'
import { type Kind, KINDS } from './model.js'
import { nearest } from './suggest.js'

export function checkDuplicateNames({ all }: ManifestIndex, report: Report): void {
  const clash = (second: NamedDraft, first: NamedDraft): void => {
    const { value, at } = second.name
    const related = [{ label: 'first defined here', at: first.name.at }]
    const remedy = 'Rename or remove one of the two.'
    report(
      new ReconcileError('DUPLICATE_NAME', `There are two ${second.kind} objects named "${value}".`, {
        at,
        related,
        remedy,
      }),
    )
  }
  findClashes(all.filter(isNamed), ({ kind, name }) => `${kind}/${name.value}`, clash)
}

type NamedDraft = Draft & { readonly name: Located<string> }

function isNamed(draft: Draft): draft is NamedDraft {
  return draft.name !== undefined
}

/** The object part of a cookie must tell objects apart. */
export function checkHashes(index: ManifestIndex, report: Report): void {
  const clash = (second: NamedDraft, first: NamedDraft): void => {
    const [a, b] = [first, second].map(({ kind, name }) => describeObject(kind, name.value))
    const message = `The names of ${String(b)} and ${String(a)} have the same 40-bit hash, which marks their flows.`
    const related = [{ label: 'the other name', at: first.name.at }]
    report(
      new ReconcileError('HASH_COLLISION', message, {
        at: second.name.at,
        related,
        remedy: 'Rename one of the two.',
      }),
    )
  }
  const unique = KINDS.flatMap<Draft>((kind) => index.of(kind)).filter(isNamed)
  findClashes(unique, ({ kind, name }) => objectHash(kind, name.value), clash)
}

interface Reference {
  readonly from: Draft
  readonly to: Kind
  readonly name: Located<string> | undefined
}

export function checkReferences(index: ManifestIndex, report: Report): void {
  const suggest = suggester(index)
  for (const { from, to, name } of index.all.flatMap(referencesOf)) {
    if (!name || !index.isMissing(to, name.value)) continue
    const message = `${describeObject(from.kind, from.name?.value)} refers to ${describeObject(to, name.value)}, which is not there.`
    report(
      new ReconcileError('UNRESOLVED_REFERENCE', message, { at: name.at, remedy: suggest(to, name.value) }),
    )
  }
}

function referencesOf(from: Draft): Reference[] {
  switch (from.kind) {
    case 'Subnet':
      return [{ from, to: 'Network', name: from.network }]
    case 'Router':
      return from.interfaces.map(({ subnet }) => ({ from, to: 'Subnet', name: subnet }))
    case 'Port':
      return [
        { from, to: 'Network', name: from.network },
        ...from.fixedIps.map(({ subnet }): Reference => ({ from, to: 'Subnet', name: subnet })),
        { from, to: 'Node', name: from.host },
      ]
    default:
      return []
  }
}

/** A suggestion looks at every name, so each missing name is looked up once, and no more than that many names. */
const MAX_SUGGESTIONS = 100

function suggester(index: ManifestIndex): (kind: Kind, name: string) => string {
  const remedies = new Map<string, string>()
  return (kind, name) => {
    const key = `${kind}/${name}`
    const remedy =
      remedies.get(key) ?? (remedies.size < MAX_SUGGESTIONS ? remedyFor(index, kind, name) : addOne(kind))
    remedies.set(key, remedy)
    return remedy
  }
}

function remedyFor(index: ManifestIndex, kind: Kind, name: string): string {
  const names = index.namesOf(kind)
  const meant = nearest(name, names)
  if (meant !== undefined) return `Did you mean "${meant}"?`
  if (names.length === 0 || names.length > 5) return addOne(kind)
  return `Use the name of a ${kind} that is there (${names.join(', ')}), or add one.`
}

function addOne(kind: Kind): string {
  return `Use the name of a ${kind} that is there, or add one.`
}
