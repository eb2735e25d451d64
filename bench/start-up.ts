// A whole run of the program that needs no switch, beside a Node.js that does nothing.
import { fileURLToPath } from 'node:url'
import { CLI } from '../test/support/cli.js'
import { runOrThrow } from '../test/support/processes.js'
import { median, printFigure, printHeading } from './figures.js'

const EXAMPLE = fileURLToPath(new URL('../examples/two-networks', import.meta.url))
const RUNS = 20

export async function benchStartUp(): Promise<void> {
  printHeading('start-up, whole processes')
  const [ours, empty]: [number[], number[]] = [[], []]
  for (let i = 0; i < RUNS; i++) {
    ours.push(await runTime(CLI, '--dry-run', '--against', 'empty', EXAMPLE))
    empty.push(await runTime('-e', '0'))
  }
  printFigure({ name: 'reconcile --dry-run --against empty', samples: ours })
  printFigure({ name: 'node -e 0', samples: empty })
  console.log(`  ratio of the medians: ${(median(ours) / median(empty)).toFixed(2)}`)
}

async function runTime(...args: readonly string[]): Promise<number> {
  const begin = performance.now()
  await runOrThrow(process.execPath, args)
  return performance.now() - begin
}
