// One change, made by compare-and-swap: a change in, what the store then held of its key out.
import type { Etcd3, ICompare, IRequestOp } from 'etcd3'
import type { Change } from './claims.js'
import { encodeValue, keyOf, type KeyState, readKey } from './keys.js'

/** @returns undefined where somebody was faster and there is nothing: the watch tells more */
export async function commit(
  etcd: Etcd3,
  prefix: string,
  lease: string,
  change: Change,
): Promise<KeyState | undefined> {
  const key = keyOf(prefix, change)
  const { succeeded, header, responses } = await etcd.kv.txn({
    compare: [comparison(key, change.expected)],
    success: [operation(key, lease, change)],
    failure: [{ request_range: { key } }],
  })
  const { kind, name, value } = change
  if (succeeded) {
    return { kind, name, value, present: value !== undefined, modRevision: Number(header.revision), lease }
  }
  const found = responses[0]?.response_range.kvs[0]
  return found && readKey(prefix, found, true)
}

function comparison(key: Buffer, expected: number): ICompare {
  return expected === 0
    ? { key, target: 'Create', result: 'Equal', create_revision: 0 }
    : { key, target: 'Mod', result: 'Equal', mod_revision: expected }
}

function operation(key: Buffer, lease: string, { kind, value }: Change): IRequestOp {
  if (value === undefined) return { request_delete_range: { key } }
  return { request_put: { key, value: encodeValue(kind, value), lease } }
}
