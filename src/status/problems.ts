// Whose a problem is: problems with their places and the objects that were seen in, problems by object out. An object
// reaches from its first line to that of the next one in its file.
import type { ErrorCode } from '../errors/codes.js'
import type { ReconcileError, SourcePosition } from '../errors/error.js'
import { renderPosition } from '../errors/render.js'
import type { Sighting } from '../manifest/draft.js'
import { objectKey, type ProblemStatus } from './condition.js'
import type { Reading } from './knowledge.js'

export interface ProblemIndex {
  /** By `objectKey`. */
  readonly ofObject: ReadonlyMap<string, readonly ReconcileError[]>
  /** In the order in which they were found, each with its first object. */
  readonly all: readonly ProblemStatus[]
  /** Objects with a kind and a name, by `objectKey`. */
  readonly seen: ReadonlyMap<string, Sighting>
}

const NO_READING: Reading = { revision: '', problems: [], seen: [] }

/** What can only be wrong between objects; all else is the matter of one alone. */
const BETWEEN_OBJECTS: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'DUPLICATE_NAME',
  'UNRESOLVED_REFERENCE',
  'DUPLICATE_SEGMENTATION_ID',
  'DUPLICATE_MAC',
  'DUPLICATE_IP',
  'DUPLICATE_INTERFACE',
  'DUPLICATE_SUBNET',
  'DUPLICATE_TUNNEL_IP',
  'ENCAPSULATION_MISMATCH',
  'SUBNET_OVERLAP',
  'IP_OUTSIDE_SUBNET',
  'GATEWAY_CONFLICT',
  'SUBNET_OF_OTHER_NETWORK',
  'HASH_COLLISION',
])

export function isBetweenObjects({ code }: ReconcileError): boolean {
  return BETWEEN_OBJECTS.has(code)
}

/** @param reading undefined before the first */
export function indexProblems(reading: Reading | undefined): ProblemIndex {
  const { problems, seen } = reading ?? NO_READING
  const byFile = sightingsByFile(seen)
  const ofObject = new Map<string, ReconcileError[]>()
  const all = problems.map((problem) => {
    const places = [problem.at, ...problem.related.map(({ at }) => at)].flatMap((at) => at ?? [])
    const keys = [...new Set(places.flatMap((at) => keyOf(sightingAt(byFile, at)) ?? []))]
    for (const key of keys) ofObject.set(key, [...(ofObject.get(key) ?? []), problem])
    return problemStatus(problem, problem.at && keyOf(sightingAt(byFile, problem.at)))
  })
  const named = seen.flatMap((sighting) => {
    const key = keyOf(sighting)
    return key === undefined ? [] : [[key, sighting] as const]
  })
  return { ofObject, all, seen: new Map(named) }
}

function problemStatus({ code, message, remedy, at }: ReconcileError, object: string | undefined) {
  return { code, message, remedy, at: at && renderPosition(at), object }
}

function keyOf(sighting: Sighting | undefined): string | undefined {
  const { kind, name } = sighting ?? {}
  return kind === undefined || name === undefined ? undefined : objectKey({ kind, name })
}

type Placed = Sighting & { readonly at: SourcePosition }

function sightingsByFile(seen: readonly Sighting[]): ReadonlyMap<string, readonly Placed[]> {
  const byFile = new Map<string, Placed[]>()
  for (const { at, ...sighting } of seen) {
    if (!at) continue
    const there = byFile.get(at.file)
    if (there) there.push({ ...sighting, at })
    else byFile.set(at.file, [{ ...sighting, at }])
  }
  return byFile // in source order, as they were read
}

/** The last one that begins at that line or above it, found by halves: there may be a hundred thousand of both. */
function sightingAt(byFile: ReadonlyMap<string, readonly Placed[]>, at: SourcePosition): Placed | undefined {
  const sightings = byFile.get(at.file) ?? []
  let [from, to] = [0, sightings.length]
  while (from < to) {
    const middle = (from + to) >> 1
    const sighting = sightings[middle]
    if (sighting && sighting.at.line <= at.line) from = middle + 1
    else to = middle
  }
  return sightings[from - 1]
}
