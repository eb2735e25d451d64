import { readdirSync, readFileSync } from 'node:fs'
import { expect, test } from '@jest/globals'
import { renderGeneratedSchemas } from '../../../scripts/schemas-render.js'

const folder = new URL('../../../schemas/generated/', import.meta.url)
const generated = renderGeneratedSchemas()

test('the generated files are those that `npm run schemas` writes, and no others', () => {
  expect(readdirSync(folder).toSorted()).toEqual([...generated.keys()].toSorted())
})

test.each([...generated.keys()])(
  '%s is up to date with schemas/*.schema.ts (else run `npm run schemas`)',
  (name) => {
    expect(readFileSync(new URL(name, folder), 'utf8')).toBe(generated.get(name))
  },
)

test('the validators need no other module', () => {
  expect(generated.get('validators.ts')).not.toMatch(/require\(|import /)
})

test('every schema has a title and closes every object, but for maps of strings', () => {
  for (const [name, text] of generated) {
    if (!name.endsWith('.json') || name === 'manifest.schema.json') continue
    const objects = [...schemaNodes(JSON.parse(text))].filter(({ type }) => type === 'object')
    expect(objects.length).toBeGreaterThan(2)
    for (const node of objects) {
      expect(node).toHaveProperty('title')
      expect([false, { type: 'string' }]).toContainEqual(node.additionalProperties)
    }
  }
})

function* schemaNodes(value: unknown): Generator<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null) return
  if ('type' in value) yield value
  for (const child of Object.values(value)) yield* schemaNodes(child)
}
