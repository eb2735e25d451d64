// A flow in the notation of `ovs-ofctl dump-flows --no-stats`.
import { renderHex, zeroHex } from '../../values/hex.js'
import { DEFAULT_PRIORITY, type Flow, FLOW_FLAG } from '../flow.js'
import type { PortNames } from './port-names.js'
import { renderInstructions } from './print-actions.js'
import { renderMatch } from './print-match.js'

/** `cookie=0x1, table=52, idle_timeout=300, priority=20,ip,metadata=0x1f42 actions=CONTROLLER:65535` */
export function renderFlow(flow: Flow, names: PortNames): string {
  return `${renderFlowHead(flow, names)} actions=${renderInstructions(flow.instructions, names)}`.trimStart()
}

/**
 * All but the actions. Table 0, cookie 0, timeouts of 0 and the default priority are left out, as `dump-flows` leaves
 * them out.
 */
export function renderFlowHead(flow: Flow, names: PortNames): string {
  const attributes = [
    flow.cookie === zeroHex(8) ? '' : `cookie=${renderHex(flow.cookie)}, `,
    flow.tableId === 0 ? '' : `table=${flow.tableId}, `,
    flow.idleTimeout === 0 ? '' : `idle_timeout=${flow.idleTimeout}, `,
    flow.hardTimeout === 0 ? '' : `hard_timeout=${flow.hardTimeout}, `,
    flow.importance === 0 ? '' : `importance=${flow.importance}, `,
  ]
  const flags = Object.entries(FLOW_FLAG).filter(([, bit]) => flow.flags & bit)
  const head = [
    ...attributes,
    ...flags.map(([name]) => `${name} `),
    renderPriorityAndMatch(flow, names),
  ].join('')
  return head.trimEnd()
}

function renderPriorityAndMatch({ priority, match }: Flow, names: PortNames): string {
  const shown = priority === DEFAULT_PRIORITY ? [] : [`priority=${priority}`]
  return [...shown, ...renderMatch(match, names)].join(',')
}
