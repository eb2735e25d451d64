// What comes before a full pass and after it: the guard asked what may be deleted, the manifests joined with the switch,
// and what was applied noted on the bridge.
import type { ManifestStore } from '../manifest/store.js'
import { writeBridgeExternalIds } from '../ovsdb/bridge.js'
import { type Held, parseCounts, renderCounts } from '../plan/guard.js'
import type { BridgeNotes } from '../ovsdb/view.js'
import { failpoint } from '../switch/failpoints.js'
import { type ClusterView, NO_CLUSTER } from '../topology/cluster-view.js'
import { buildTopology, type Topology } from '../topology/topology.js'
import type { Admitted, DeletionGuard, Hold, SwitchMemory } from './deletion-guard.js'
import { holdRemote } from './hold-remote.js'
import { linkAddress, type NodeInputs, nodeNote } from './node-note.js'
import { neededAt, type Place, placeOf } from './place.js'
import type { RefusedObject } from './refusal.js'
import { describeSuspension, suspensionOf } from './suspension.js'
import type { BridgeLink, Plugged } from './switch-link.js'

/** Keys of Bridge.external_ids: the revision that was applied last, all of it, and how many objects it had by kind. */
const REVISION_KEY = 'reconcile-revision'
const OBJECTS_KEY = 'reconcile-objects'

/** The desired state of one node. */
export interface Wanted extends NodeInputs {
  /** What nodes tell each other; nothing unless given. */
  readonly cluster?: ClusterView | undefined
  /** What counts as plugged in, instead of what the link of the bridge tells. */
  readonly plugged?: Plugged
}

/** What a full pass is to work by. */
export interface PreparedPass extends Admitted {
  readonly topology: Topology
  readonly place: Place
  /** What is to be noted on the bridge of its node. */
  readonly note: Readonly<Record<string, string>>
}

export function preparePass(link: BridgeLink, guard: DeletionGuard, wanted: Wanted): PreparedPass {
  const admitted = guard.admit(wanted.store, switchMemory(link))
  const inputs = { ...wanted, store: admitted.store }
  return { ...admitted, ...joinLink(link, inputs), note: nodeNote(link, inputs) }
}

/** For a pass that does not know where ports are that nobody tells of: what leads to them stays, besides. */
export function blindHold(
  { topology, hold }: Pick<PreparedPass, 'topology' | 'hold'>,
  { bindings }: ClusterView = NO_CLUSTER,
  onLeft: () => void = () => undefined,
): Hold {
  return (desired, installed) => {
    const rest = hold(desired, installed)
    const untold = topology.scope.ports.filter(({ name }) => !bindings.has(name))
    const left = holdRemote(rest.desired, installed, untold)
    if (left !== rest.desired) onLeft()
    return { ...rest, desired: left }
  }
}

/** What of the manifests is not on the switch after a pass. */
export interface Rest {
  /** Deletions that were held back. */
  readonly held: Held | undefined
  /** Objects whose flows the switch does not take. */
  readonly refused: readonly RefusedObject[]
}

/**
 * After a pass: the guard and the bridge are told what was applied.
 * @param rest while there is one, the bridge goes on to say what was applied in full: the next start compares with it
 */
export async function notePass(
  link: BridgeLink,
  guard: DeletionGuard,
  { store, note }: PreparedPass,
  revision: string,
  { held, refused }: Rest,
): Promise<void> {
  guard.applied(store, held)
  await failpoint('before-revision')
  const isWhole = !held && refused.length === 0
  await writeNotes(link, { ...note, ...(isWhole && applied(revision, store)) })
  await failpoint('after-revision')
}

/** What the switch remembers of the last run. */
export function switchMemory({ bridge, interfaces }: BridgeLink): SwitchMemory {
  const counts = bridge?.externalIds.get(OBJECTS_KEY)
  return {
    recorded: counts === undefined ? undefined : parseCounts(counts),
    ofports: new Set(interfaces.flatMap(({ ofport }) => ofport ?? [])),
  }
}

/** What was applied in full last, whoever did it. */
export function appliedRevision(notes: BridgeNotes | undefined): string | undefined {
  return notes?.externalIds.get(REVISION_KEY)
}

/** The manifests joined with what the switch has plugged in. */
export function joinLink(link: BridgeLink, wanted: Wanted): Pick<PreparedPass, 'topology' | 'place'> {
  const { store, cluster, plugged = link.plugged } = wanted
  const self = linkAddress(link, wanted)
  const place = placeOf(self.node, plugged, cluster)
  return {
    place,
    topology: buildTopology({ manifests: neededAt(store, place), cluster, ...self, ...plugged }),
  }
}

/** Of ports one bridge of a node speaks: the one that they are in. */
export const NO_NOTICES: Pick<Topology, 'notices'> = { notices: [] }

/** What a person should know besides: the bridge's fail_mode, ports that are not plugged, manifests that say nothing. */
export function linkWarnings(
  { bridge, notes }: BridgeLink,
  { notices }: Pick<Topology, 'notices'>,
  { counts }: Pick<ManifestStore, 'counts'>,
): readonly string[] {
  const suspension = suspensionOf(notes)
  const open = bridge !== undefined && bridge.failMode !== 'secure'
  return [
    ...(counts.size === 0 ? ['the manifests hold no object'] : []),
    ...(suspension && bridge ? [`${describeSuspension(bridge.name, suspension)}; nothing is applied`] : []),
    ...(open ? [`fail_mode of ${bridge.name} is not secure; it is left as it is`] : []),
    ...notices.map(({ port, message }) => `port "${port.name}": ${message}`),
  ]
}

function applied(revision: string, { counts }: ManifestStore): Readonly<Record<string, string>> {
  return { [REVISION_KEY]: revision, [OBJECTS_KEY]: renderCounts(counts) }
}

/** Notes on the bridge what it runs, where something else stands there. */
async function writeNotes(
  { client, bridge }: BridgeLink,
  entries: Readonly<Record<string, string>>,
): Promise<void> {
  if (!bridge || !client) return
  const isThere = Object.entries(entries).every(([key, value]) => bridge.externalIds.get(key) === value)
  if (!isThere) await writeBridgeExternalIds(client, bridge.uuid, entries)
}
