// Deletions held back on the switch: for a run that does not remember the manifests of the last one. What was there is
// told by our cookies and by the counts beside the revision; what can be held is flows. Pure.
import type { DesiredFlows } from '../compile/desired.js'
import { arpOfRemotePorts, arpResponder } from '../features/arp-responder/index.js'
import { eastWest } from '../features/east-west/index.js'
import { icmpEcho } from '../features/icmp-echo/index.js'
import { ingress } from '../features/ingress/index.js'
import { layer2Group, layer2Unicast } from '../features/layer2/index.js'
import { neighbours } from '../features/neighbours/index.js'
import { portSecurity, spoofed } from '../features/port-security/index.js'
import { punt } from '../features/punt/index.js'
import { routerErrors } from '../features/router-errors/index.js'
import { ownSubnet } from '../features/routing/index.js'
import { staticRoutes } from '../features/static-routes/index.js'
import { tunnelNetworks } from '../features/tunnel-arrivals/index.js'
import { tunnelGroup, tunnelUnicast } from '../features/tunnel-departures/index.js'
import { tunnelPeers } from '../features/tunnel-ingress/index.js'
import { tunnelRouters, tunnelSenders } from '../features/tunnel-senders/index.js'
import type { Kind } from '../manifest/model.js'
import type { ManifestStore } from '../manifest/store.js'
import type { Flow } from '../openflow/flow.js'
import { isOurs, parseCookie } from '../pipeline/cookie.js'
import { countBy, type Counts, type DeleteLimit, type Deletion, type Held, isUnsafe } from '../plan/guard.js'
import { type Gone, keepFlows, withFlows } from './keep-flows.js'

/** Which kind of object the flows of a feature are for: a cookie has the feature and a hash, and no name. */
export const KIND_OF_FEATURE: ReadonlyMap<number, Kind> = new Map<number, Kind>([
  [ingress.id, 'Port'],
  [portSecurity.id, 'Port'],
  [spoofed.id, 'Port'],
  [layer2Unicast.id, 'Port'],
  [punt.id, 'Port'],
  [layer2Group.id, 'Network'],
  [ownSubnet.id, 'Subnet'],
  [arpResponder.id, 'Router'],
  [icmpEcho.id, 'Router'],
  [eastWest.id, 'Router'],
  [staticRoutes.id, 'Router'],
  [routerErrors.id, 'Router'],
  [neighbours.id, 'Router'],
  [arpOfRemotePorts.id, 'Port'],
  [tunnelPeers.id, 'Port'],
  [tunnelNetworks.id, 'Network'],
  [tunnelSenders.id, 'Port'],
  [tunnelRouters.id, 'Router'],
  [tunnelUnicast.id, 'Port'],
  [tunnelGroup.id, 'Network'],
])

export interface OnSwitch {
  readonly installed: readonly Flow[]
  /** Objects by kind when everything was applied last; undefined where nobody noted it. */
  readonly recorded: Counts | undefined
  /** Numbers of the ports that the bridge has. */
  readonly ofports: ReadonlySet<number>
}

export interface HeldFlows {
  /** What the switch is to hold. */
  readonly desired: DesiredFlows
  readonly held: Held | undefined
}

/**
 * Lets a change through, or adds to the desired flows those that nothing asks for any more. A switch that has lost its flows
 * has none to add, and still remembers how many objects there were: what they were must not be forgotten over half a set.
 */
export function holdFlows(
  desired: DesiredFlows,
  store: Pick<ManifestStore, 'counts' | 'hasHash'>,
  onSwitch: OnSwitch,
  limit: DeleteLimit | undefined,
): HeldFlows {
  const known = objectsOnSwitch(onSwitch.installed)
  const gone = new Map([...known].filter(([hash]) => !store.hasHash(hash)))
  const deletion = deletionOf(store.counts, onSwitch.recorded, known, gone)
  if (!isUnsafe(deletion, limit)) return { desired, held: undefined }
  const held = { objects: deletion.removed, names: [] }
  const kept = keepFlows(desired, onSwitch, gone)
  if (kept) return { desired: kept, held: { ...held, blocks: 'nothing' } }
  const ours = onSwitch.installed.filter(({ cookie }) => isOurs(cookie))
  return { desired: withFlows(new Map(), ours), held: { ...held, blocks: 'everything' } }
}

function objectsOnSwitch(installed: readonly Flow[]): Gone {
  return new Map(
    installed.flatMap(({ cookie }) => {
      const parsed = parseCookie(cookie)
      const kind = parsed?.class === 'model' ? KIND_OF_FEATURE.get(parsed.feature) : undefined
      return parsed && kind ? [[parsed.object, kind] as const] : []
    }),
  )
}

/** The counts know of objects without flows, the cookies of objects that others came in place of. */
function deletionOf(after: Counts, recorded: Counts | undefined, known: Gone, gone: Gone): Deletion {
  const [seen, seenGone] = [countBy(known.values(), String), countBy(gone.values(), String)]
  const before = new Map<string, number>()
  const removed = new Map<string, number>()
  for (const kind of new Set([...(recorded?.keys() ?? []), ...seen.keys()])) {
    const count = Math.max(recorded?.get(kind) ?? 0, seen.get(kind) ?? 0)
    const fewer = Math.max(count - (after.get(kind) ?? 0), seenGone.get(kind) ?? 0)
    before.set(kind, count)
    if (fewer > 0) removed.set(kind, fewer)
  }
  return { before, removed, after }
}
