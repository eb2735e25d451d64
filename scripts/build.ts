// Bundles src/cli/main.ts and all it imports into dist/: the entry file dist/reconcile.js and, for each command that
// is imported lazily, a chunk beside it. The result runs with Node.js alone, without node_modules; only --etcd asks
// there for the optional package etcd3, which reads files of its own while it runs and so cannot be bundled.
import { build, type BuildOptions, type OutputFile } from 'esbuild'
import { mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const DIST = join(ROOT, 'dist')
const ENTRY = 'reconcile.js'
const HASHBANG = '#!/usr/bin/env node\n'

/** CommonJS packages call `require` for Node's own modules, which an ES module does not have. */
const REQUIRE =
  "import { createRequire as $createRequire } from 'node:module'; const require = $createRequire(import.meta.url);"

const OPTIONS = {
  absWorkingDir: ROOT,
  entryPoints: { reconcile: 'src/cli/main.ts' },
  outdir: DIST,
  chunkNames: '[name]-[hash]',
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  external: ['etcd3'],
  target: 'node20',
  banner: { js: REQUIRE },
  sourcemap: 'linked',
  sourcesContent: false,
  legalComments: 'linked',
  logLevel: 'warning',
  write: false,
} as const satisfies BuildOptions

const { outputFiles } = await build(OPTIONS)
await replaceDist(outputFiles)

/**
 * The entry file is moved into place after its chunks, whose names hold a hash of their content, and what is old goes
 * last: a program that is started meanwhile finds all it needs.
 */
async function replaceDist(files: readonly OutputFile[]): Promise<void> {
  await mkdir(DIST, { recursive: true })
  await Promise.all(files.map(({ path, text }) => writeOutput(basename(path), text)))
  await rename(join(DIST, `${ENTRY}.new`), join(DIST, ENTRY))
  const current = new Set(files.map(({ path }) => basename(path)))
  const old = (await readdir(DIST)).filter((name) => !current.has(name))
  await Promise.all(old.map((name) => rm(join(DIST, name), { recursive: true })))
}

async function writeOutput(name: string, text: string): Promise<void> {
  if (name === ENTRY) await writeFile(join(DIST, `${name}.new`), HASHBANG + text, { mode: 0o755 })
  else await writeFile(join(DIST, name), name === `${ENTRY}.map` ? shiftByOneLine(text) : text)
}

/** In a source map each `;` ends a line of the output: one more in front makes room for the hashbang. */
function shiftByOneLine(sourceMap: string): string {
  const map = JSON.parse(sourceMap) as { mappings: string }
  return JSON.stringify({ ...map, mappings: `;${map.mappings}` })
}
