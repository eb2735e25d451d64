// Which folder may import from which, and nothing else: the table below is the documentation, and the imports of every
// file are held against it. A cycle, a feature that knows another one, and a package that is not declared fail too.
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from '@jest/globals'
import ts from 'typescript'

const ROOT = fileURLToPath(new URL('..', import.meta.url))

interface Allowed {
  /** Folders whose values and types may be imported, besides the folder's own. */
  readonly values: readonly string[]
  /** Folders of which types alone may be imported: nothing of them runs. */
  readonly types?: readonly string[]
}

/** What may be imported by those who put the parts together. */
const ALL_BELOW = [
  ...['errors', 'values', 'packet', 'openflow', 'ovsdb', 'manifest', 'topology', 'pipeline', 'features'],
  ...['compile', 'plan', 'status', 'switch', 'pcapng', 'cluster'],
]

/** From the leaves to the program. What stands further down is known by nobody above it. */
const MAY_IMPORT: Readonly<Record<string, Allowed>> = {
  errors: { values: [] },
  values: { values: ['errors'] },
  schemas: { values: [] },
  packet: { values: ['values'] },
  openflow: { values: ['errors', 'values'] },
  ovsdb: { values: ['errors', 'values'] },
  manifest: { values: ['errors', 'schemas', 'values'] },
  topology: { values: ['manifest', 'values'] },
  pipeline: { values: ['errors', 'openflow', 'values'], types: ['topology'] },
  features: { values: ['openflow', 'pipeline', 'topology', 'values'] },
  compile: { values: ['features', 'openflow', 'pipeline', 'topology', 'values'] },
  plan: { values: ['errors', 'openflow', 'pipeline', 'values'], types: ['compile'] },
  status: { values: ['errors', 'manifest', 'openflow', 'plan', 'values'], types: ['compile', 'topology'] },
  switch: { values: ['errors', 'openflow', 'pipeline', 'plan', 'values'] },
  pcapng: { values: ['errors'] },
  cluster: { values: ['errors', 'values'], types: ['topology'] },
  reconcile: { values: ALL_BELOW },
  cli: { values: [...ALL_BELOW, 'reconcile'] },
}

/** Folders whose answers depend on their arguments alone: no clock, no file, no socket. */
const PURE = ['values', 'packet', 'topology', 'pipeline', 'features', 'compile', 'plan', 'status']
const PURE_NODE_MODULES = ['node:crypto']

interface Import {
  readonly from: string
  readonly specifier: string
  /** The imported file, for a relative specifier. */
  readonly to: string | undefined
  readonly typeOnly: boolean
}

const files = ['src', 'schemas'].flatMap(sourceFiles)
const imports = files.flatMap(importsOf)
const edges = imports.flatMap(({ to, ...rest }) => (to === undefined ? [] : [{ ...rest, to }]))
const packages = imports.filter(({ to }) => to === undefined)

function sourceFiles(folder: string): readonly string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => relative(ROOT, join(entry.parentPath, entry.name)))
}

/** Imports and re-exports, also those by `import()` at run time. */
function importsOf(from: string): readonly Import[] {
  const text = readFileSync(join(ROOT, from), 'utf8')
  const source = ts.createSourceFile(from, text, ts.ScriptTarget.Latest)
  const found: Import[] = []
  const visit = (node: ts.Node): void => {
    if ((ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) && node.moduleSpecifier) {
      found.push(importOf(from, node.moduleSpecifier, isTypeOnly(node)))
    }
    if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
      found.push(importOf(from, node.arguments[0], false))
    }
    ts.forEachChild(node, visit)
  }
  visit(source)
  return found
}

function isTypeOnly(node: ts.ImportDeclaration | ts.ExportDeclaration): boolean {
  if (ts.isExportDeclaration(node)) return node.isTypeOnly
  const clause = node.importClause
  if (clause?.phaseModifier === ts.SyntaxKind.TypeKeyword) return true
  if (!clause?.namedBindings || clause.name || !ts.isNamedImports(clause.namedBindings)) return false
  return clause.namedBindings.elements.every((element) => element.isTypeOnly)
}

function importOf(from: string, node: ts.Node | undefined, typeOnly: boolean): Import {
  if (!node || !ts.isStringLiteral(node)) throw new Error(`${from} imports what cannot be read`)
  const specifier = node.text
  const to = specifier.startsWith('.') ? join(dirname(from), specifier).replace(/\.js$/, '.ts') : undefined
  return { from, specifier, to, typeOnly }
}

