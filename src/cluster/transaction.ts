// Some changes, each made by compare-and-swap, in one transaction: changes in, what the store then held of their keys out.
import type { Etcd3, ICompare, IRequestOp, ITxnResponse } from 'etcd3'
import type { Change } from './claims.js'
import { encodeValue, keyOf, type KeyState, readKey } from './keys.js'

/** etcd takes 128 operations in a transaction, unless it is told otherwise by --max-txn-ops; nested ones count as one more. */
const MOST_CHANGES = 100

/** In the order in which they are asked for. */
export function batchesOf(changes: readonly Change[]): readonly (readonly Change[])[] {
  const count = Math.ceil(changes.length / MOST_CHANGES)
  return Array.from({ length: count }, (_, i) => changes.slice(i * MOST_CHANGES, (i + 1) * MOST_CHANGES))
}

/**
 * Each change is made or not by itself: the transaction around them has no condition.
 * @param changes of different keys
 * @returns nothing of a key where somebody was faster and it is gone: the watch tells more
 */
export async function commit(
  etcd: Etcd3,
  prefix: string,
  lease: string,
  changes: readonly Change[],
): Promise<readonly KeyState[]> {
  const { header, responses } = await etcd.kv.txn({
    compare: [],
    success: changes.map((change) => ({ request_txn: swap(keyOf(prefix, change), lease, change) })),
    failure: [],
  })
  const modRevision = Number(header.revision)
  return changes.flatMap((change, i) => {
    const answer = responses[i]?.response_txn
    return (answer && stateAfter(prefix, { change, answer, modRevision, lease })) ?? []
  })
}

function swap(key: Buffer, lease: string, change: Change) {
  return {
    compare: [comparison(key, change.expected)],
    success: [operation(key, lease, change)],
    failure: [{ request_range: { key } }],
  }
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

interface Swapped {
  readonly change: Change
  readonly answer: ITxnResponse
  readonly modRevision: number
  readonly lease: string
}

function stateAfter(prefix: string, { change, answer, modRevision, lease }: Swapped): KeyState | undefined {
  const { kind, name, value } = change
  if (answer.succeeded) return { kind, name, value, present: value !== undefined, modRevision, lease }
  const found = answer.responses[0]?.response_range.kvs[0]
  return found && readKey(prefix, found, true)
}
