// Names and values of the keys: PREFIX/nodes/NAME = {"switch":"ID","tunnelIp":"192.0.2.1"}, PREFIX/contenders/NAME =
// {"switch":"ID"} and PREFIX/ports/PORT = {"node":"NAME"}. Others may write below the prefix too, so whatever does not read as
// one of these says nothing.
import { type Ipv4, parseIpv4, renderIpv4 } from '../values/ipv4.js'

export type KeyKind = 'nodes' | 'contenders' | 'ports'

const KINDS: readonly string[] = ['nodes', 'contenders', 'ports'] satisfies readonly KeyKind[]

/** Who has the name of a node, and how it is reached. */
export interface NodeEntry {
  readonly switchId: string
  /** Undefined where the node has no tunnels. */
  readonly tunnelIp: Ipv4 | undefined
}

/** A key as it was at one revision of etcd. */
export interface KeyState {
  readonly kind: KeyKind
  /** Of the node, or of the port. */
  readonly name: string
  /** Of a node, the text that `nodeEntry` reads; the switch that asks for its name; the node that has bound the port. Undefined: unreadable. */
  readonly value: string | undefined
  /** False for a key that was deleted. */
  readonly present: boolean
  /** The revision of the last change of the key, its deletion included. */
  readonly modRevision: number
  /** A number of 64 bits, in decimal; `0` for none. */
  readonly lease: string
}

/** What is told of a key by etcd (mvccpb.KeyValue), and all that is used of it. */
export interface RawKey {
  readonly key: Buffer
  readonly value: Buffer
  readonly mod_revision: string
  readonly lease: string
}

const FIELD = { contenders: 'switch', ports: 'node' } as const

export function keyOf(prefix: string, { kind, name }: Pick<KeyState, 'kind' | 'name'>): Buffer {
  return Buffer.from(`${prefix}/${kind}/${name}`)
}

/** The first key below the prefix, and the first one behind it: "0" follows "/" in ASCII. */
export function rangeOf(prefix: string): { readonly key: Buffer; readonly range_end: Buffer } {
  return { key: Buffer.from(`${prefix}/`), range_end: Buffer.from(`${prefix}0`) }
}

export function encodeValue(kind: KeyKind, value: string): Buffer {
  return Buffer.from(kind === 'nodes' ? value : JSON.stringify({ [FIELD[kind]]: value }))
}

/** One text for one entry, so that entries can be compared as texts. */
export function renderNodeEntry({ switchId, tunnelIp }: NodeEntry): string {
  return JSON.stringify({
    switch: switchId,
    ...(tunnelIp !== undefined && { tunnelIp: renderIpv4(tunnelIp) }),
  })
}

/** @param value of a key of kind `nodes` @returns undefined for text that is no entry of a node */
export function nodeEntry(value: string): NodeEntry | undefined {
  const { switch: switchId, tunnelIp: text } = fieldsOf(value)
  const tunnelIp = typeof text === 'string' ? parseIpv4(text) : undefined
  if (typeof switchId !== 'string' || (text !== undefined && tunnelIp === undefined)) return undefined
  return { switchId, tunnelIp }
}

/** @returns undefined for a key that is none of ours */
export function readKey(prefix: string, raw: RawKey, present: boolean): KeyState | undefined {
  const [kind, name, ...rest] = raw.key
    .toString()
    .slice(prefix.length + 1)
    .split('/')
  if (!isKind(kind) || !name || rest.length > 0) return undefined
  const value = present ? decodeValue(kind, raw.value.toString()) : undefined
  return { kind, name, value, present, modRevision: Number(raw.mod_revision), lease: raw.lease }
}

function isKind(text: string | undefined): text is KeyKind {
  return text !== undefined && KINDS.includes(text)
}

function decodeValue(kind: KeyKind, text: string): string | undefined {
  if (kind === 'nodes') {
    const entry = nodeEntry(text)
    return entry && renderNodeEntry(entry)
  }
  const value = fieldsOf(text)[FIELD[kind]]
  return typeof value === 'string' && value !== '' ? value : undefined
}

function fieldsOf(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
  } catch {
    return {}
  }
}
