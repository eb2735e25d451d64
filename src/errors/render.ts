// An error as people read it: file:line:column and code, what is wrong, a code frame, what to do.
import { codeFrameColumns } from '@babel/code-frame'
import type { ReconcileError, SourcePosition } from './error.js'

/** Text of a source file by name, for code frames; undefined when it is not at hand. */
export type SourceText = (file: string) => string | undefined

export function renderPosition({ file, line, column }: SourcePosition): string {
  return `${file}:${line}:${column}`
}

/** Several lines, without a line break at the end. */
export function renderError(error: ReconcileError, sourceText: SourceText = () => undefined): string {
  const place = error.at ? `${renderPosition(error.at)}  ` : ''
  return [
    `${place}${error.code}`,
    `  ${printable(error.message)}`,
    ...frame(error.at, sourceText),
    ...error.related.flatMap(({ label, at }) => [
      `  ${printable(label)}: ${renderPosition(at)}`,
      ...frame(at, sourceText),
    ]),
    ...(error.remedy === undefined ? [] : [`  ${printable(error.remedy)}`]),
  ].join('\n')
}

/** Characters of a line around the marked place that are shown. */
const WIDTH = 120

function frame(at: SourcePosition | undefined, sourceText: SourceText): string[] {
  const text = at && sourceText(at.file)
  if (!text) return []
  // Lines end where the positions say they do; code-frame would also break at a lone CR, U+2028 and U+2029.
  const lines = text.split(/\r?\n/).slice(Math.max(0, at.line - 2), at.line + 1)
  const shown = lines.map(printable)
  // A line of a thousand characters is cut around the mark, the lines beside it in the same columns.
  const from = Math.max(0, at.column - 1 - (at.column <= WIDTH ? WIDTH : WIDTH / 2))
  const window = shown.map((line) => line.slice(from, from + WIDTH).trimEnd())
  const column = at.column - from
  const end = Math.max(column + 1, Math.min(column + at.length, WIDTH + 1))
  const location = { start: { line: at.line, column }, end: { line: at.line, column: end } }
  const options = { highlightCode: false, linesAbove: 1, linesBelow: 1, startLine: Math.max(1, at.line - 1) }
  return codeFrameColumns(window.join('\n'), location, options)
    .split('\n')
    .map((line) => `    ${line}`)
}

/** Characters that would move the cursor or colour the terminal, each as one visible sign. */
function printable(text: string): string {
  return text.replace(
    /[\u0000-\u0008\u000a-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g,
    '\ufffd',
  )
}
