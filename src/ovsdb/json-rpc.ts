// The three messages of JSON-RPC 1.0 (https://www.jsonrpc.org/specification_v1, RFC 7047, section 4): a parsed JSON value in,
// a checked message out, and back to text.
import { malformed } from './failures.js'

export interface Reply {
  readonly kind: 'reply'
  readonly id: unknown
  readonly result: unknown
  /** null when there was none */
  readonly error: unknown
}

export interface Request {
  readonly kind: 'request'
  readonly id: unknown
  readonly method: string
  readonly params: readonly unknown[]
}

export interface Notification {
  readonly kind: 'notification'
  readonly method: string
  readonly params: readonly unknown[]
}

export type Message = Reply | Request | Notification

/** @throws ReconcileError OVSDB_MALFORMED when the value is none of the three messages */
export function parseMessage(value: unknown): Message {
  if (!isRecord(value)) throw malformed('a JSON-RPC message that is not an object')
  const { id, method, params, result, error } = value
  if (method === undefined) {
    if (id === undefined || id === null) throw malformed('a JSON-RPC message with neither method nor id')
    return { kind: 'reply', id, result, error: error ?? null }
  }
  if (typeof method !== 'string') throw malformed(`the JSON-RPC method ${JSON.stringify(method)}`)
  if (!Array.isArray(params)) throw malformed(`parameters of "${method}" that are not an array`)
  const list: readonly unknown[] = params
  if (id === undefined || id === null) return { kind: 'notification', method, params: list }
  return { kind: 'request', id, method, params: list }
}

export function encodeRequest(id: number, method: string, params: readonly unknown[]): string {
  return JSON.stringify({ method, params, id })
}

export function encodeReply(id: unknown, result: unknown, error: unknown = null): string {
  return JSON.stringify({ result, error, id })
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