/** `src/plan/report.ts` → `plan`; `schemas/port.schema.ts` → `schemas` */
function folderOf(file: string): string {
  const [top = '', second = ''] = file.split(sep)
  return top === 'src' ? second : top
}

function describeEdge({ from, specifier }: Import): string {
  return `${from} imports ${specifier}`
}

describe('an import', () => {
  test('is found where there is one', () => {
    expect(files).toContain('src/plan/plan.ts')
    expect(edges).toContainEqual({
      from: 'src/plan/plan.ts',
      specifier: '../compile/desired.js',
      to: 'src/compile/desired.ts',
      typeOnly: true,
    })
    expect(packages.map(({ specifier }) => specifier)).toContain('yaml')
    // by import()
    expect(edges.map(({ from, to }) => `${from} ${to}`)).toContain('src/cli/main.ts src/cli/run.ts')
  })

  test('goes only where the table lets its folder go', () => {
    const refused = edges.filter(({ from, to, typeOnly }) => {
      const [own, target] = [folderOf(from), folderOf(to)]
      const allowed = MAY_IMPORT[own]
      if (own === target || to === 'package.json') return false
      return !allowed?.values.includes(target) && !(typeOnly && allowed?.types?.includes(target))
    })
    expect(refused.map(describeEdge)).toEqual([])
  })

  test('leads to a file that is there', () => {
    const known = new Set([...files, 'package.json'])
    expect(edges.filter(({ to }) => !known.has(to)).map(describeEdge)).toEqual([])
  })

  test('of the version reaches package.json from the command line alone', () => {
    const readers = edges.filter(({ to }) => to === 'package.json').map(({ from }) => folderOf(from))
    expect(readers).toEqual(['cli'])
  })

  test('of one feature never names another', () => {
    const featureOf = (file: string) => /^src\/features\/([^/]+)\//.exec(file)?.[1]
    const crossing = edges.filter(({ from, to }) => {
      const [own, other] = [featureOf(from), featureOf(to)]
      return own !== undefined && other !== undefined && own !== other
    })
    expect(crossing.map(describeEdge)).toEqual([])
  })

  test('of a package names one that package.json declares', () => {
    const { dependencies, optionalDependencies } = JSON.parse(
      readFileSync(join(ROOT, 'package.json'), 'utf8'),
    ) as Record<'dependencies' | 'optionalDependencies', Record<string, string>>
    const declared = { ...dependencies, ...optionalDependencies }
    // Of json-schema-to-ts types alone are used, so it need not be there at run time.
    const undeclared = packages.filter(({ specifier, typeOnly }) => {
      const name = specifier
        .split('/')
        .slice(0, specifier.startsWith('@') ? 2 : 1)
        .join('/')
      return !specifier.startsWith('node:') && !typeOnly && !(name in declared)
    })
    expect(undeclared.map(describeEdge)).toEqual([])
  })

  test('of something that touches the world is not in the pure core', () => {
    const impure = packages.filter(
      ({ from, specifier }) => PURE.includes(folderOf(from)) && !PURE_NODE_MODULES.includes(specifier),
    )
    expect(impure.map(describeEdge)).toEqual([])
  })

  test('never closes a ring', () => {
    expect(rings()).toEqual([])
  })
})

test('every folder stands in the table, and the table names no other and no edge that is not used', () => {
  expect(Object.keys(MAY_IMPORT).sort()).toEqual([...new Set(files.map(folderOf))].sort())
  const used = new Set(edges.map(({ from, to }) => `${folderOf(from)} ${folderOf(to)}`))
  const listed = Object.entries(MAY_IMPORT).flatMap(([from, { values, types = [] }]) =>
    values === ALL_BELOW || from === 'cli' ? [] : [...values, ...types].map((to) => `${from} ${to}`),
  )
  expect(listed.filter((edge) => !used.has(edge))).toEqual([])
})

/**
 * Rings of files; each is found once, at the file where the search closes it. Types may refer to each other: an action
 * holds actions, and nothing of that is there when the program runs.
 */
function rings(): readonly string[] {
  const targets = new Map(
    files.map((file) => [file, edges.filter(({ from, typeOnly }) => from === file && !typeOnly)]),
  )
  const done = new Set<string>()
  const found: string[] = []
  const visit = (file: string, path: readonly string[]): void => {
    const seenAt = path.indexOf(file)
    if (seenAt !== -1) found.push([...path.slice(seenAt), file].join(' → '))
    if (seenAt !== -1 || done.has(file)) return
    for (const { to } of targets.get(file) ?? []) visit(to, [...path, file])
    done.add(file)
  }
  for (const file of files) visit(file, [])
  return found
}
