import { expect, test } from '@jest/globals'
import { readFileSync } from 'node:fs'

const page = readFileSync(new URL('../../../docs/openflow.md', import.meta.url), 'utf8')

test('the code that docs/openflow.md shows is in the sources', () => {
  const blocks = [...page.matchAll(/```ts\n([^]*?)```/g)].map(([, code = '']) => code)
  const shown = blocks.flatMap((code) => code.split('\n')).filter((line) => line !== '')
  const files = ['fields/rows.ts', 'actions/actions.ts', 'messages/bundle.ts', 'messages/messages.ts']
  const sources = files.map((file) =>
    readFileSync(new URL(`../../../src/openflow/${file}`, import.meta.url), 'utf8'),
  )
  expect(shown.length).toBeGreaterThan(4)
  expect(shown.filter((line) => !sources.some((source) => source.includes(line)))).toEqual([])
})
