import { execFile, execFileSync } from 'node:child_process'
import { mkdtemp, rename, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { ManifestParser } from '../../../src/manifest/parser.js'
import { lockState, repositories } from '../../../src/reconcile/git.js'
import { loadSettled } from '../../../src/reconcile/settled.js'

const run = promisify(execFile)

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'settled-'))
})
afterEach(() => rm(folder, { recursive: true }))

const network = (name: string, segmentationId: number): string =>
  JSON.stringify({
    apiVersion: 'reconcile/v1',
    kind: 'Network',
    metadata: { name },
    spec: { segmentationId },
  })

const write = (name: string, text: string) => writeFile(join(folder, name), text)

const git = async (...args: readonly string[]): Promise<string> => {
  const identity = ['-c', 'user.name=t', '-c', 'user.email=t@example.org', '-c', 'commit.gpgsign=false']
  return (await run('git', [...identity, ...args], { cwd: folder })).stdout.trim()
}

const commitAll = async (): Promise<string> => {
  await git('add', '.')
  await git('commit', '--quiet', '--message', 'change')
  return git('rev-parse', 'HEAD')
}

const namesOf = ({ store }: Awaited<ReturnType<typeof loadSettled>>) =>
  store?.all().networks.map(({ name }) => name)

describe('manifests that lie still', () => {
  test('are read with the commit that they are of', async () => {
    await git('init', '--quiet')
    await write('a.yaml', network('a', 1))
    const commit = await commitAll()
    const settled = await loadSettled([folder])
    expect(settled).toMatchObject({ revision: commit, problems: [], staleLocks: [] })
    expect(namesOf(settled)).toEqual(['a'])
  })

  test('are read outside git, and from standard input', async () => {
    await write('a.yaml', network('a', 1))
    async function* stdin() {
      yield await Promise.resolve(network('b', 2))
    }
    const settled = await loadSettled(['-', folder], { stdin: stdin() })
    expect(namesOf(settled)).toEqual(['a', 'b'])
    expect(settled.revision).toMatch(/^sha256:/)
  })

  test('are read in a repository that has no commit yet', async () => {
    await git('init', '--quiet')
    await write('a.yaml', network('a', 1))
    expect(await loadSettled([folder])).toMatchObject({
      problems: [],
      revision: expect.stringMatching(/^sha256:/),
    })
  })

  test('that cannot be read are a problem at once', async () => {
    const { store, problems } = await loadSettled([join(folder, 'nowhere')])
    expect(store).toBeUndefined()
    expect(problems.map(({ code }) => code)).toEqual(['PATH_UNREADABLE'])
  })
})

describe('what changes while it is read', () => {
  /** Reads, and does something between the reading of the last file and the next look at the folder. */
  const whileReading = async (act: () => Promise<unknown>) => {
    let acting: Promise<unknown> | undefined
    let readings = 0
    class ActingParser extends ManifestParser {
      override begin() {
        const reading = super.begin()
        const join: typeof reading.join = (options) => {
          readings++
          acting ??= act()
          return reading.join(options)
        }
        return { ...reading, join }
      }
    }
    const settled = await loadSettled([folder], { parser: new ActingParser() })
    await acting
    return { names: namesOf(settled), readings }
  }

  beforeEach(async () => {
    await write('a.yaml', network('a', 1))
    await write('z.yaml', network('z', 2))
  })

  test.each([
    ['a file that is written', ['a', 'new'], () => write('z.yaml', network('new', 2))],
    ['a file with as many bytes', ['a', 'y'], () => write('z.yaml', network('y', 2))],
    ['a file that comes', ['a', 'b', 'z'], () => write('b.yaml', network('b', 3))],
    ['a file that goes', ['a'], () => rm(join(folder, 'z.yaml'))],
    [
      'a file put in the place of another',
      ['b', 'z'],
      () => rename(join(folder, '.b'), join(folder, 'a.yaml')),
    ],
  ])('is read again: %s', async (_, names, act) => {
    await write('.b', network('b', 3))
    expect(await whileReading(act)).toEqual({ names, readings: 2 })
  })

  test('is read once when nothing does', async () => {
    expect(await whileReading(() => write('note.txt', ''))).toEqual({ names: ['a', 'z'], readings: 1 })
  })

  test('is read again when git moves to another commit meanwhile', async () => {
    await git('init', '--quiet')
    await commitAll()
    const identity = ['-c', 'user.name=t', '-c', 'user.email=t@example.org', '-c', 'commit.gpgsign=false']
    const commit = `sleep 0.5; git ${identity.join(' ')} commit --quiet --allow-empty --message next`
    // All stands still for it, but for the question after the commit, which is under way.
    const { readings } = await whileReading(() =>
      Promise.resolve(execFileSync('sh', ['-c', commit], { cwd: folder })),
    )
    expect(readings).toBe(2)
  })
})

test('a file that is on its way from one name to another is not missing', async () => {
  await write('a.yaml', network('a', 1))
  await write('b.yaml', network('b', 2))
  const first = await loadSettled([folder])
  const known = first.digests.map(({ path }) => path)
  await rename(join(folder, 'b.yaml'), join(folder, '.b.tmp'))
  const reading = loadSettled([folder], { known })
  await sleep(20)
  await rename(join(folder, '.b.tmp'), join(folder, 'b.yaml'))
  expect(namesOf(await reading)).toEqual(['a', 'b'])
})

test('what never settles is a problem, and nothing is taken of it', async () => {
  await write('a.yaml', network('a', 1))
  for (let i = 0; i < 100; i++) await write(`m-${i}.yaml`, network(`m-${i}`, 100 + i))
  let writes = 0
  const writing = setInterval(() => void write('a.yaml', network(`a-${++writes}`, 1)), 1)
  const { store, problems } = await loadSettled([folder], { patienceMs: 200 })
  clearInterval(writing)
  await sleep(20)
  expect(store).toBeUndefined()
  expect(problems.map(({ code }) => code)).toEqual(['MANIFESTS_CHANGING'])
})

describe('the lock of git', () => {
  const lock = () => join(folder, '.git/index.lock')

  beforeEach(async () => {
    await git('init', '--quiet')
    await write('a.yaml', network('a', 1))
    await commitAll()
  })

  test('is waited for, and what git wrote meanwhile is read', async () => {
    await writeFile(lock(), '')
    const waited: string[] = []
    const reading = loadSettled([folder], { onWait: (path) => waited.push(path) })
    await sleep(150)
    await write('a.yaml', network('half', 1))
    await sleep(100)
    await write('a.yaml', network('whole', 1))
    await rm(lock())
    expect(namesOf(await reading)).toEqual(['whole'])
    expect(waited).toEqual([lock()])
  })

  test('is not waited for when it is a minute old: a crash left it behind', async () => {
    await writeFile(lock(), '')
    expect(await lockState(lock())).toBe('held')
    const minuteAgo = new Date(Date.now() - 61_000)
    await utimes(lock(), minuteAgo, minuteAgo)
    expect(await lockState(lock())).toBe('stale')
    expect(await loadSettled([folder])).toMatchObject({ staleLocks: [lock()], problems: [] })
  })

  test('is found where git keeps it, also in a second working tree', async () => {
    const tree = join(folder, 'tree')
    await git('worktree', 'add', '--quiet', tree)
    const [{ lock: found, head } = { lock: '', head: '' }] = await repositories([tree])
    expect(found).toBe(join(folder, '.git/worktrees/tree/index.lock'))
    expect(head).toBe(await git('rev-parse', 'HEAD'))
  })
})
