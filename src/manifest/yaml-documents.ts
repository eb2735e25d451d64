// YAML text in, its documents out: plain values, each with a way back to file, line and column. What is not good YAML 1.2
// becomes located problems.
import { Composer, type CST, type Document, isMap, isNode, LineCounter, Parser } from 'yaml'
import { ReconcileError, type SourcePosition } from '../errors/error.js'
import { positionOf, type Range, type Source } from './source.js'
import { placeOf } from './yaml-place.js'
import { aliasProblem, isFatal, syntaxProblem, withoutEchoes } from './yaml-problems.js'

export interface YamlDocument {
  /** The document as plain JavaScript values; undefined when its YAML is too broken to have a value. */
  readonly value: unknown
  /** `kind` and `metadata.name` as far as they can be read, even in a broken document. */
  readonly claimed: { readonly kind: unknown; readonly name: unknown }
  /** Position of the value at a JSON pointer; of its key when it is empty; of what is above it when it is absent. */
  readonly at: (pointer: string) => SourcePosition
  /** Position of the key at a JSON pointer; of the value when it has no key. */
  readonly keyAt: (pointer: string) => SourcePosition
  /** The value at a JSON pointer as it is written, cut to its first line. */
  readonly textAt: (pointer: string) => string
}

export interface YamlFile {
  readonly documents: readonly YamlDocument[]
  readonly problems: readonly ReconcileError[]
}

const OPTIONS = {
  prettyErrors: false,
  version: '1.2',
  merge: true,
  resolveKnownTags: false,
  strict: true,
  logLevel: 'error',
} as const

/** Far beyond any manifest; the YAML library works by recursion and would exhaust the stack. */
const MAX_DEPTH = 64

export function parseYaml(path: string, text: string): YamlFile {
  const lines = new LineCounter()
  const source: Source = { path, text, lines }
  const tokens = [...new Parser(lines.addNewLine).parse(text)]
  const problem = controlCharacterProblem(source) ?? depthProblem(source, tokens)
  if (problem) return { documents: [brokenDocument(source)], problems: [problem] }
  const composed = new Composer({ ...OPTIONS, lineCounter: lines }).compose(tokens)
  const read = [...composed].map((document) => readDocument(source, document))
  return {
    documents: read.flatMap(({ document }) => document ?? []),
    problems: read.flatMap(({ problems }) => problems),
  }
}

interface ReadDocument {
  /** Absent for a document of nothing but comments. */
  readonly document?: YamlDocument
  readonly problems: readonly ReconcileError[]
}

/** A syntax error is often followed by others that it caused: of those that end the reading, only the first counts. */
function readDocument(source: Source, document: Document): ReadDocument {
  const found = withoutEchoes(document, [...document.errors, ...document.warnings])
  const fatal = found.find(isFatal)
  if (fatal)
    return {
      document: locate(source, document, undefined),
      problems: [syntaxProblem(source, document, fatal)],
    }
  const problems = found.map((problem) => syntaxProblem(source, document, problem))
  try {
    const value: unknown = document.toJS()
    if (value === null) return { problems }
    return { document: locate(source, document, value), problems }
  } catch (cause) {
    // Aliases and merge keys are followed by toJS only, which throws instead of adding to `errors`.
    return {
      document: locate(source, document, undefined),
      problems: [...problems, aliasProblem(source, document, cause)],
    }
  }
}

function locate(source: Source, document: Document, value: unknown): YamlDocument {
  const start = document.contents?.range?.[0] ?? 0
  const rangeOf = (pointer: string, part: 'key' | 'value'): Range => {
    const { key, value: node } = placeOf(document, pointer)
    const [from, to] = node?.range ?? [start, start]
    const isEmpty = from === to
    const [keyFrom, keyTo] = key?.range ?? [from, to]
    return part === 'key' || isEmpty ? [keyFrom, keyTo] : [from, to]
  }
  return {
    value,
    claimed: claimedBy(isRecord(value) ? value : document.contents),
    at: (pointer) => positionOf(source, rangeOf(pointer, 'value')),
    keyAt: (pointer) => positionOf(source, rangeOf(pointer, 'key')),
    textAt: (pointer) => source.text.slice(...rangeOf(pointer, 'value')).split('\n', 1)[0] ?? '',
  }
}

function brokenDocument(source: Source): YamlDocument {
  const at = (): SourcePosition => positionOf(source, [0, 0])
  return { value: undefined, claimed: { kind: undefined, name: undefined }, at, keyAt: at, textAt: () => '' }
}

/** From the value, which has aliases and merge keys resolved, or from the nodes where there is no value. */
function claimedBy(root: unknown): YamlDocument['claimed'] {
  return { kind: memberOf(root, 'kind'), name: memberOf(memberOf(root, 'metadata'), 'name') }
}

function memberOf(parent: unknown, key: string): unknown {
  if (isMap(parent)) return parent.get(key)
  return isRecord(parent) ? parent[key] : undefined
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !isNode(value)
}

/** YAML 1.2, section 5.1: of the control characters only tab, line feed and carriage return may stand in a text. */
function controlCharacterProblem(source: Source): ReconcileError | undefined {
  const offset = source.text.search(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/)
  if (offset < 0) return undefined
  const code = source.text.charCodeAt(offset).toString(16).toUpperCase().padStart(4, '0')
  const at = positionOf(source, [offset, offset + 1])
  const remedy = 'Save the file as plain UTF-8 text, and remove this character.'
  return new ReconcileError('NOT_UTF8', `The file holds the control character U+${code}.`, { at, remedy })
}

function depthProblem(source: Source, tokens: readonly CST.Token[]): ReconcileError | undefined {
  const offset = offsetDeeperThan(MAX_DEPTH, tokens)
  if (offset === undefined) return undefined
  const at = positionOf(source, [offset, offset + 1])
  const remedy = 'Close the brackets that are open, or remove levels.'
  return new ReconcileError('YAML_SYNTAX', `The text is nested more than ${MAX_DEPTH} levels deep.`, {
    at,
    remedy,
  })
}

/** Offset of the first collection found below that many others. By a list of what is still to see: recursion is the danger. */
function offsetDeeperThan(depth: number, tokens: readonly CST.Token[]): number | undefined {
  let level: readonly CST.Token[] = tokens
  for (let below = 0; below <= depth && level.length > 0; below++) level = level.flatMap(childTokens)
  return level.find((token) => 'items' in token)?.offset
}

function childTokens(token: CST.Token): CST.Token[] {
  if (token.type === 'document') return token.value ? [token.value] : []
  if (!('items' in token)) return []
  return token.items.flatMap(({ key, value }) => [key, value].filter((child) => !!child))
}
