import { expect, test } from '@jest/globals'
import { readFileSync } from 'node:fs'
import { FIELDS } from '../../../src/openflow/fields/fields.js'
import { MESSAGES } from '../../../src/openflow/messages/messages.js'

const page = readFileSync(new URL('../../../docs/openflow.md', import.meta.url), 'utf8')

test('docs/openflow.md names every message and every field', () => {
  const fields = FIELDS.map(({ name }) => name).filter((name) => !/^reg([1-9]|1[0-4])$/.test(name))
  const missing = [...Object.keys(MESSAGES), ...fields].filter((name) => !page.includes(`\`${name}\``))
  expect(missing).toEqual([])
})

test('the code that docs/openflow.md shows is in the sources', () => {
  const blocks = [...page.matchAll(/```ts\n([^]*?)```/g)].map(([, code = '']) => code)
  const shown = blocks.flatMap((code) => code.split('\n')).filter((line) => line !== '')
  const files = ['fields/fields.ts', 'actions/actions.ts', 'messages/bundle.ts', 'messages/messages.ts']
  const sources = files.map((file) =>
    readFileSync(new URL(`../../../src/openflow/${file}`, import.meta.url), 'utf8'),
  )
  expect(shown.length).toBeGreaterThan(4)
  expect(shown.filter((line) => !sources.some((source) => source.includes(line)))).toEqual([])
})
