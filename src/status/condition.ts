// The words of a status: conditions of objects as Kubernetes has them, and the state of the whole.

export type ConditionType = 'Valid' | 'Resolved' | 'Bound' | 'Programmed'

export type Truth = 'True' | 'False' | 'Unknown'

/** What is known of an object in one respect. */
export interface Finding {
  readonly type: ConditionType
  readonly status: Truth
  /** One word in CamelCase, for programs. */
  readonly reason: string
  readonly message: string
  readonly remedy?: string | undefined
}

export interface Condition extends Finding {
  /** When `status` became what it is: ISO 8601, UTC. */
  readonly lastTransitionTime: string
}

export interface ObjectStatus {
  readonly kind: string
  readonly name: string
  /** Where it is written: file:line:column. */
  readonly at: string
  /** Of the manifests that it was read from. */
  readonly revision: string
  /** False: a condition is False. Unknown: none is, and one is Unknown. */
  readonly ready: Truth
  /** In the order in which an object comes to work. */
  readonly conditions: readonly Condition[]
}

/** By `objectKey`. */
export type StatusRows = ReadonlyMap<string, ObjectStatus>

export interface StatusTable {
  /** What is needed here, what has a problem, and what is held. */
  readonly rows: StatusRows
  readonly others: Others
}

/** All other objects of the manifests: so many that nothing is kept of them. */
export interface Others {
  readonly counts: Counts
  /** Is there nothing to say of any of them? */
  readonly isQuiet: boolean
  /** Of their conditions: ISO 8601, UTC. */
  readonly since: string
  /** Made one by one while they are taken, and by each call. */
  readonly rows: () => Iterable<ObjectStatus>
}

/** In the order in which they are looked for: the first that is so. */
export type Phase =
  'StandingBy' | 'Disconnected' | 'Suspended' | 'Invalid' | 'Held' | 'Degraded' | 'OutOfSync' | 'Synced'

export interface Counts {
  readonly objects: number
  readonly ready: number
  readonly notReady: number
  readonly unknown: number
}

export interface ProblemStatus {
  readonly code: string
  readonly message: string
  readonly remedy?: string | undefined
  /** file:line:column */
  readonly at?: string | undefined
  /** `Port/vm1`; absent where it is no object's. */
  readonly object?: string | undefined
}

/** A person's word that nothing is to be written. */
export interface Suspension {
  /** ISO 8601; empty where whoever wrote it did not say. */
  readonly since: string
  readonly reason: string
}

/** What a node knows of the etcd by which it agrees with the others. */
export interface EtcdStatus {
  /** Members. */
  readonly urls: readonly string[]
  readonly connected: boolean
  /** When `connected` became what it is: ISO 8601, UTC. */
  readonly since: string
}

export interface Summary {
  readonly bridge: string
  /** The name under which this is one of the nodes; null: not known yet, or the machine is alone. */
  readonly node: string | null
  /** Where the flows are to be had, as `--openflow` takes it; null of a switch that has connected by itself. */
  readonly openflow: string | null
  /** Null where the nodes do not agree by etcd, and before the first pass. */
  readonly etcd: EtcdStatus | null
  readonly pid: number
  readonly phase: Phase
  /** When it came to this phase: ISO 8601, UTC. */
  readonly since: string
  readonly message: string
  readonly remedy?: string | undefined
  readonly revision: {
    /** Of the manifests as they were last read, valid or not. */
    readonly wanted: string | null
    /** Of those that the switch was made to agree with in full. */
    readonly applied: string | null
  }
  readonly suspended: Suspension | null
  readonly counts: Counts
  readonly problems: readonly ProblemStatus[]
  readonly warnings: readonly string[]
}

export function objectKey({ kind, name }: { readonly kind: string; readonly name: string }): string {
  return `${kind}/${name}`
}

/** A port of another node is that node's business: nothing is known here, and nothing is wrong. */
export const ELSEWHERE = 'Elsewhere'

/** No port of this node can reach it, so that nothing is asked of this node. */
export const NOT_NEEDED = 'NotNeeded'

export function isWell({ status, reason }: Finding): boolean {
  return status === 'True' || reason === ELSEWHERE || reason === NOT_NEEDED
}

/** Is there something that a person should know? Also of what works all the same. */
export function hasToSay(finding: Finding): boolean {
  return !isWell(finding) || finding.remedy !== undefined
}

/** The condition that says most of an object: the first that has to say something, False before all, else the last. */
export function tellingCondition({ conditions }: ObjectStatus): Condition | undefined {
  return (
    conditions.find(({ status }) => status === 'False') ??
    conditions.find(hasToSay) ??
    conditions.findLast(({ reason }) => reason === ELSEWHERE) ??
    conditions.at(-1)
  )
}
