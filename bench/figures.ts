// Measurements in, lines for people out: how often each was taken, its median, and how far it spread.

export interface Figure {
  readonly name: string
  /** Milliseconds. */
  readonly samples: readonly number[]
}

export function median(samples: readonly number[]): number {
  const sorted = samples.toSorted((a, b) => a - b)
  const middle = sorted.length / 2
  const [low = Number.NaN, high = low] = [sorted[Math.ceil(middle) - 1], sorted[Math.floor(middle)]]
  return (low + high) / 2
}

export function printHeading(title: string): void {
  console.log(`\n${title.padEnd(NAME_WIDTH)}${COLUMNS.map((column) => column.padStart(WIDTH)).join('')}`)
}

export function printFigure({ name, samples }: Figure): void {
  const values = [median(samples), Math.min(...samples), Math.max(...samples)].map(milliseconds)
  const columns = [...values, String(samples.length)].map((value) => value.padStart(WIDTH))
  console.log(`  ${name.padEnd(NAME_WIDTH - 2)}${columns.join('')}`)
}

const COLUMNS = ['median', 'min', 'max', 'n']
const NAME_WIDTH = 48
const WIDTH = 12

/** Three digits that count. */
function milliseconds(value: number): string {
  const decimals = value >= 100 ? 0 : value >= 10 ? 1 : value >= 1 ? 2 : 3
  return `${value.toFixed(decimals)} ms`
}
