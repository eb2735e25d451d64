// All that a status is made of: what was read, what a pass found, what came after it.
import type { DesiredFlow } from '../compile/desired.js'
import type { ReconcileError, SourcePosition } from '../errors/error.js'
import type { Sighting } from '../manifest/draft.js'
import type { ManifestSet } from '../manifest/model.js'
import type { ManifestStore } from '../manifest/store.js'
import type { ManifestObject } from '../manifest/union.js'
import type { Held } from '../plan/guard.js'
import type { Change, ForeignFlow } from '../plan/plan.js'
import type { ClusterView } from '../topology/cluster-view.js'
import type { Topology } from '../topology/topology.js'
import type { EtcdStatus, Finding, Suspension } from './condition.js'

/** The newest set without a problem. */
export interface GoodSet {
  readonly store: ManifestStore
  readonly revision: string
}

/** The last reading of the files, good or not. */
export interface Reading {
  readonly revision: string
  readonly problems: readonly ReconcileError[]
  /** Objects that were seen in it, where it has problems. */
  readonly seen: readonly Sighting[]
}

/** A full pass that came to its end. */
export interface PassKnowledge {
  readonly good: GoodSet
  /** Objects that are not in the good set and stay, as their deletion is held. */
  readonly gone: readonly ManifestObject[]
  readonly held: Held | undefined
  readonly warnings: readonly string[]
  /** Of the Node that this is, as far as something is known. */
  readonly node?: Finding | undefined
}

/** Flows that are not on the switch as they were wanted. */
export interface Outstanding {
  readonly conflicts: readonly ForeignFlow[]
  /** What others changed and the drift policy leaves alone. */
  readonly left: readonly Change[]
}

export const NOTHING_OUTSTANDING: Outstanding = { conflicts: [], left: [] }

/** An object whose flows the switch refused. */
export interface RefusedObject {
  readonly owner: { readonly kind: string; readonly name: string }
  readonly error: ReconcileError
}

/** Why the last pass did not come to its end. */
export interface Failure {
  /** CamelCase */
  readonly reason: string
  readonly message: string
  readonly remedy?: string | undefined
  /** The object that is the cause, where one is. */
  readonly at?: SourcePosition | undefined
}

export interface Knowledge {
  readonly bridge: string
  /** Where its flows are to be had; undefined of a switch that has connected by itself. */
  readonly openflow?: string | undefined
  /** The same record until it changes. */
  readonly etcd?: EtcdStatus | undefined
  readonly pid: number
  readonly good: GoodSet | undefined
  /** Undefined before the first. */
  readonly reading: Reading | undefined
  readonly connection: 'working' | 'standing-by' | 'disconnected'
  readonly suspension: Suspension | undefined
  /** What of the good set this bridge needs, by what the last pass found plugged in; undefined where there was none. */
  readonly needed: ManifestSet | undefined
  /** What nodes tell each other: newer than the last pass, where that has nothing to do with it. */
  readonly cluster?: ClusterView | undefined
  /** As the last pass saw it. */
  readonly topology: Topology | undefined
  /** Undefined before the first one on this connection. */
  readonly pass: PassKnowledge | undefined
  readonly failure: Failure | undefined
  /** As it stands on the bridge. */
  readonly applied: string | undefined
  readonly outstanding: Outstanding
  /** Flows that another program changes again and again. */
  readonly contended: readonly DesiredFlow[]
  readonly refused: readonly RefusedObject[]
}
