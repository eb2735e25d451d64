// Offsets in a file's text to file, line and column.
import type { LineCounter } from 'yaml'
import type { SourcePosition } from '../errors/error.js'

/** A half-open range of UTF-16 offsets. */
export type Range = readonly [start: number, end: number]

/** A file's text with its line starts. */
export interface Source {
  readonly path: string
  readonly text: string
  readonly lines: LineCounter
}

/** The position of a range; of a range over several lines, the part on the first is marked. */
export function positionOf({ path, text, lines }: Source, [start, end]: Range): SourcePosition {
  const { line, col } = lines.linePos(start)
  const [firstLine = ''] = text.slice(start, end).split(/\r?\n/, 1)
  return { file: path, line, column: col, length: Math.max(1, firstLine.trimEnd().length) }
}
