// All keys below the prefix, as they were at one revision, in pages: a large site's do not fit one answer.
import type { Etcd3 } from 'etcd3'
import { type KeyState, rangeOf, readKey } from './keys.js'

const PAGE_KEYS = 10_000

export interface Snapshot {
  readonly states: readonly KeyState[]
  readonly revision: number
}

export async function readAll(etcd: Etcd3, prefix: string): Promise<Snapshot> {
  const states: KeyState[] = []
  const { range_end, key: first } = rangeOf(prefix)
  let revision: string | undefined
  for (let key: Buffer | undefined = first; key;) {
    const page = await etcd.kv.range({ key, range_end, limit: PAGE_KEYS, ...(revision && { revision }) })
    revision ??= page.header.revision
    states.push(...page.kvs.flatMap((raw) => readKey(prefix, raw, true) ?? []))
    const last = page.kvs.at(-1)
    key = page.more && last ? Buffer.concat([last.key, Buffer.from([0])]) : undefined
  }
  return { states, revision: Number(revision) }
}
