// A feature is one folder that knows all about one thing the pipeline does: from the topology it takes facts, and from
// facts alone it makes flows. Facts are therefore the whole list of what its flows depend on.
import type { SourcePosition } from '../errors/error.js'
import type { Topology } from '../topology/topology.js'
import type { CookieClass } from './cookie.js'
import type { FlowSpec } from './flow.js'

/** The object of the manifests that is the reason for a flow. */
export interface FlowOwner {
  readonly kind: string
  readonly name: string
  readonly at: SourcePosition
}

/** A flat record: what one piece of a feature depends on. */
export type Facts = Readonly<Record<string, Fact>>
export type Fact = string | number | boolean | undefined | readonly (string | number)[]

export interface Slice<F extends Facts = Facts> {
  /** Unique within the feature. */
  readonly key: string
  /** Undefined: the flows are there whatever the manifests say. */
  readonly owner: FlowOwner | undefined
  readonly facts: F
}

export interface Feature<F extends Facts = Facts> {
  readonly name: string
  /** 0..63, in the cookie: never given to another feature. */
  readonly id: number
  readonly class: CookieClass
  readonly purpose: string
  slices(topology: Topology): readonly Slice<F>[]
  flows(facts: F): readonly FlowSpec[]
}

/** Slices of the same flows in every network. */
export function pipelineSlice<F extends Facts>(facts: F): readonly Slice<F>[] {
  return [{ key: '', owner: undefined, facts }]
}
