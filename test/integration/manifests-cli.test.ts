// Manifests that are wrong, through the program: every mistake is located, nothing crashes, and the switch stays as it is.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { runCli } from '../support/cli.js'
import { flowAges, touchedFlows } from '../support/flow-ages.js'
import { createLab, type Lab } from '../support/lab.js'
import type { Finished } from '../support/processes.js'

const MALFORMED = fileURLToPath(new URL('../malformed/', import.meta.url))
const GOOD = fileURLToPath(new URL('../fixtures/good/two-networks.yaml', import.meta.url))

/** What the first lines of a malformed file say: `# expect: CODE LINE:COLUMN`. */
const EXPECTATION = /^# expect: (\w+) (\d+:\d+)$/gm

let lab: Lab
let folder: string

beforeAll(async () => {
  lab = await createLab({ hostname: 'node-a' })
  await lab.addBridge('br-int')
  folder = await mkdtemp(join(tmpdir(), 'malformed-'))
  expect(await runCli([GOOD], { env: lab.env })).toMatchObject({ code: 0 })
})

afterAll(async () => {
  await rm(folder, { recursive: true })
  await lab.destroy()
})

/** Runs `reconcile` for real: were a set taken for valid, the switch would show it. */
async function reconcile(...paths: readonly string[]): Promise<Finished> {
  return runCli(paths, { env: lab.env })
}

/** Calls a function for each item, two at a time, as the machine may have two cores. */
async function forEachInPairs<T>(items: readonly T[], call: (item: T) => Promise<void>): Promise<void> {
  const rest = [...items]
  const work = async (): Promise<void> => {
    for (let item = rest.shift(); item !== undefined; item = rest.shift()) await call(item)
  }
  await Promise.all([work(), work()])
}

async function expectSwitchUntouched(run: () => Promise<void>): Promise<void> {
  const before = await flowAges(lab)
  const revision = ['get', 'Bridge', 'br-int', 'external_ids']
  const written = await lab.vsctl(...revision)
  await run()
  const { kept, added, removed, renewed } = touchedFlows(before, await flowAges(lab))
  expect({ added, removed, renewed, kept: kept.length }).toEqual({
    added: [],
    removed: [],
    renewed: [],
    kept: before.size,
  })
  expect(before.size).toBeGreaterThan(10)
  expect(await lab.vsctl(...revision)).toBe(written)
}

/** No stack trace, no exception's own words, no value that is not one. */
const CRASH = /\n\s+at |\bError:|node:internal|This is a bug|\bundefined\b|\[object Object\]/

interface Malformed {
  readonly name: string
  readonly expected: readonly { readonly code: string; readonly place: string }[]
}

async function malformedFiles(): Promise<readonly Malformed[]> {
  const names = (await readdir(MALFORMED)).filter((name) => name.endsWith('.yaml')).sort()
  return Promise.all(
    names.map(async (name) => {
      const text = await readFile(join(MALFORMED, name), 'utf8')
      const expected = [...text.matchAll(EXPECTATION)].map(([, code, place]) => ({
        code: code!,
        place: place!,
      }))
      return { name, expected }
    }),
  )
}

/** Two files for each code that is expected anywhere. */
function spreadOverCodes(files: readonly Malformed[]): readonly Malformed[] {
  const byCode = new Map<string, Malformed[]>()
  for (const file of files) {
    for (const { code } of file.expected) byCode.set(code, [...(byCode.get(code) ?? []), file])
  }
  return [...new Set([...byCode.values()].flatMap((own) => [own[0]!, own.at(-1)!]))]
}

