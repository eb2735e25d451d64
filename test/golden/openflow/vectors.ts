// The recorded vectors: bytes that a real Open vSwitch 3.1 sent or took. See README.md beside this file.
import { readFileSync } from 'node:fs'

export interface FlowVector {
  readonly name: string
  readonly text: string
  readonly version: 'OpenFlow13' | 'OpenFlow15'
  readonly flow_mod_hex: string | null
  readonly flow_stats_entry_hex: string | null
  readonly dump_text: string | null
}

/** A flow-mod made by hand, and what the switch said to it. */
export interface RawVector extends Omit<FlowVector, 'text'> {
  /** First 12 bytes of the error; null when the flow was taken. */
  readonly error_hex: string | null
  readonly error_text: string | null
}

/** One of the many ways to write a match. */
export interface MatchVector extends Omit<FlowVector, 'name'> {
  readonly error_text: string | null
}

/** An entry of a dump as a connection of one version is given it. */
export interface DumpEntry {
  readonly version: 'OpenFlow13' | 'OpenFlow15'
  readonly dump_text: string
  readonly flow_stats_entry_hex: string
}

/** A flow with actions, sent in one version and dumped in both. */
export interface ActionVector {
  readonly text: string
  readonly version: 'OpenFlow13' | 'OpenFlow15'
  readonly flow_mod_hex: string
  readonly back: readonly DumpEntry[]
}

export interface MessageVector {
  readonly name: string
  readonly version: 'OpenFlow13' | 'OpenFlow14' | 'OpenFlow15'
  readonly direction: 'to-switch' | 'from-switch'
  readonly message_hex: string
  readonly text: string
}

function load(file: string): readonly unknown[] {
  const text = readFileSync(new URL(file, import.meta.url), 'utf8')
  return (JSON.parse(text) as { readonly vectors: readonly unknown[] }).vectors
}

export const flowVectors = [...load('flows-of13.json'), ...load('flows-of15.json')] as readonly FlowVector[]

export const rawVectors = load('raw-of13.json') as readonly RawVector[]

export const matchVectors = (load('match.json') as readonly MatchVector[]).filter(
  ({ flow_mod_hex }) => flow_mod_hex !== null,
)

export const actionVectors = load('actions.json') as readonly ActionVector[]

export const messageVectors = load('messages.json') as readonly MessageVector[]

/** The flows that `ovs-ofctl` would encode. */
export const textVectors = flowVectors.filter(({ flow_mod_hex }) => flow_mod_hex !== null)
