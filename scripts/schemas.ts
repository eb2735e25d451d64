// Writes schemas/generated: the JSON twins of the schemas, for editors, and the validators that the program runs.
import { mkdir, writeFile } from 'node:fs/promises'
import { renderGeneratedSchemas } from './schemas-render.js'

const folder = new URL('../schemas/generated/', import.meta.url)
await mkdir(folder, { recursive: true })
for (const [name, text] of renderGeneratedSchemas()) await writeFile(new URL(name, folder), text)
