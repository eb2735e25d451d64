// A document's value against the schema of its kind: problems, and the value with everything wrong cut out of it, so
// that the rest can still be checked.
import { Document, Network, Node, Port, Router, Subnet } from '../../schemas/generated/validators.js'
import type { ReconcileError } from '../errors/error.js'
import type { Kind } from './model.js'
import { pointerTo } from './pointer.js'
import { schemaProblem, type SchemaError } from './schema-problems.js'
import type { YamlDocument } from './yaml-documents.js'

/** A value of which any part may be missing. */
export type Loose<T> = T extends readonly (infer Item)[]
  ? readonly (Loose<Item> | undefined)[]
  : T extends object
    ? { readonly [Key in keyof T]?: Loose<T[Key]> | undefined }
    : T

export interface CheckedValue {
  /** The value without its wrong parts; it fits the schema, but for what is missing. */
  readonly value: unknown
  /** Is the value at a JSON pointer wrong, below something wrong, or missing though required? */
  readonly isBroken: (pointer: string) => boolean
  readonly problems: readonly ReconcileError[]
}

/** As ajv generates them. */
interface Validator {
  (value: unknown): boolean
  errors?: readonly SchemaError[] | null
}

const VALIDATORS: Readonly<Record<Kind | 'Document', Validator>> = {
  Network,
  Subnet,
  Router,
  Port,
  Node,
  Document,
}

export function checkSchema(schema: Kind | 'Document', document: YamlDocument): CheckedValue {
  const validator = VALIDATORS[schema]
  const errors = validator(document.value) ? [] : (validator.errors ?? [])
  const broken = new Set<string>()
  const problems: ReconcileError[] = []
  // Unknown fields first: one that is near a known field stands for it, and then that one is not missing too.
  for (const error of [
    ...errors.filter(isUnknownField),
    ...errors.filter((other) => !isUnknownField(other)),
  ]) {
    const { problem, pointers } = schemaProblem(error, document)
    const isNews = pointers[0] !== undefined && !broken.has(pointers[0])
    if (isNews) problems.push(problem)
    for (const pointer of pointers) broken.add(pointer)
  }
  return {
    value: without(broken, document.value, ''),
    isBroken: (pointer) => isAtOrBelow(broken, pointer),
    problems,
  }
}

function isUnknownField({ keyword }: SchemaError): boolean {
  return keyword === 'additionalProperties'
}

function isAtOrBelow(broken: ReadonlySet<string>, pointer: string): boolean {
  if (broken.has(pointer)) return true
  const parent = pointer.lastIndexOf('/')
  return parent >= 0 && isAtOrBelow(broken, pointer.slice(0, parent))
}

/** Ends even for a value that holds itself through an alias: the schemas have no such depth, so the part is cut out. */
function without(broken: ReadonlySet<string>, value: unknown, pointer: string): unknown {
  if (broken.has(pointer)) return undefined
  if (Array.isArray(value))
    return value.map((item, index) => without(broken, item, pointerTo(pointer, index)))
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).map(([key, item]) => [
    key,
    without(broken, item, pointerTo(pointer, key)),
  ])
  return Object.fromEntries(entries.filter(([, item]) => item !== undefined))
}
