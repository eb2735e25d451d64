// A folder of manifests that a test may edit: a copy of an example goes in, changed files come out.
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const EXAMPLES = fileURLToPath(new URL('../../examples/', import.meta.url))

export interface ManifestFolder {
  readonly path: string
  /** The path of a file in it. */
  readonly file: (name: string) => string
  /** Replaces a piece of text. Throws unless it stands there exactly once, so that no edit is without effect. */
  readonly edit: (name: string, from: string, to: string) => Promise<void>
  readonly write: (name: string, text: string) => Promise<void>
  readonly remove: (name: string) => Promise<void>
  /** Makes the folder equal to the example again. */
  readonly reset: () => Promise<void>
  readonly destroy: () => Promise<void>
}

/** @param example a folder of `examples` */
export async function copyExample(example = 'two-networks'): Promise<ManifestFolder> {
  const path = await mkdtemp(join(tmpdir(), 'manifests-'))
  const file = (name: string): string => join(path, name)
  const reset = async (): Promise<void> => {
    await rm(path, { recursive: true })
    await cp(join(EXAMPLES, example), path, { recursive: true })
  }
  await reset()
  return {
    path,
    file,
    edit: async (name, from, to) => {
      const pieces = (await readFile(file(name), 'utf8')).split(from)
      if (pieces.length !== 2) throw new Error(`"${from}" stands ${pieces.length - 1} times in ${name}`)
      await writeFile(file(name), pieces.join(to))
    },
    write: (name, text) => writeFile(file(name), text),
    remove: (name) => rm(file(name)),
    reset,
    destroy: () => rm(path, { recursive: true }),
  }
}
