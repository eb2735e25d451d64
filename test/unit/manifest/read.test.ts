import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { ReconcileError } from '../../../src/errors/error.js'
import { compareText } from '../../../src/errors/position.js'
import { loadManifests } from '../../../src/manifest/load.js'
import { ManifestParser } from '../../../src/manifest/parser.js'
import { findManifests, readManifest } from '../../../src/manifest/read.js'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'read-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

function write(path: string, text: string | Uint8Array): string {
  const full = join(folder, path)
  mkdirSync(join(full, '..'), { recursive: true })
  writeFileSync(full, text)
  return full
}

async function* bytes(...chunks: (string | Uint8Array)[]): AsyncGenerator<string | Uint8Array> {
  for (const chunk of chunks) yield await Promise.resolve(chunk)
}

async function pathsRead(...paths: string[]): Promise<string[]> {
  const { files, problems } = await findManifests(paths)
  expect(problems).toEqual([])
  return files.map(({ path }) => path.slice(folder.length + 1))
}

test('a folder is read with all below it, in order of name, YAML files only', async () => {
  for (const path of ['b.yaml', 'a.yml', 'sub/c.yaml', 'sub/deep/d.yml', 'README.md', 'x.yaml.bak', 'yaml'])
    write(path, '')
  expect(await pathsRead(folder)).toEqual(['a.yml', 'b.yaml', 'sub/c.yaml', 'sub/deep/d.yml'])
})

test('folders and files that begin with a dot, and node_modules, are passed over', async () => {
  for (const path of ['.git/a.yaml', '.#b.yaml', 'node_modules/p/c.yaml', 'd.yaml']) write(path, '')
  expect(await pathsRead(folder)).toEqual(['d.yaml'])
})

test('a file that is named is read whatever its ending', async () => {
  expect(await pathsRead(write('network.txt', 'x'))).toEqual(['network.txt'])
})

test('a file named twice, directly, through its folder and through a link, is read once', async () => {
  const file = write('a.yaml', '')
  symlinkSync(file, join(folder, 'b.yaml'))
  expect(await pathsRead(file, folder, file)).toEqual(['a.yaml'])
})

test('a folder that links to itself or to one above ends', async () => {
  write('sub/a.yaml', '')
  symlinkSync('..', join(folder, 'sub/up'))
  symlinkSync('.', join(folder, 'sub/here'))
  expect(await pathsRead(folder)).toEqual(['sub/a.yaml'])
})

test('a mounted ConfigMap, whose files are links into a hidden folder, is read', async () => {
  write('..2024/a.yaml', 'x')
  symlinkSync('..2024', join(folder, '..data'))
  symlinkSync('..data/a.yaml', join(folder, 'a.yaml'))
  expect(await pathsRead(folder)).toEqual(['a.yaml'])
})

test('standard input is read to its end, with characters cut between two chunks', async () => {
  const text = Buffer.from('# süd\n')
  expect(await readManifest('-', bytes(text.subarray(0, 4), text.subarray(4)))).toBe('# süd\n')
})

test('a byte order mark is no part of the text', async () => {
  expect(await readManifest(write('a.yaml', '\ufeff# x'))).toBe('# x')
})

describe('a path that cannot be read is a problem with a remedy, and the others are read', () => {
  test('when it does not exist', async () => {
    const good = write('a.yaml', '')
    const { files, problems } = await findManifests([join(folder, 'nowhere'), good])
    expect(files).toHaveLength(1)
    expect(problems).toMatchObject([{ code: 'PATH_UNREADABLE', exitCode: 1 }])
    expect(problems[0]!.message).toContain(`nowhere": there is no such file or folder.`)
    expect(problems[0]!.remedy).toBeDefined()
  })

  test('when it is a link to nothing, or a ring of links', async () => {
    symlinkSync('nothing', join(folder, 'a.yaml'))
    symlinkSync('c.yaml', join(folder, 'b.yaml'))
    symlinkSync('b.yaml', join(folder, 'c.yaml'))
    const { problems } = await findManifests([folder])
    expect(problems.map(({ code }) => code)).toEqual([
      'PATH_UNREADABLE',
      'PATH_UNREADABLE',
      'PATH_UNREADABLE',
    ])
    expect(problems[1]!.message).toContain('lead in a ring')
  })
})

