import { createHash } from 'node:crypto'
import type { Hex } from './hex.js'

/** The first `bytes` bytes of the SHA-256 of a text: the same in every run and on every node. */
export function stableHash(text: string, bytes: number): Hex {
  return createHash('sha256')
    .update(text)
    .digest('hex')
    .slice(0, bytes * 2) as Hex
}

/**
 * 40 bits that stand for one object, a pure function of kind and name: the object part of a cookie. Manifests in which
 * two objects share it are refused (HASH_COLLISION).
 */
export function objectHash(kind: string, name: string): Hex {
  return stableHash(`${kind}/${name}`, 5)
}
