// One complaint of a schema validator as a located problem with a remedy.
import type { ErrorCode } from '../errors/codes.js'
import { ReconcileError } from '../errors/error.js'
import { parseCidr } from '../values/cidr.js'
import { parseIpv4 } from '../values/ipv4.js'
import { parseMac } from '../values/mac.js'
import { fieldName, fieldPath, subjectOf } from './describe.js'
import { pointerTo } from './pointer.js'
import { nearest, nearestField } from './suggest.js'
import type { YamlDocument } from './yaml-documents.js'

/** The part of a JSON schema that remedies are made of. */
interface SchemaNode {
  readonly type?: string
  readonly const?: string
  readonly enum?: readonly string[]
  readonly minimum?: number
  readonly maximum?: number
  readonly examples?: readonly unknown[]
  readonly properties?: Readonly<Record<string, SchemaNode>>
}

/** What ajv tells about one mistake, with `verbose`. */
export interface SchemaError {
  readonly instancePath: string
  readonly keyword: string
  readonly params: Readonly<Record<string, unknown>>
  readonly parentSchema: SchemaNode
  readonly data: unknown
}

interface SchemaProblem {
  readonly problem: ReconcileError
  /** The JSON pointer that is wrong; then those that are meant by it. */
  readonly pointers: readonly string[]
}

export function schemaProblem(error: SchemaError, document: YamlDocument): SchemaProblem {
  switch (error.keyword) {
    case 'additionalProperties':
      return unknownField(error, document)
    case 'required':
      return missingField(error, document)
    case 'type':
      return at(error, document, 'WRONG_TYPE', typeMessage(error, document), typeRemedy(error, document))
    case 'const':
      return unknownApiVersion(error, document)
    case 'enum':
      return unknownChoice(error, document)
    default:
      return outOfRange(error, document)
  }
}

function at(
  { instancePath }: SchemaError,
  document: YamlDocument,
  code: ErrorCode,
  message: string,
  remedy: string,
): SchemaProblem {
  const problem = new ReconcileError(code, message, { at: document.at(instancePath), remedy })
  return { problem, pointers: [instancePath] }
}

function unknownField(error: SchemaError, document: YamlDocument): SchemaProblem {
  const { instancePath, params, parentSchema, data } = error
  const name = String(params.additionalProperty)
  const pointer = pointerTo(instancePath, name)
  const fields = Object.keys(parentSchema.properties ?? {})
  const near = nearestField(name, fields)
  const section = near === undefined && instancePath === '' ? sectionWith(name, parentSchema) : undefined
  const where = instancePath === '' ? '' : `${fieldPath(instancePath)} of `
  const message = `${where}${subjectOf(document)} has no field "${name}".`
  const others = `Remove it, or use one of: ${fields.join(', ')}.`
  const remedy =
    near !== undefined ? `Did you mean "${near}"?` : section ? `Move it under "${section}".` : others
  const problem = new ReconcileError('UNKNOWN_FIELD', message, { at: document.keyAt(pointer), remedy })
  const meant =
    near !== undefined ? meantNear(near, instancePath, data) : section ? meantIn(section, name, data) : []
  return { problem, pointers: [pointer, ...meant] }
}

function sectionWith(name: string, { properties = {} }: SchemaNode): string | undefined {
  return ['metadata', 'spec'].find((section) => Object.hasOwn(properties[section]?.properties ?? {}, name))
}

/** The misspelled field stands for the known one, unless that is there as well. */
function meantNear(near: string, instancePath: string, data: unknown): string[] {
  return hasOwn(data, near) ? [] : [pointerTo(instancePath, near)]
}

/** The misplaced field stands for the one in its section, and for the section where that is empty. */
function meantIn(section: string, name: string, data: unknown): string[] {
  const inner = hasOwn(data, section) ? data[section] : undefined
  if (inner === undefined || inner === null) return [`/${section}`]
  return hasOwn(inner, name) ? [] : [`/${section}/${name}`]
}

function hasOwn(value: unknown, key: string): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, key)
}

function missingField(
  { instancePath, params, parentSchema }: SchemaError,
  document: YamlDocument,
): SchemaProblem {
  const name = String(params.missingProperty)
  const schema = parentSchema.properties?.[name]
  const where = instancePath === '' ? '' : `${fieldPath(instancePath)} of `
  const message = `${where}${subjectOf(document)} has no "${name}".`
  const whereTo = instancePath === '' ? '' : ` to ${fieldPath(instancePath)}`
  const remedy = `Add "${fieldExample(name, schema)}"${whereTo}.`
  const problem = new ReconcileError('MISSING_FIELD', message, { at: document.keyAt(instancePath), remedy })
  return { problem, pointers: [pointerTo(instancePath, name)] }
}