describe('malformed manifests', () => {
  test('of every kind, one at a time: exit 3, each mistake at its line and column, the switch untouched', async () => {
    const files = spreadOverCodes(await malformedFiles())
    expect(files.length).toBeGreaterThan(35)
    await expectSwitchUntouched(() =>
      forEachInPairs(files, async ({ name, expected }) => {
        const path = join(MALFORMED, name)
        const { code, stdout, stderr } = await reconcile(path)
        expect({ name, code, stdout }).toEqual({ name, code: 3, stdout: '' })
        expect(stderr).not.toMatch(CRASH)
        for (const problem of expected) {
          expect(stderr).toContain(`${path}:${problem.place}  ${problem.code}\n`)
        }
        const count = expected.length === 1 ? '1 problem' : `${expected.length} problems`
        expect(stderr).toMatch(new RegExp(`\\n${count} in 1 file; nothing was applied\\n$`))
      }),
    )
  }, 120_000)

  test('all of them in one folder: exit 3, a mistake in every file, the switch untouched', async () => {
    const files = await malformedFiles()
    await expectSwitchUntouched(async () => {
      const { code, stdout, stderr } = await reconcile(MALFORMED)
      expect({ code, stdout }).toEqual({ code: 3, stdout: '' })
      expect(stderr).not.toMatch(CRASH)
      const located = new Set(
        [...stderr.matchAll(/^(\S+):\d+:\d+ {2}[A-Z][A-Z_0-9]+$/gm)].map(([, path]) =>
          path!.slice(MALFORMED.length),
        ),
      )
      expect(files.map(({ name }) => name).filter((name) => !located.has(name))).toEqual([])
      expect(stderr).toMatch(new RegExp(`\\n\\d+ problems in ${files.length} files; nothing was applied\\n$`))
    })
  })

  test('with --dry-run and through standard input it is the same', async () => {
    const input = await readFile(join(MALFORMED, 'cidr-host-bits.yaml'), 'utf8')
    const [, code, place] = [...input.matchAll(EXPECTATION)][0]!
    const run = await runCli(['--dry-run', '--detailed-exitcode', '-'], { env: lab.env, input })
    expect(run).toMatchObject({ code: 3, stdout: '' })
    expect(run.stderr).toContain(`<stdin>:${place!}  ${code!}\n`)
  })

  test('a good file beside a bad one is not applied either', async () => {
    await expectSwitchUntouched(async () => {
      const { code, stderr } = await reconcile(GOOD, join(MALFORMED, 'yaml-tab-indent.yaml'))
      expect(code).toBe(3)
      expect(stderr).toContain('yaml-tab-indent.yaml:')
    })
  })
})

describe('a good file that ends too early', () => {
  const PLACES = 30

  test(`at ${PLACES} places is refused with a located mistake and the switch untouched, or is a valid set`, async () => {
    const text = await readFile(GOOD, 'utf8')
    const cuts = Array.from({ length: PLACES }, (_, i) => Math.floor(((i + 0.5) * text.length) / PLACES))
    const codes: (number | null)[] = []
    await expectSwitchUntouched(() =>
      forEachInPairs(cuts, async (length) => {
        const path = join(folder, `cut-at-${length}.yaml`)
        await writeFile(path, text.slice(0, length))
        // With --dry-run, as a set that is valid would rightly change the switch.
        const { code, stderr } = await reconcile('--dry-run', path)
        codes.push(code)
        expect(stderr).not.toMatch(CRASH)
        expect([0, 3, 5]).toContain(code)
        if (code === 5) expect(stderr).toContain('DELETIONS_HELD')
        if (code === 3) expect(stderr).toMatch(/^\S+cut-at-\d+\.yaml:\d+:\d+ {2}[A-Z][A-Z_0-9]+\n/)
      }),
    )
    expect(codes.filter((code) => code === 3).length).toBeGreaterThan(PLACES / 2)
  }, 60_000)

  test('between two objects, where it is valid, deletes nothing, and says so', async () => {
    const text = await readFile(GOOD, 'utf8')
    const path = join(folder, 'cut.yaml')
    await writeFile(path, text.slice(0, text.indexOf('---')))
    await expectSwitchUntouched(async () => {
      const { code, stderr } = await reconcile(path)
      expect(code).toBe(5)
      expect(stderr).toContain('DELETIONS_HELD')
    })
  })

  test('at a place where it is invalid leaves the switch untouched also without --dry-run', async () => {
    const text = await readFile(GOOD, 'utf8')
    const path = join(folder, 'cut.yaml')
    await writeFile(path, text.slice(0, text.lastIndexOf('subnet:')))
    await expectSwitchUntouched(async () =>
      expect(await reconcile(path)).toMatchObject({ code: 3, stdout: '' }),
    )
  })
})
