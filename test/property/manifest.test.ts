// Whatever stands in a manifest file, parsing ends in a set or in located problems, never in an exception.
import { readFileSync } from 'node:fs'
import { fc, test as property } from '@fast-check/jest'
import { expect, test } from '@jest/globals'
import { parseAllDocuments, stringify } from 'yaml'
import { ReconcileError } from '../../src/errors/error.js'
import { renderError } from '../../src/errors/render.js'
import { decodeUtf8 } from '../../src/manifest/decode.js'
import { parseManifests } from '../../src/manifest/parse.js'

const bytes = readFileSync(new URL('../fixtures/good/two-networks.yaml', import.meta.url))
const text = bytes.toString('utf8')
const lines = text.split('\n')

/** Fails unless there is either a set or at least one problem that lies inside the text. */
function expectSetOrProblems(content: string): void {
  const { manifests, problems } = parseManifests([{ path: 'a.yaml', text: content }])
  expect(manifests === undefined).toBe(problems.length > 0)
  const lineCount = content.split('\n').length
  for (const problem of problems) {
    expect(problem).toBeInstanceOf(ReconcileError)
    expect(problem.at).toMatchObject({ file: 'a.yaml' })
    expect(problem.at!.line).toBeGreaterThanOrEqual(1)
    expect(problem.at!.line).toBeLessThanOrEqual(lineCount)
    expect(problem.at!.column).toBeGreaterThanOrEqual(1)
    expect(problem.at!.length).toBeGreaterThanOrEqual(1)
    expect(problem.remedy).toBeDefined()
    expect(renderError(problem, () => content)).toContain(problem.code)
  }
}

test('every beginning of a good file is a set or has located problems', () => {
  for (let length = 0; length <= bytes.length; length++) {
    const decoded = decodeUtf8('a.yaml', bytes.subarray(0, length))
    if (decoded instanceof ReconcileError) expect(decoded.at).toMatchObject({ file: 'a.yaml', line: 36 })
    else expectSetOrProblems(decoded)
  }
}, 120_000)

test('a good file without every fourth of its characters, each in turn, is a set or has located problems', () => {
  for (let index = 0; index < text.length; index += 4) {
    expectSetOrProblems(text.slice(0, index) + text.slice(index + 1))
  }
})

const edit = fc.oneof(
  fc.record({
    kind: fc.constant('flip' as const),
    at: fc.nat(bytes.length - 1),
    mask: fc.integer({ min: 1, max: 255 }),
  }),
  fc.record({ kind: fc.constant('delete' as const), at: fc.nat(lines.length - 1), mask: fc.constant(0) }),
  fc.record({ kind: fc.constant('double' as const), at: fc.nat(lines.length - 1), mask: fc.constant(0) }),
  fc.record({ kind: fc.constant('indent' as const), at: fc.nat(lines.length - 1), mask: fc.nat(4) }),
)

type Edit = typeof edit extends fc.Arbitrary<infer T> ? T : never

function applyEdit(content: Buffer, { kind, at, mask }: Edit): Buffer {
  if (kind === 'flip') {
    const index = at % Math.max(1, content.length)
    return Buffer.from(content.map((byte, position) => (position === index ? byte ^ mask : byte)))
  }
  const all = content.toString('latin1').split('\n')
  const line = all[at % all.length]!
  const replacement = { delete: [], double: [line, line], indent: [' '.repeat(mask) + line.trimStart()] }[
    kind
  ]
  return Buffer.from(all.toSpliced(at % all.length, 1, ...replacement).join('\n'), 'latin1')
}

property.prop([fc.array(edit, { minLength: 1, maxLength: 6 })], { numRuns: 500 })(
  'flipped bytes, and lines deleted, doubled and moved, never throw',
  (edits) => {
    const decoded = decodeUtf8('a.yaml', edits.reduce(applyEdit, bytes))
    if (decoded instanceof ReconcileError) expect(decoded.at).toBeDefined()
    else expectSetOrProblems(decoded)
  },
)

property.prop([fc.string({ unit: 'binary', maxLength: 200 })], { numRuns: 300 })(
  'no text at all throws',
  expectSetOrProblems,
)

property.prop(
  [fc.array(fc.constantFrom(...Array.from('{}[]:,-?*&!|>%@`"\'#\n \ta1~<.')), { maxLength: 60 })],
  {
    numRuns: 1000,
  },
)('no heap of YAML signs throws', (signs) =>
  expectSetOrProblems(`apiVersion: reconcile/v1\nkind: Network\n${signs.join('')}`),
)

const documents = parseAllDocuments(text, { merge: true }).map((document) => document.toJS() as unknown)
const places = documents.flatMap((document, index) => [...pathsIn(document)].map((path) => ({ index, path })))

function* pathsIn(value: unknown): Generator<readonly string[]> {
  yield []
  if (typeof value !== 'object' || value === null) return
  for (const [key, child] of Object.entries(value)) for (const path of pathsIn(child)) yield [key, ...path]
}

function replaceAt(value: unknown, [key, ...rest]: readonly string[], replacement: unknown): unknown {
  if (key === undefined) return replacement
  if (Array.isArray(value)) return value.with(Number(key), replaceAt(value[Number(key)], rest, replacement))
  const record = value as Record<string, unknown>
  return { ...record, [key]: replaceAt(record[key], rest, replacement) }
}

const anyValue = fc.oneof(
  fc.jsonValue({ maxDepth: 3 }),
  fc.constantFrom(
    NaN,
    Infinity,
    -0,
    2 ** 53,
    'NaN',
    '__proto__',
    'constructor',
    '10.1.0.1',
    '0x10',
    '*a',
    '<<',
  ),
  fc.array(fc.constantFrom({}, [], null, 'net1', { subnet: 'net1-v4' }), { maxLength: 3 }),
)

property.prop([fc.constantFrom(...places), anyValue], { numRuns: 500 })(
  'any value in the place of any node never throws',
  ({ index, path }, value) => {
    const changed = documents.with(index, replaceAt(documents[index], path, value))
    expectSetOrProblems(changed.map((document) => stringify(document)).join('---\n'))
  },
)
