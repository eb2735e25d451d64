// Makes the tables of docs/openflow.md anew; its prose is written by hand.
import { readFile, writeFile } from 'node:fs/promises'
import { renderOpenFlowDoc } from './openflow-doc-render.js'

const file = new URL('../docs/openflow.md', import.meta.url)
await writeFile(file, renderOpenFlowDoc(await readFile(file, 'utf8')))
