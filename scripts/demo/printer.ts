// What the demo says: numbered steps, flow tables, differences. Colour repeats what the signs say.
import { styleText } from 'node:util'
import type { PingResult } from '../../test/support/ping.js'
import { sortFlows, type FlowChange, type ShownFlow } from './flow-table.js'

type Style = 'bold' | 'cyan' | 'green' | 'red' | 'gray'

/** Columns to fill where the output is not a terminal. */
const DEFAULT_WIDTH = 160

let steps = 0

export function say(text = '', style?: Style): void {
  process.stdout.write(`${style ? paint(style, text) : text}\n`)
}

/** Opens the next step: what happens, then why in a line. */
export function step(title: string, explanation: string): void {
  steps += 1
  say()
  say(`${steps}. ${title}`, 'bold')
  say(`   ${explanation}`, 'gray')
}

/** A command line as one would type it. */
export function command(text: string): void {
  say(`   $ ${text}`, 'cyan')
}

/** The whole table, sorted; flows of `fresh` are marked with a plus. */
export function printFlows(flows: readonly ShownFlow[], fresh: readonly FlowChange[] = []): void {
  const isNew = (flow: ShownFlow): boolean => fresh.some((change) => change.flow === flow)
  let table = -1
  for (const flow of sortFlows(flows)) {
    if (flow.table !== table) say(`   table ${flow.table}`, 'bold')
    table = flow.table
    printFlow(isNew(flow) ? '+' : ' ', flow)
  }
}

export function printChanges(changes: readonly FlowChange[]): void {
  for (const { sign, flow } of changes) printFlow(sign, flow, `table ${flow.table}  `)
}

/** Ping's replies and summary, then what they show: the first packet visits the controller, the others do not. */
export function printPing({ output, rttsMs }: PingResult): void {
  const lines = output.split('\n').filter((line) => /bytes from|packets transmitted/.test(line))
  for (const line of lines) say(`   ${line}`)
  const [first, ...later] = rttsMs
  if (first === undefined || later.length === 0) return
  const typical = later.sort((a, b) => a - b)[Math.floor(later.length / 2)] ?? first
  say(`   first round trip ${first.toFixed(2)} ms, by way of the controller`)
  say(`   later ones ${typical.toFixed(2)} ms (median), in the switch alone`)
}

function printFlow(sign: '+' | '-' | ' ', { match, actions }: ShownFlow, prefix = ''): void {
  const style = sign === '+' ? 'green' : sign === '-' ? 'red' : undefined
  const oneLine = `   ${sign} ${prefix}${match}  → ${actions}`
  if (oneLine.length <= width()) {
    say(oneLine, style)
  } else {
    say(`   ${sign} ${prefix}${match}`, style)
    say(`   ${' '.repeat(4 + prefix.length)}→ ${actions}`, style)
  }
}

function width(): number {
  return process.stdout.isTTY ? process.stdout.columns : DEFAULT_WIDTH
}

function paint(style: Style, text: string): string {
  return styleText(style, text, { stream: process.stdout })
}
