// Stores of manifests that tell what they were asked for.
import { type ManifestStore, plainStore } from '../../src/manifest/store.js'
import type { ManifestSet } from '../../src/manifest/model.js'

/** As one that is packed: all objects are made anew for each call, which costs much on a large site, and is counted. */
export function packedStore(manifests: ManifestSet): { readonly store: ManifestStore; unpacked: number } {
  const asked = {
    store: {
      ...plainStore(manifests),
      all: () => {
        asked.unpacked++
        return structuredClone(manifests)
      },
    },
    unpacked: 0,
  }
  return asked
}
