// Whether packed files are good together: files in, yes or no out, by the checks between objects, unchanged, on a part at a time.
// For the problems themselves one looks at all at once.
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Draft } from './draft.js'
import { namedBy } from './draft-keys.js'
import { indexManifests } from './manifest-index.js'
import { neighbourhood, neighbourhoodOfNetworks, neighbourhoodOfNew } from './neighbourhood.js'
import type { PackedFile } from './packed-file.js'
import { PackedStore } from './packed-store.js'
import { checkObjects } from './parse.js'

/** Are files good that were good before a change? @param changed objects as they are now, and as they were */
export function isGoodAround(files: readonly PackedFile[], changed: readonly Draft[]): boolean {
  return isGoodAmong(files, neighbourhood(files, changed))
}

/** Few enough to need little memory, and enough that files are not unpacked again and again. */
const PORTION_OBJECTS = 10_000
/** A portion may meet this many times as many objects as are its own, or may be. */
const MAX_OVERLAP = 4

/**
 * Are files good of which nothing is known? They are looked at network by network, as most that can clash is in one, and with
 * pauses for packets.
 * @returns false also where portions have so much in common that it is better to look at all at once
 */
export async function isGoodThroughout(
  files: readonly PackedFile[],
  portionObjects = PORTION_OBJECTS,
): Promise<boolean> {
  const { networks, others } = await survey(files)
  for (const part of portionsOf(others, () => 1, portionObjects)) {
    if (!isGoodAmong(files, neighbourhoodOfNew(files, part))) return false
    await nextTurn()
  }
  for (const part of portionsOf([...networks], ([, count]) => count, portionObjects)) {
    const names = part.map(([name]) => name)
    const own = part.reduce((sum, [, count]) => sum + count, 0)
    const drafts = neighbourhoodOfNetworks(files, names)
    if (drafts.length > MAX_OVERLAP * Math.max(own, portionObjects)) return false
    if (!isGoodAmong(files, drafts)) return false
    await nextTurn()
  }
  return true
}

interface Survey {
  /** How many objects belong to each. */
  readonly networks: ReadonlyMap<string, number>
  /** What is in no network. */
  readonly others: readonly Draft[]
}

async function survey(files: readonly PackedFile[]): Promise<Survey> {
  const networks = new Map<string, number>()
  const others: Draft[] = []
  for (const file of files) {
    for (const draft of file.drafts()) {
      const name = networkOf(draft)
      if (name === undefined) others.push(draft)
      else networks.set(name, (networks.get(name) ?? 0) + 1)
    }
    await nextTurn()
  }
  return { networks, others }
}

function networkOf(draft: Draft): string | undefined {
  if (draft.kind === 'Network') return draft.name?.value
  return draft.kind === 'Subnet' || draft.kind === 'Port' ? draft.network?.value : undefined
}

/** Items in their order, as many together as make up the size; at least one. */
function* portionsOf<T>(
  items: readonly T[],
  sizeOf: (item: T) => number,
  size: number,
): Generator<readonly T[]> {
  let portion: T[] = []
  let sum = 0
  for (const item of items) {
    portion.push(item)
    sum += sizeOf(item)
    if (sum < size) continue
    yield portion
    portion = []
    sum = 0
  }
  if (portion.length > 0) yield portion
}

function isGoodAmong(files: readonly PackedFile[], drafts: readonly Draft[]): boolean {
  const isThere = new PackedStore(files).having(drafts.flatMap(namedBy))
  const isMissing = (kind: string, name: string) => !isThere.has(`${kind}/${name}`)
  return checkObjects({ ...indexManifests(drafts, []), isMissing }).length === 0
}
