// Records to lines of text: a title and a cell for each in every column, each column as wide as what it holds.

export interface Column<T> {
  readonly title: string
  readonly cell: (row: T) => string
  /** Numbers stand under each other. */
  readonly isNumber?: boolean
}

/** A line for the titles and one for each row. */
export function renderTable<T>(columns: readonly Column<T>[], rows: readonly T[]): string {
  const laidOut = columns.map((column) => layOut(column, rows))
  const lines = Array.from({ length: rows.length + 1 }, (_, line) =>
    laidOut
      .map((cells) => cells[line] ?? '')
      .join('  ')
      .trimEnd(),
  )
  return lines.join('\n')
}

function layOut<T>({ title, cell, isNumber = false }: Column<T>, rows: readonly T[]): readonly string[] {
  const cells = [title, ...rows.map(cell)]
  const width = cells.reduce((most, { length }) => Math.max(most, length), 0)
  return cells.map((known) => (isNumber ? known.padStart(width) : known.padEnd(width)))
}
