// How many objects may go without a yes: counts by kind before a change and after it in, safe or not out. A half-written
// folder of manifests looks just like a change that deletes half of the network, so a person has to say which it is.

/** Objects by kind; a kind without objects is absent. */
export type Counts = ReadonlyMap<string, number>

/** What a person allows: that many objects, or that share of all. Undefined: the usual, as `isUnsafe` says. */
export type DeleteLimit = { readonly objects: number } | { readonly percent: number }

/** Up to this many objects may go, or this share of all where that is more. */
const USUAL_OBJECTS = 10
const USUAL_PERCENT = 20

export interface Deletion {
  readonly before: Counts
  readonly removed: Counts
  readonly after: Counts
}

/**
 * Is this more than may be deleted without a yes? Usually that is more than 10 objects and more than 20 % of them, or the
 * last ones of a kind. A limit that was asked for takes the place of both: it may allow less, too.
 */
export function isUnsafe({ before, removed, after }: Deletion, limit: DeleteLimit | undefined): boolean {
  const [all, gone] = [total(before), total(removed)]
  if (limit) return gone > ('objects' in limit ? limit.objects : shareOf(all, limit.percent))
  if (gone > Math.max(USUAL_OBJECTS, shareOf(all, USUAL_PERCENT))) return true
  return [...removed.keys()].some((kind) => (after.get(kind) ?? 0) === 0)
}

function shareOf(all: number, percent: number): number {
  return (all * percent) / 100
}

export function total(counts: Counts): number {
  return [...counts.values()].reduce((sum, count) => sum + count, 0)
}

/** `12` or `30%`; undefined for any other text. */
export function parseDeleteLimit(text: string): DeleteLimit | undefined {
  const [, digits, percent] = /^([0-9]{1,9})(%?)$/.exec(text) ?? []
  if (digits === undefined) return undefined
  const number = Number(digits)
  if (percent !== '%') return { objects: number }
  return number <= 100 ? { percent: number } : undefined
}

/** How many there are of each, in the order in which they come. */
export function countBy<T>(items: Iterable<T>, kindOf: (item: T) => string): Counts {
  const counts = new Map<string, number>()
  for (const item of items) counts.set(kindOf(item), (counts.get(kindOf(item)) ?? 0) + 1)
  return counts
}

/** `Network:2,Port:5`: the form in which counts stand on the bridge. */
export function renderCounts(counts: Counts): string {
  return [...counts].map(([kind, count]) => `${kind}:${count}`).join(',')
}

/** The other way. Undefined for text that is no such list: what somebody else wrote tells nothing. */
export function parseCounts(text: string): Counts | undefined {
  if (text === '') return new Map()
  const entries = text.split(',').map((entry) => /^([A-Za-z]+):([0-9]{1,9})$/.exec(entry))
  if (entries.some((entry) => entry === null)) return undefined
  return new Map(entries.map((entry) => [entry?.[1] ?? '', Number(entry?.[2])]))
}

/** Deletions that wait for a yes. */
export interface Held {
  /** Objects that are no longer in the manifests and stay all the same. */
  readonly objects: Counts
  /** `Port vm1`; none where only the switch remembers the objects, which knows no names. */
  readonly names: readonly string[]
  /** What else has to wait, as it does not go together with objects that stay. */
  readonly blocks: 'nothing' | 'changes' | 'everything'
}

/** Names that one message has room for. */
const MAX_NAMES = 10

/** `2 Ports (vm1, vm2)...`: one line for people. */
export function describeHeld({ objects, names, blocks }: Held): string {
  const kinds = [...objects].map(([kind, count]) => `${count} ${kind}${count === 1 ? '' : 's'}`).join(', ')
  const more = names.length > MAX_NAMES ? ', ...' : ''
  const list = names.length === 0 ? '' : ` (${names.slice(0, MAX_NAMES).join(', ')}${more})`
  return `${kinds}${list}${BLOCKS[blocks]}`
}

const BLOCKS: Readonly<Record<Held['blocks'], string>> = {
  nothing: '',
  changes: '; changes of other objects wait too, as they do not go together with these',
  everything: '; all other changes wait too, as they do not go together with these',
}

/** What to do about it: one sentence or two. */
export function heldRemedy({ objects }: Held): string {
  const count = total(objects)
  return `Check that the manifests are all there. Use --max-deletes ${count} to delete ${count === 1 ? 'it' : 'them'}, or --max-deletes 100% for any number.`
}
