// What the YAML library complains about, as located problems in words that help.
import { type Alias, type Document, isMap, isNode, isScalar, type Scalar, visit } from 'yaml'
import { type ErrorDetails, ReconcileError } from '../errors/error.js'
import { positionOf, type Range, type Source } from './source.js'

/** An error or warning of the YAML library, as far as it is used here. */
interface YamlProblem {
  readonly code: string
  readonly message: string
  readonly pos: Range
}

interface Advice {
  readonly message: string
  readonly remedy: string
}

const INDENT: Advice = {
  message: 'The indentation does not fit, or a colon, quote or bracket is missing.',
  remedy: 'Align this line with the others of its mapping, and close what is open above it.',
}

const ADVICE: Readonly<Record<string, Advice>> = {
  TAB_AS_INDENT: { message: 'A tab is used as indentation.', remedy: 'Use spaces.' },
  BAD_INDENT: INDENT,
  UNEXPECTED_TOKEN: INDENT,
  BLOCK_IN_FLOW: INDENT,
  MULTILINE_IMPLICIT_KEY: {
    message: 'A key goes over more than one line, or its colon is missing.',
    remedy: 'Write "key: value", with a space after the colon, each pair on a line of its own.',
  },
  BLOCK_AS_IMPLICIT_KEY: {
    message: 'A second "key: value" follows on the same line, or this line is indented too far.',
    remedy: 'Put each pair on a line of its own, and quote a value that holds ": ".',
  },
  MISSING_CHAR: {
    message: 'A closing bracket, comma or colon is missing.',
    remedy: 'Add what is missing here.',
  },
  BAD_SCALAR_START: {
    message: 'A plain value may not start with this character.',
    remedy: 'Quote the value.',
  },
  BAD_DQ_ESCAPE: {
    message: 'An unknown escape stands in a double-quoted text.',
    remedy: 'Use single quotes, or write each backslash twice.',
  },
  BAD_DIRECTIVE: {
    message: 'An unknown %-directive stands before the document.',
    remedy: 'Remove the line; manifests need no directives.',
  },
  TAG_RESOLVE_FAILED: { message: 'An unknown tag stands before a value.', remedy: 'Remove the tag.' },
}

/** Has the value of a document with this problem no meaning? */
export function isFatal(problem: YamlProblem): boolean {
  return problem.code !== 'DUPLICATE_KEY' && problem.code !== 'TAG_RESOLVE_FAILED'
}

export function syntaxProblem(source: Source, document: Document, problem: YamlProblem): ReconcileError {
  if (problem.code === 'DUPLICATE_KEY') return duplicateKeyProblem(source, document, problem.pos[0])
  const quote = openingQuote(document, problem)
  if (quote) {
    const details = { at: positionOf(source, quote), remedy: 'Close the quote at the end of the value.' }
    return new ReconcileError('YAML_SYNTAX', 'The quote that opens here is never closed.', details)
  }
  const { message, remedy } = ADVICE[problem.code] ?? {
    message: `${problem.message}.`,
    remedy: 'Correct this place.',
  }
  return new ReconcileError('YAML_SYNTAX', message, { at: positionOf(source, problem.pos), remedy })
}

/** All keys of a second object stand twice when only the "---" before it is missing: then the first key speaks for all. */
export function withoutEchoes(document: Document, problems: readonly YamlProblem[]): readonly YamlProblem[] {
  const { contents } = document
  const rootKeys = isMap(contents)
    ? contents.items.flatMap(({ key }) => (isNode(key) ? (key.range?.[0] ?? []) : []))
    : []
  const atRoot = problems.filter(({ code, pos }) => code === 'DUPLICATE_KEY' && rootKeys.includes(pos[0]))
  return problems.filter((problem) => !atRoot.slice(1).includes(problem))
}

function duplicateKeyProblem(source: Source, document: Document, offset: number): ReconcileError {
  const { second = [offset, offset + 1], first, isRoot } = keysAlike(document, offset)
  const at = positionOf(source, second)
  const key = source.text.slice(...second)
  const related = first && [{ label: 'first here', at: positionOf(source, first) }]
  const remedy = isRoot
    ? 'Remove one of the two, or put "---" on a line between two objects.'
    : 'Remove one of the two.'
  const details: ErrorDetails = { at, remedy, ...(related && { related }) }
  return new ReconcileError('YAML_SYNTAX', `The key "${key}" stands twice in one mapping.`, details)
}

interface KeysAlike {
  readonly first?: Range
  readonly second?: Range
  readonly isRoot: boolean
}

/** The key at an offset and the first key in the same mapping that equals it. */
function keysAlike(document: Document, offset: number): KeysAlike {
  let found: KeysAlike = { isRoot: false }
  visit(document, {
    Map: (_, map) => {
      const keys = map.items.flatMap(({ key }) =>
        isScalar(key) && key.range ? [{ value: key.value, range: key.range }] : [],
      )
      const second = keys.find(({ range }) => range[0] === offset)
      const first = second && keys.find(({ value }) => value === second.value)
      if (!second || !first) return undefined
      found = {
        first: rangeOf(first.range),
        second: rangeOf(second.range),
        isRoot: map === document.contents,
      }
      return visit.BREAK
    },
  })
  return found
}

function rangeOf([start, end]: readonly [number, number, number]): Range {
  return [start, end]
}

/** The end of the file says little about a quote that is never closed: the place to look at is where it opens. */
function openingQuote(document: Document, { code, message, pos }: YamlProblem): Range | undefined {
  if (code !== 'MISSING_CHAR' || !message.includes('quote')) return undefined
  let quoted: Scalar | undefined
  visit(document, {
    Scalar: (_, scalar) => {
      if (scalar.type?.startsWith('QUOTE') && scalar.range && scalar.range[0] < pos[1]) quoted = scalar
    },
  })
  return quoted?.range ? [quoted.range[0], quoted.range[1]] : undefined
}

/** Why a document with aliases or merge keys has no value. */
export function aliasProblem(source: Source, document: Document, cause: unknown): ReconcileError {
  const aliases: Alias[] = []
  visit(document, { Alias: (_, alias) => void aliases.push(alias) })
  const dangling = aliases.find((alias) => alias.resolve(document) === undefined)
  const suspect = dangling ?? aliases[0]
  const [start, end] = suspect?.range ?? document.contents?.range ?? [0, 0]
  const at = positionOf(source, [start, end])
  if (!dangling) {
    const message = `The aliases or merge keys of this document cannot be followed: ${cause instanceof Error ? cause.message : String(cause)}.`
    return new ReconcileError('YAML_SYNTAX', message, { at, remedy: 'Write the values out.' })
  }
  const message = `The alias *${dangling.source} names no anchor above it in this document.`
  const remedy = `Set the anchor &${dangling.source} first; an anchor is known in its own document only.`
  return new ReconcileError('YAML_SYNTAX', message, { at, remedy })
}
