// Every file of test/malformed says in its first lines what is wrong with it: `# expect: CODE LINE:COLUMN`.
import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from '@jest/globals'
import type { ReconcileError } from '../../../src/errors/error.js'
import { renderError } from '../../../src/errors/render.js'
import { parseManifests } from '../../../src/manifest/parse.js'

const folder = new URL('../../malformed/', import.meta.url)
const names = readdirSync(folder).filter((name) => name.endsWith('.yaml'))

function textOf(name: string): string {
  return readFileSync(new URL(name, folder), 'utf8')
}

function expectedIn(text: string): string[] {
  return [...text.matchAll(/^# expect: (\w+ \d+:\d+)$/gm)].map(([, expected]) => expected!)
}

function summary({ code, at }: ReconcileError): string {
  return `${code} ${at?.line ?? 0}:${at?.column ?? 0}`
}

test('there are more than two hundred malformed files', () => {
  expect(names.length).toBeGreaterThan(200)
})

describe('a malformed manifest', () => {
  test.each(names)('%s has exactly the problems it says', (name) => {
    const text = textOf(name)
    const { manifests, problems } = parseManifests([{ path: name, text }])
    expect(problems.map(summary)).toEqual(expectedIn(text))
    expect(manifests).toBeUndefined()
  })

  test.each(names)('%s gives errors with a message, a frame that marks the place, and a remedy', (name) => {
    const text = textOf(name)
    for (const problem of parseManifests([{ path: name, text }]).problems) {
      const lines = renderError(problem, () => text).split('\n')
      expect(lines[0]).toMatch(new RegExp(`^${name}:\\d+:\\d+ {2}${problem.code}$`))
      expect(lines[1]).toMatch(/^ {2}\S.*\.$/)
      expect(lines[1]).not.toMatch(/undefined|\[object/)
      const marked = lines.findIndex(
        (line) =>
          line.startsWith(`    > ${String(problem.at!.line).padStart(1)}`) || /^ {4}> +\d+ \|/.test(line),
      )
      expect(lines[marked]).toContain(` ${problem.at!.line} |`)
      expect(lines[marked + 1]).toMatch(/^ {4} +\| [\s]*\^+$/)
      expect(lines.at(-1)).toBe(`  ${problem.remedy!}`)
      expect(problem.remedy).toMatch(/^[A-Z].*[.?]$/)
      expect(problem.exitCode).toBe(3)
    }
  })
})
