// Differences between two tables of flows: as `ovs-ofctl diff-flows` prints them, and for programs.
import { type Flow, FLOW_FLAG, lastingFlags } from '../openflow/flow.js'
import type { PortNames } from '../openflow/text/port-names.js'
import { renderFlow, renderFlowHead } from '../openflow/text/print.js'
import { renderInstructions } from '../openflow/text/print-actions.js'
import { renderHex, zeroHex } from '../values/hex.js'
import type { FlowDifference } from './flow-differences.js'
import { NO_PAINT, type Paint } from './paint.js'

/** Lines with `-` for the first side and `+` for the second. */
export function renderDifference(
  { a, b }: FlowDifference,
  names: PortNames,
  paint: Paint = NO_PAINT,
): readonly string[] {
  const flags = a && b && lastingFlags(a) !== lastingFlags(b) ? renderFlags : () => ''
  const line = (flow: Flow) => renderLine(flow, flags(flow), names)
  return [...(a ? [paint('red', `-${line(a)}`)] : []), ...(b ? [paint('green', `+${line(b)}`)] : [])]
}

/** `table=1 tcp,tp_dst=80 cookie=0x5 idle_timeout=30 actions=NORMAL` */
function renderLine(flow: Flow, flags: string, names: PortNames): string {
  const { tableId, cookie, idleTimeout, hardTimeout, importance, instructions } = flow
  const words = [
    ...(tableId === 0 ? [] : [`table=${tableId}`]),
    // An empty match leaves its place empty, between two spaces.
    renderFlowHead({ ...flow, ...NO_ATTRIBUTES }, names),
    ...(cookie === NO_ATTRIBUTES.cookie ? [] : [`cookie=${renderHex(cookie)}`]),
    ...(idleTimeout === 0 ? [] : [`idle_timeout=${idleTimeout}`]),
    ...(hardTimeout === 0 ? [] : [`hard_timeout=${hardTimeout}`]),
    ...(importance === 0 ? [] : [`importance=${importance}`]),
    ...(flags === '' ? [] : [flags]),
    `actions=${renderInstructions(instructions, names)}`,
  ]
  return words.join(' ')
}

const NO_ATTRIBUTES = {
  tableId: 0,
  cookie: zeroHex(8),
  idleTimeout: 0,
  hardTimeout: 0,
  importance: 0,
  flags: 0,
} as const

/** `ovs-ofctl diff-flows` knows no flags; where they differ they have to be said, or both lines would read the same. */
function renderFlags(flow: Flow): string {
  const flags = lastingFlags(flow)
  return Object.entries(FLOW_FLAG)
    .filter(([, bit]) => flags & bit)
    .map(([name]) => name)
    .join(' ')
}

/** The shape is part of the product: fields are added, never renamed. */
export function differencesToJson(
  differences: readonly FlowDifference[],
  names: PortNames,
): Readonly<Record<string, unknown>> {
  const text = (flow: Flow | undefined) => (flow ? renderFlow(flow, names) : null)
  return {
    summary: {
      onlyInA: differences.filter(({ b }) => !b).length,
      onlyInB: differences.filter(({ a }) => !a).length,
      different: differences.filter(({ a, b }) => a && b).length,
    },
    differences: differences.map(({ a, b }) => ({ a: text(a), b: text(b) })),
  }
}
