import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { loadManifests } from '../../../src/manifest/load.js'
import { readManifestFiles } from '../../../src/manifest/read.js'

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
  const { files, problems } = await readManifestFiles(paths)
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
  const { files } = await readManifestFiles(['-'], bytes(text.subarray(0, 4), text.subarray(4)))
  expect(files).toEqual([{ path: '<stdin>', text: '# süd\n' }])
})

test('a byte order mark is no part of the text', async () => {
  const { files } = await readManifestFiles([write('a.yaml', '\ufeff# x')])
  expect(files[0]?.text).toBe('# x')
})

describe('a path that cannot be read is a problem with a remedy, and the others are read', () => {
  test('when it does not exist', async () => {
    const good = write('a.yaml', '')
    const { files, problems } = await readManifestFiles([join(folder, 'nowhere'), good])
    expect(files).toHaveLength(1)
    expect(problems).toMatchObject([{ code: 'PATH_UNREADABLE', exitCode: 1 }])
    expect(problems[0]!.message).toContain(`nowhere": there is no such file or folder.`)
    expect(problems[0]!.remedy).toBeDefined()
  })

  test('when it is a link to nothing, or a ring of links', async () => {
    symlinkSync('nothing', join(folder, 'a.yaml'))
    symlinkSync('c.yaml', join(folder, 'b.yaml'))
    symlinkSync('b.yaml', join(folder, 'c.yaml'))
    const { problems } = await readManifestFiles([folder])
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
    const { files, problems } = await readManifestFiles([file])
    expect(files).toEqual([])
    expect(problems).toMatchObject([
      { code: 'NOT_UTF8', at: { file, line, column }, remedy: 'Save the file as UTF-8.' },
    ])
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
    const { store, problems, files } = await loadManifests([folder])
    expect(problems).toEqual([])
    expect(files).toHaveLength(2)
    expect(store?.all().subnets).toHaveLength(1)
  })

  test('gives no manifests when a file is unreadable, and does not blame the references to it', async () => {
    write('a.yaml', Buffer.concat([Buffer.from(network), Buffer.from([0xff])]))
    write('b.yaml', subnet)
    const { store, problems } = await loadManifests([folder])
    expect(store).toBeUndefined()
    expect(problems.map(({ code }) => code)).toEqual(['NOT_UTF8'])
  })
})
