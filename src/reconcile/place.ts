// Where a node stands: its name and what is plugged in there in, the objects that it needs out.
import type { ManifestSet } from '../manifest/model.js'
import type { Here } from '../manifest/reach.js'
import type { ManifestStore } from '../manifest/store.js'
import { type ClusterView, NO_CLUSTER } from '../topology/cluster-view.js'
import { isAlone } from '../topology/scope.js'
import type { Plugged } from './switch-link.js'

export interface Place extends Here {
  /** What nodes told each other. */
  readonly cluster: ClusterView
}

export function placeOf(
  node: string,
  { interfaces }: Pick<Plugged, 'interfaces'>,
  cluster: ClusterView = NO_CLUSTER,
): Place {
  const claims = interfaces.flatMap(({ name, ifaceId }) => (ifaceId === undefined ? name : [name, ifaceId]))
  return { node, claims: new Set(claims), cluster }
}

/** By store, where it was asked for everything: made once, it is kept as long as the store is. */
const whole = new WeakMap<ManifestStore, ManifestSet>()

/** What the ports there may reach; everything where the node is alone. The same record as long as nothing of it changes. */
export function neededAt(store: ManifestStore, place: Place): ManifestSet {
  if (!isAlone(store, place.node, place.cluster)) return store.reach(place)
  const all = whole.get(store) ?? store.all()
  whole.set(store, all)
  return all
}
