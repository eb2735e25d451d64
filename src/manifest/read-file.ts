// One file's text in, its objects as drafts out, with every problem that the file has by itself. A pure function of path
// and text, so the answer can be remembered.
import { ReconcileError } from '../errors/error.js'
import type { Draft, Report, Sighting } from './draft.js'
import { type Kind, KINDS } from './model.js'
import { checkName } from './names.js'
import { objectSource } from './object-source.js'
import { type LooseManifest, readObject } from './read-object.js'
import { checkSchema } from './schema-check.js'
import { parseYaml, type YamlDocument } from './yaml-documents.js'

export interface FileObjects {
  readonly drafts: readonly Draft[]
  /** Every object of the file, also those too broken for a draft. */
  readonly sightings: readonly Sighting[]
  readonly problems: readonly ReconcileError[]
}

export function readFileObjects(path: string, text: string): FileObjects {
  const { documents, problems: yamlProblems } = parseYaml(path, text)
  const problems = [...yamlProblems]
  const report: Report = (problem) => void problems.push(problem)
  return {
    drafts: documents.flatMap((document) => readDocument(document, report) ?? []),
    sightings: documents.flatMap(sightingsOf),
    problems,
  }
}

function readDocument(document: YamlDocument, report: Report): Draft | undefined {
  const { value } = document
  if (value === undefined) return undefined
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    report(notAManifest(document))
    return undefined
  }
  const kind = kindOf(document)
  const checked = checkSchema(kind ?? 'Document', document)
  checked.problems.forEach(report)
  if (kind === undefined) return undefined
  // The one cast: what the schema found wrong has been cut out, so what is left has the schema's types.
  const manifest = { ...(checked.value as object), kind } as LooseManifest
  const source = objectSource(kind, manifest.metadata, document, checked)
  if (source.base.name) checkName(kind, source.base.name, report)
  return readObject(manifest, source, report)
}

function kindOf({ value }: YamlDocument): Kind | undefined {
  const kind: unknown =
    typeof value === 'object' && value !== null && 'kind' in value ? value.kind : undefined
  return KINDS.find((known) => known === kind)
}

function notAManifest(document: YamlDocument): ReconcileError {
  const shape = Array.isArray(document.value) ? 'a list' : `a ${typeof document.value}`
  const remedy = 'Write apiVersion, kind, metadata and spec, and "---" between objects.'
  return new ReconcileError('NOT_A_MANIFEST', `This document is ${shape}, not a manifest.`, {
    at: document.at(''),
    remedy,
  })
}

/** What cannot be read may be any object; a document with broken YAML may also have swallowed those after it. */
function sightingsOf(document: YamlDocument): Sighting[] {
  const { kind: claimedKind, name: claimedName } = document.claimed
  const kind = KINDS.find((known) => known === claimedKind)
  const name = typeof claimedName === 'string' ? claimedName : undefined
  const sighting: Sighting = { kind, name, at: document.at('') }
  return document.value === undefined ? [sighting, { kind: undefined, name: undefined }] : [sighting]
}
