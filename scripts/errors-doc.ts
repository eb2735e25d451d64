// Writes docs/errors.md.
import { writeFile } from 'node:fs/promises'
import { renderErrorsDoc } from './errors-doc-render.js'

await writeFile(new URL('../docs/errors.md', import.meta.url), renderErrorsDoc())
