// A flow in the notation of `ovs-ofctl dump-flows`, with or without statistics.
import { type Hex, renderHex, zeroHex } from '../../values/hex.js'
import { Memo } from '../../values/memo.js'
import type { Instruction } from '../actions/instructions.js'
import { DEFAULT_PRIORITY, type Flow, FLOW_FLAG } from '../flow.js'
import type { FlowEntry } from '../messages/flow-stats.js'
import type { PortNames } from './port-names.js'
import { renderInstructions } from './print-actions.js'
import { matchPrinter, renderMatch } from './print-match.js'
import { renderStats } from './print-stats.js'

export interface PrintOptions {
  readonly names: PortNames
  /** With the counters of the flow, as `dump-flows` prints it without `--no-stats`? Default: without. */
  readonly stats?: boolean
}

export type FlowPrinter = (flow: FlowEntry) => string

/** `cookie=0x1, table=52, idle_timeout=300, priority=20,ip,metadata=0x1f42 actions=CONTROLLER:65535` */
export function renderFlow(flow: Flow, names: PortNames): string {
  return `${renderAlone(flow, names)}actions=${renderInstructions(flow.instructions, names)}`
}

/**
 * All but the actions. Table 0, cookie 0, timeouts of 0 and the default priority are left out, as `dump-flows` leaves
 * them out.
 */
export function renderFlowHead(flow: Flow, names: PortNames): string {
  return renderAlone(flow, names).trimEnd()
}

function renderAlone(flow: Flow, names: PortNames): string {
  return renderHead(renderAttributes(flow), flow.priority, renderMatch(flow.match, names).join(','))
}

/**
 * Prints many flows. What stands in several of them as one record, a field of the match or the list of instructions, is
 * written once, so a printer is made for a dump and dropped with it.
 */
export function flowPrinter({ names, stats = false }: PrintOptions): FlowPrinter {
  const matchOf = matchPrinter(names)
  const known = new Memo<readonly Instruction[], string>()
  return (flow) => {
    const { instructions } = flow
    const attributes = stats ? renderEntry(flow) : renderAttributes(flow)
    const head = renderHead(attributes, flow.priority, matchOf(flow.match))
    return `${head}actions=${known.get(instructions) ?? known.put(instructions, renderInstructions(instructions, names))}`
  }
}

/** All before the actions: nothing, or words and a space. */
function renderHead(attributes: string, priority: number, match: string): string {
  if (priority === DEFAULT_PRIORITY) return match === '' ? attributes : `${attributes}${match} `
  return `${attributes}priority=${priority}${match === '' ? '' : `,${match}`} `
}

const NO_COOKIE = zeroHex(8)

function renderAttributes(flow: Flow): string {
  const cookie = flow.cookie === NO_COOKIE ? '' : renderCookie(flow.cookie)
  const table = flow.tableId === 0 ? '' : `table=${flow.tableId}, `
  return `${cookie}${table}${renderTimeouts(flow)}`
}

/** With counters; then cookie and table are always said. */
function renderEntry(flow: FlowEntry): string {
  const { duration, counts, idleAge } = renderStats(flow)
  return `${renderCookie(flow.cookie)}${duration}table=${flow.tableId}, ${counts}${renderTimeouts(flow)}${idleAge}`
}

function renderCookie(cookie: Hex): string {
  return `cookie=${cookie === NO_COOKIE ? '0x0' : renderHex(cookie)}, `
}

/** Timeouts, flags and importance, in the order in which Open vSwitch 3.1 has them. */
function renderTimeouts({ idleTimeout, hardTimeout, flags, importance }: Flow): string {
  const idle = idleTimeout === 0 ? '' : `idle_timeout=${idleTimeout}, `
  const hard = hardTimeout === 0 ? '' : `hard_timeout=${hardTimeout}, `
  const said = flags === 0 ? '' : FLAGS.map(([name, bit]) => (flags & bit ? `${name} ` : '')).join('')
  return `${idle}${hard}${said}${importance === 0 ? '' : `importance=${importance}, `}`
}

const FLAGS = Object.entries(FLOW_FLAG)
