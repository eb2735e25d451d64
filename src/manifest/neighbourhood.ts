// What has to be looked at again when some objects change: these and the files of all in, those drafts out that a check could
// find at odds with them. It follows what the checks between objects compare (CHECKS in parse.ts), and must know of every
// new one.
import type { Draft } from './draft.js'
import { namedBy, ownKey, referenceKey, rivalKeys } from './draft-keys.js'
import type { PackedFile } from './packed-file.js'
import { Selection } from './selection.js'

/** @param changed objects as they are now, and as they were */
export function neighbourhood(files: readonly PackedFile[], changed: readonly Draft[]): readonly Draft[] {
  const selection = new Selection(files)
  selection.take(changed.flatMap(meetingKeys))
  const networks = networksOf([...changed, ...selection.drafts])
  takeNetworks(selection, networks)
  takeRouters(selection)
  takeLegs(selection)
  return selection.drafts
}

/** Of objects that are in no network, which are looked at for the first time: whoever names them is in another portion. */
export function neighbourhoodOfNew(files: readonly PackedFile[], drafts: readonly Draft[]): readonly Draft[] {
  const selection = new Selection(files)
  selection.take(drafts.flatMap(keysMet))
  return selection.drafts
}

/** Of all that is in these networks, which are looked at for the first time. */
export function neighbourhoodOfNetworks(
  files: readonly PackedFile[],
  names: readonly string[],
): readonly Draft[] {
  const selection = new Selection(files)
  takeNetworks(selection, names)
  selection.take(selection.drafts.flatMap(keysMet))
  takeRouters(selection)
  takeLegs(selection)
  return selection.drafts
}

/** Networks by name, with their subnets and ports. */
export function takeNetworks(selection: Selection, names: Iterable<string>): void {
  selection.take([...names].flatMap((name) => [ownKey('Network', name), referenceKey('Network', name)]))
}

/** The routers of the subnets that were taken. */
export function takeRouters(selection: Selection): void {
  const subnets = selection.drafts.filter(({ kind }) => kind === 'Subnet')
  selection.take(subnets.flatMap(({ name }) => (name ? [referenceKey('Subnet', name.value)] : [])))
}

/** The subnets of the routers that were taken. */
export function takeLegs(selection: Selection): void {
  const routers = selection.drafts.filter(({ kind }) => kind === 'Router')
  selection.take(routers.flatMap(namedBy).map(({ kind, name }) => ownKey(kind, name)))
}

/** Namesakes, rivals, who is named and who names it. */
function meetingKeys(draft: Draft): readonly number[] {
  const { kind, name } = draft
  return [...keysMet(draft), ...(name ? [referenceKey(kind, name.value)] : [])]
}

/** Namesakes, rivals and who is named. */
function keysMet(draft: Draft): readonly number[] {
  const { kind, name } = draft
  const named = namedBy(draft).map((reference) => ownKey(reference.kind, reference.name))
  return [...(name ? [ownKey(kind, name.value)] : []), ...named, ...rivalKeys(draft)]
}

/** No address may be twice in a network, so all of it counts. */
function networksOf(drafts: readonly Draft[]): ReadonlySet<string> {
  return new Set(
    drafts.flatMap((draft) => {
      if (draft.kind === 'Network') return draft.name?.value ?? []
      return draft.kind === 'Subnet' || draft.kind === 'Port' ? (draft.network?.value ?? []) : []
    }),
  )
}
