// Order and description of places in files.
import type { SourcePosition } from './error.js'

/** Plain code-unit order, the same on every machine whatever its locale. */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

/** By file, line, column. */
export function comparePositions(a: SourcePosition, b: SourcePosition): number {
  return compareText(a.file, b.file) || a.line - b.line || a.column - b.column
}
