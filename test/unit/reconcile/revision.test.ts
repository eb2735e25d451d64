import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import type { ManifestFile } from '../../../src/manifest/parse.js'
import { checkedOut } from '../../../src/reconcile/git.js'
import { revisionOf as revisionIn } from '../../../src/reconcile/revision.js'
import { stableHash } from '../../../src/values/hash.js'

const run = promisify(execFile)

let folder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'revision-'))
})

afterEach(() => rm(folder, { recursive: true }))

async function git(...args: readonly string[]): Promise<string> {
  const identity = ['-c', 'user.name=test', '-c', 'user.email=test@example.org', '-c', 'commit.gpgsign=false']
  return (await run('git', [...identity, ...args], { cwd: folder })).stdout.trim()
}

async function commitAll(): Promise<string> {
  await git('add', '.')
  await git('commit', '--quiet', '--message', 'change')
  return git('rev-parse', 'HEAD')
}

async function revisionOf(paths: readonly string[], files: readonly ManifestFile[]): Promise<string> {
  const digests = files.map(({ path, text }) => ({ path, digest: stableHash(text, 16) }))
  return revisionIn(await checkedOut(paths), digests)
}

const FILES = [{ path: 'net.yaml', text: 'kind: Network\n' }]
const CONTENT = /^sha256:[0-9a-f]{12}$/

describe('outside git the revision', () => {
  test('is the content alone', async () => {
    expect(await revisionOf([folder], FILES)).toMatch(CONTENT)
  })

  test('changes with a text and with a path, and with nothing else', async () => {
    const first = await revisionOf([folder], FILES)
    expect(await revisionOf([folder], [{ ...FILES[0]! }])).toBe(first)
    expect(await revisionOf([folder], [{ path: 'net.yaml', text: 'kind: Subnet\n' }])).not.toBe(first)
    expect(await revisionOf([folder], [{ path: 'other.yaml', text: 'kind: Network\n' }])).not.toBe(first)
  })

  test('of standard input is its content', async () => {
    expect(await revisionOf([], [{ path: '<stdin>', text: 'x' }])).toMatch(CONTENT)
  })

  test('of a repository without a commit is its content', async () => {
    await git('init', '--quiet')
    expect(await revisionOf([folder], FILES)).toMatch(CONTENT)
  })
})

describe('in git the revision', () => {
  let commit: string

  beforeEach(async () => {
    await git('init', '--quiet')
    await writeFile(join(folder, 'net.yaml'), 'kind: Network\n')
    await writeFile(join(folder, 'README'), 'first\n')
    commit = await commitAll()
  })

  test('of a clean folder is the commit', async () => {
    expect(commit).toMatch(/^[0-9a-f]{40}$/)
    expect(await revisionOf([folder], FILES)).toBe(commit)
  })

  test('of a single file is the commit, too', async () => {
    expect(await revisionOf([join(folder, 'net.yaml')], FILES)).toBe(commit)
  })

  test('of an edited file says commit and content', async () => {
    await writeFile(join(folder, 'net.yaml'), 'kind: Subnet\n')
    const revision = await revisionOf([folder], [{ path: 'net.yaml', text: 'kind: Subnet\n' }])
    expect(revision).toMatch(new RegExp(`^${commit}\\+sha256:[0-9a-f]{12}$`))
  })

  test('of a folder with a file that git does not know says commit and content', async () => {
    await writeFile(join(folder, 'more.yaml'), 'kind: Network\n')
    expect(await revisionOf([folder], FILES)).toContain(`${commit}+sha256:`)
  })

  test('does not look at files beside the manifests', async () => {
    await writeFile(join(folder, 'README'), 'second\n')
    expect(await revisionOf([join(folder, 'net.yaml')], FILES)).toBe(commit)
  })

  test('follows a commit', async () => {
    await writeFile(join(folder, 'net.yaml'), 'kind: Subnet\n')
    const second = await commitAll()
    expect(await revisionOf([folder], FILES)).toBe(second)
  })
})