describe('bytes that are not UTF-8 are a problem at their line and column', () => {
  test.each([
    ['Latin-1', Buffer.from('a: 1\nname: s\xfcd\n', 'latin1'), 2, 8],
    ['a character cut off at the end of the file', Buffer.from('# s\u00fc').subarray(0, 4), 1, 4],
    ['an overlong slash', Buffer.from([0x61, 0x0a, 0xc0, 0xaf]), 2, 1],
    ['a lone surrogate', Buffer.from([0x61, 0xed, 0xa0, 0x80]), 1, 2],
    ['a wrong byte after wide characters', Buffer.concat([Buffer.from('名前 '), Buffer.from([0xff])]), 1, 4],
    ['UTF-16', Buffer.from('\ufeffkind: Network\n', 'utf16le'), 1, 1],
  ])('%s', async (_, content, line, column) => {
    const file = write('a.yaml', content)
    const problem = await readManifest(file)
    expect(problem).toBeInstanceOf(ReconcileError)
    expect(problem).toMatchObject({
      ...{ code: 'NOT_UTF8', at: { file, line, column }, remedy: 'Save the file as UTF-8.' },
    })
  })
})

describe('loading', () => {
  const network =
    'apiVersion: reconcile/v1\nkind: Network\nmetadata: { name: net1 }\nspec: { segmentationId: 1 }\n'
  const subnet =
    'apiVersion: reconcile/v1\nkind: Subnet\nmetadata: { name: s }\nspec: { network: net1, cidr: 10.1.0.0/24 }\n'

  test('reads and parses', async () => {
    write('a.yaml', network)
    write('b.yaml', subnet)
    const { store, problems, digests } = await loadManifests([folder])
    expect(problems).toEqual([])
    expect(digests).toHaveLength(2)
    expect(store?.all().subnets).toHaveLength(1)
  })

  test('gives no manifests when a file is unreadable, and does not blame the references to it', async () => {
    write('a.yaml', Buffer.concat([Buffer.from(network), Buffer.from([0xff])]))
    write('b.yaml', subnet)
    const { store, problems } = await loadManifests([folder])
    expect(store).toBeUndefined()
    expect(problems.map(({ code }) => code)).toEqual(['NOT_UTF8'])
  })

  test('gives the files that problems speak of, also by what is beside them, and standard input', async () => {
    const [a, b] = [write('a.yaml', network), write('b.yaml', network)]
    write('c.yaml', subnet)
    const { files } = await loadManifests([folder, '-'], bytes('kind: Rooter\n'))
    expect(files.toSorted((x, y) => compareText(x.path, y.path))).toEqual(
      [
        { path: a, text: network },
        { path: b, text: network },
        { path: '<stdin>', text: 'kind: Rooter\n' },
      ].toSorted((x, y) => compareText(x.path, y.path)),
    )
  })
})

describe('loading again with one parser', () => {
  /** Says which files it was given the text of. */
  class SeeingParser extends ManifestParser {
    readonly given: string[] = []

    override begin() {
      const reading = super.begin()
      const take: typeof reading.take = (file, stamp) => {
        this.given.push(basename(file.path))
        return reading.take(file, stamp)
      }
      return { ...reading, take }
    }
  }

  const network = (id: number): string =>
    `apiVersion: reconcile/v1\nkind: Network\nmetadata: { name: net${id} }\nspec: { segmentationId: ${id} }\n`

  test('reads what was written since, and what was written so short before that it may be again', async () => {
    const parser = new SeeingParser()
    const load = async () => {
      parser.given.splice(0)
      const { store } = await loadManifests([folder], undefined, parser)
      return { given: [...parser.given], names: store?.all().networks.map(({ name }) => name) }
    }
    write('old.yaml', network(1))
    await sleep(2_100)
    write('young.yaml', network(2))
    expect(await load()).toEqual({ given: ['old.yaml', 'young.yaml'], names: ['net1', 'net2'] })
    expect(await load()).toEqual({ given: ['young.yaml'], names: ['net1', 'net2'] })
    write('young.yaml', network(3))
    expect(await load()).toEqual({ given: ['young.yaml'], names: ['net1', 'net3'] })
    write('old.yaml', network(4))
    expect(await load()).toEqual({ given: ['old.yaml', 'young.yaml'], names: ['net3', 'net4'] })
  })

  test('takes a file in the place of another one, and forgets one that is gone', async () => {
    const parser = new SeeingParser()
    const other = write('.other', network(7))
    const file = write('a.yaml', network(1))
    await sleep(2_100)
    await loadManifests([folder], undefined, parser)
    renameSync(other, file)
    const { store } = await loadManifests([folder], undefined, parser)
    expect(store?.all().networks.map(({ name }) => name)).toEqual(['net7'])
    rmSync(file)
    expect((await loadManifests([folder], undefined, parser)).digests).toEqual([])
  })

  test('reads standard input each time', async () => {
    const parser = new SeeingParser()
    for (const id of [1, 2]) {
      const { store } = await loadManifests(['-'], bytes(network(id)), parser)
      expect(store?.all().networks.map(({ name }) => name)).toEqual([`net${id}`])
    }
  })
})
