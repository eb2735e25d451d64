// Names and values of the keys: PREFIX/nodes/NAME = {"tunnelIp":"192.0.2.1"} and PREFIX/ports/PORT = {"node":"NAME"}.
// Others may write below the prefix too, so whatever does not read as one of these says nothing.
import { parseIpv4 } from '../values/ipv4.js'

export type KeyKind = 'nodes' | 'ports'

/** A key as it was at one revision of etcd. */
export interface KeyState {
  readonly kind: KeyKind
  /** Of the node, or of the port. */
  readonly name: string
  /** The node's tunnel address in dotted decimal, or the node that has bound the port; undefined: unreadable. */
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

const FIELD: Readonly<Record<KeyKind, string>> = { nodes: 'tunnelIp', ports: 'node' }

export function keyOf(prefix: string, { kind, name }: Pick<KeyState, 'kind' | 'name'>): Buffer {
  return Buffer.from(`${prefix}/${kind}/${name}`)
}

/** The first key below the prefix, and the first one behind it: "0" follows "/" in ASCII. */
export function rangeOf(prefix: string): { readonly key: Buffer; readonly range_end: Buffer } {
  return { key: Buffer.from(`${prefix}/`), range_end: Buffer.from(`${prefix}0`) }
}

export function encodeValue(kind: KeyKind, value: string): Buffer {
  return Buffer.from(JSON.stringify({ [FIELD[kind]]: value }))
}

/** @returns undefined for a key that is none of ours */
export function readKey(prefix: string, raw: RawKey, present: boolean): KeyState | undefined {
  const [kind, name, ...rest] = raw.key
    .toString()
    .slice(prefix.length + 1)
    .split('/')
  if ((kind !== 'nodes' && kind !== 'ports') || !name || rest.length > 0) return undefined
  const value = present ? decodeValue(kind, raw.value.toString()) : undefined
  return { kind, name, value, present, modRevision: Number(raw.mod_revision), lease: raw.lease }
}

function decodeValue(kind: KeyKind, text: string): string | undefined {
  const value = fieldOf(text, FIELD[kind])
  if (typeof value !== 'string' || value === '') return undefined
  return kind === 'nodes' && parseIpv4(value) === undefined ? undefined : value
}

function fieldOf(text: string, field: string): unknown {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[field] : undefined
  } catch {
    return undefined
  }
}
