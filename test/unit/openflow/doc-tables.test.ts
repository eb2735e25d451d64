import { expect, test } from '@jest/globals'
import { readFileSync } from 'node:fs'
import { renderOpenFlowDoc } from '../../../scripts/openflow-doc-render.js'
import { MESSAGES } from '../../../src/openflow/messages/messages.js'

const document = readFileSync(new URL('../../../docs/openflow.md', import.meta.url), 'utf8')

test('docs/openflow.md is what the layouts say (npm run docs)', () => {
  expect(renderOpenFlowDoc(document)).toBe(document)
})

test('docs/openflow.md has a row for every message', () => {
  for (const name of Object.keys(MESSAGES)) expect(document).toContain(`| \`${name}\` |`)
})