function unknownApiVersion(error: SchemaError, document: YamlDocument): SchemaProblem {
  const message = `${subjectOf(document)} has apiVersion ${document.textAt(error.instancePath)}, which is not known here.`
  return at(error, document, 'UNKNOWN_API_VERSION', message, 'Use "apiVersion: reconcile/v1".')
}

function unknownChoice(error: SchemaError, document: YamlDocument): SchemaProblem {
  const choices = error.parentSchema.enum ?? []
  const text = typeof error.data === 'string' ? error.data : JSON.stringify(error.data)
  const meant =
    choices.find((choice) => choice.toLowerCase() === text.toLowerCase()) ?? nearest(text, choices)
  const remedy = meant === undefined ? `Use one of: ${choices.join(', ')}.` : `Did you mean "${meant}"?`
  if (error.instancePath === '/kind') {
    return at(error, document, 'UNKNOWN_KIND', `There is no kind "${text}".`, remedy)
  }
  const message = `${fieldPath(error.instancePath)} of ${subjectOf(document)} is "${text}".`
  return at(error, document, 'WRONG_VALUE', message, remedy)
}

function outOfRange(error: SchemaError, document: YamlDocument): SchemaProblem {
  const { minimum, maximum } = error.parentSchema
  const text = document.textAt(error.instancePath)
  const message = `${fieldPath(error.instancePath)} of ${subjectOf(document)} is ${text}, which is out of range.`
  return at(
    error,
    document,
    'WRONG_VALUE',
    message,
    `Use a number of ${String(minimum)} to ${String(maximum)}.`,
  )
}

const TYPE_NAMES: Readonly<Record<string, string>> = {
  string: 'a text',
  integer: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a mapping',
}

function typeMessage({ instancePath, parentSchema, data }: SchemaError, document: YamlDocument): string {
  const wanted = TYPE_NAMES[parentSchema.type ?? ''] ?? 'another value'
  return `${fieldPath(instancePath)} of ${subjectOf(document)} is ${actual(data, instancePath, document)}, not ${wanted}.`
}

function actual(data: unknown, pointer: string, document: YamlDocument): string {
  if (data === null || data === undefined) return 'empty'
  if (Array.isArray(data)) return 'a list'
  if (typeof data === 'object') return 'a mapping'
  return `the ${typeof data === 'string' ? 'text' : typeof data} ${document.textAt(pointer)}`
}

function typeRemedy({ instancePath, parentSchema, data }: SchemaError, document: YamlDocument): string {
  const name = fieldName(instancePath)
  const example = fieldExample(name, parentSchema)
  if (
    typeof data === 'string' &&
    parentSchema.type === 'integer' &&
    /^\s*(\d+|0x[0-9a-f]+)\s*$/i.test(data)
  ) {
    return `Remove the quotes: "${name}: ${data.trim()}".`
  }
  if (parentSchema.const !== undefined) return `Use "${example}".`
  const isPlain = typeof data === 'number' || typeof data === 'boolean'
  const text = document.textAt(instancePath)
  if (isPlain && parentSchema.type === 'string' && makesSense(text, parentSchema))
    return `Quote it: ${name}: "${text}".`
  if (parentSchema.type === 'array') return 'Write a list: each item on a line that starts with "- ".'
  if (parentSchema.type === 'object') return `Write "key: value" pairs under "${name}".`
  if (parentSchema.type === 'boolean') return `Use "${name}: true" or "${name}: false", without quotes.`
  return `Use a value such as "${example}".`
}

/** Would the text be right with quotes around it? Anything may be a name, but 10.1 is no address however it is written. */
function makesSense(text: string, { examples = [] }: SchemaNode): boolean {
  const isAddress = examples.some((example) => /^[\da-f.:/]+[.:][\da-f.:/]+$/.test(String(example)))
  return !isAddress || [parseMac, parseIpv4, parseCidr].some((parse) => parse(text) !== undefined)
}

function fieldExample(name: string, schema: SchemaNode | undefined): string {
  const example = schema?.examples?.[0]
  if (typeof example === 'string' || typeof example === 'number') return `${name}: ${example}`
  return schema?.type === 'string' ? `${name}: text` : `${name}:`
}
