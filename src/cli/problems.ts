// Problems of manifests onto standard error, each with its place in the files, and the exit code that they make.
import { EXIT, type ExitCode } from '../errors/codes.js'
import type { ReconcileError } from '../errors/error.js'
import { renderError } from '../errors/render.js'
import type { ManifestFile } from '../manifest/parse.js'

export function reportProblems(
  problems: readonly ReconcileError[],
  files: readonly ManifestFile[],
): ExitCode {
  const text = new Map(files.map((file) => [file.path, file.text]))
  for (const problem of problems) {
    process.stderr.write(`${renderError(problem, (file) => text.get(file))}\n\n`)
  }
  const places = new Set(problems.map(({ at }) => at?.file)).size
  const count = (n: number, what: string) => `${n} ${what}${n === 1 ? '' : 's'}`
  process.stderr.write(
    `${count(problems.length, 'problem')} in ${count(places, 'file')}; nothing was applied\n`,
  )
  const invalid = problems.some(({ exitCode }) => exitCode === EXIT.invalidManifests)
  return invalid ? EXIT.invalidManifests : (problems[0]?.exitCode ?? EXIT.runtimeError)
}
