import { readFileSync } from 'node:fs'
import { afterEach, describe, expect, test } from '@jest/globals'
import { failpoint, FAILPOINTS, setFailpoints } from '../../../src/switch/failpoints.js'

afterEach(() => setFailpoints(undefined))

describe('a failpoint', () => {
  test('that is not armed is passed without a pause', () => {
    expect(failpoint('before-commit')).toBeUndefined()
    setFailpoints('')
    expect(failpoint('before-commit')).toBeUndefined()
    setFailpoints('after-dump:error')
    expect(failpoint('before-commit')).toBeUndefined()
  })

  test('fails where it is told to, each time', async () => {
    setFailpoints('before-commit:error')
    for (let i = 0; i < 2; i++) {
      await expect(failpoint('before-commit')).rejects.toMatchObject({ code: 'FAILPOINT', retriable: true })
    }
  })

  test('with a number acts at that passing alone', async () => {
    setFailpoints('bundle-add@3:error')
    const passings = [1, 2, 3, 4].map(() => failpoint('bundle-add'))
    expect(passings.map((passing) => passing !== undefined)).toEqual([false, false, true, false])
    await expect(passings[2]).rejects.toMatchObject({ code: 'FAILPOINT' })
  })

  test('with a delay holds up for that time', async () => {
    setFailpoints('after-dump:delay=30,before-commit:error')
    const began = performance.now()
    await failpoint('after-dump')
    expect(performance.now() - began).toBeGreaterThan(25)
    await expect(failpoint('before-commit')).rejects.toThrow('before-commit')
  })

  test.each([
    'nowhere',
    'before-commit:explode',
    'before-commit:delay=',
    'before-commit@0',
    'constructor',
    ',',
  ])('that does not exist is a usage error: %s', (text) => {
    expect(() => setFailpoints(text)).toThrow(expect.objectContaining({ code: 'USAGE', exitCode: 64 }))
  })

  test('that is misspelled is answered with all that there are', () => {
    expect(() => setFailpoints('before-comit')).toThrow(
      expect.objectContaining({ remedy: expect.stringContaining(Object.keys(FAILPOINTS).join(', ')) }),
    )
  })
})

test('docs/reliability.md lists the failpoints in their order, with the same words', () => {
  const doc = readFileSync(new URL('../../../docs/reliability.md', import.meta.url), 'utf8')
  const rows = [...doc.matchAll(/^\| `([a-z-]+)` +\| (.+?) +\|$/gm)].map(([, name, words]) => [name, words])
  expect(rows).toEqual(Object.entries(FAILPOINTS))
})
