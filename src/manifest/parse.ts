// Texts of manifest files in, the checked set of manifests or every problem in them out. Pure: no file is read here.
import type { ReconcileError } from '../errors/error.js'
import { comparePositions, compareText } from '../errors/position.js'
import { checkAddresses } from './check-addresses.js'
import { checkInterfaceClaims } from './check-interfaces.js'
import { checkDuplicateNames, checkHashes, checkReferences } from './check-names.js'
import { checkAddressPairs, checkRoutes } from './check-routes.js'
import { checkGateways, checkNodes, checkOverlaps, checkSegmentationIds } from './check-networks.js'
import type { Report, Sighting } from './draft.js'
import { indexManifests, type ManifestIndex } from './manifest-index.js'
import type { ManifestSet } from './model.js'
import { type FileObjects, readFileObjects } from './read-file.js'
import { resolveManifests } from './resolve.js'

export interface ManifestFile {
  /** As messages show it. */
  readonly path: string
  readonly text: string
}

export interface ParsedManifests {
  /** Undefined when there is any problem. */
  readonly manifests: ManifestSet | undefined
  /** Sorted by file, line and column. */
  readonly problems: readonly ReconcileError[]
  /** Every object of the files, also those with problems, in source order. */
  readonly seen: readonly Sighting[]
}

export interface ParseOptions {
  /** Some files could not be read, so a name that is not found may be in one of them, and is not reported. */
  readonly incomplete?: boolean
}

/** The set of manifests in some files, or every problem in them. Never throws for what the texts hold. */
export function parseManifests(
  files: readonly ManifestFile[],
  { incomplete = false }: ParseOptions = {},
): ParsedManifests {
  const inOrder = files.toSorted((a, b) => compareText(a.path, b.path))
  return joinFiles(
    inOrder.map(({ path, text }) => readFileObjects(path, text)),
    incomplete,
  )
}

const CHECKS: readonly ((index: ManifestIndex, report: Report) => void)[] = [
  checkDuplicateNames,
  checkHashes,
  checkReferences,
  checkSegmentationIds,
  checkGateways,
  checkRoutes,
  checkAddressPairs,
  checkOverlaps,
  checkAddresses,
  checkInterfaceClaims,
  checkNodes,
]

/** What is wrong between objects that are right by themselves. */
export function checkObjects(index: ManifestIndex): readonly ReconcileError[] {
  const problems: ReconcileError[] = []
  for (const check of CHECKS) check(index, (problem) => void problems.push(problem))
  return problems
}

/**
 * Objects of all files, checked with each other.
 * @param incomplete as in `ParseOptions`
 */
export function joinFiles(files: readonly FileObjects[], incomplete: boolean): ParsedManifests {
  const unread = incomplete ? [{ kind: undefined, name: undefined }] : []
  const sightings = [...files.flatMap((file) => file.sightings), ...unread]
  const index = indexManifests(
    files.flatMap((file) => file.drafts),
    sightings,
  )
  const problems = [...files.flatMap((file) => file.problems), ...checkObjects(index)]
  if (problems.length === 0) return { manifests: resolveManifests(index), problems, seen: sightings }
  return { manifests: undefined, problems: problems.toSorted(compareProblems), seen: sightings }
}

function compareProblems(a: ReconcileError, b: ReconcileError): number {
  return a.at && b.at ? comparePositions(a.at, b.at) || compareText(a.code, b.code) : 0
}
