// Two tables of flows side by side: what only one of them has, and what is different in them. No flow is anybody's here, and
// nothing is to be done about it; for that see plan.ts.
import { canonicalMatch } from '../openflow/fields/canonical.js'
import { type Flow, flowAttributes, flowInstructions, flowKey } from '../openflow/flow.js'

/** One of the two is undefined where only the other side has a flow of that table, priority and match. */
export interface FlowDifference {
  readonly a: Flow | undefined
  readonly b: Flow | undefined
}

/**
 * Compares by the canonical form (docs/openflow.md). Of flows with one key the last of a side counts, as with `add-flows`.
 * The order is that of `ovs-ofctl diff-flows`: by table; in it by what flows match on, those with the highest priority first; of
 * these as they came, the first side's before the second's.
 */
export function compareFlows(a: Iterable<Flow>, b: Iterable<Flow>): readonly FlowDifference[] {
  const pairs = new Map<string, FlowDifference>()
  for (const flow of a) pairs.set(flowKey(flow), { a: flow, b: undefined })
  for (const flow of b) {
    const key = flowKey(flow)
    pairs.set(key, { a: pairs.get(key)?.a, b: flow })
  }
  return inOrder([...pairs.values()]).filter(isDifferent)
}

function isDifferent({ a, b }: FlowDifference): boolean {
  if (!a || !b) return true
  return flowAttributes(a) !== flowAttributes(b) || flowInstructions(a) !== flowInstructions(b)
}

/** Pairs of one table that match on the same bits of the same fields: what Open vSwitch calls a subtable. */
interface Subtable {
  readonly tableId: number
  /** The highest of its flows. */
  priority: number
  readonly pairs: FlowDifference[]
}

function inOrder(pairs: readonly FlowDifference[]): readonly FlowDifference[] {
  const subtables = new Map<string, Subtable>()
  for (const pair of pairs) {
    const flow = pair.a ?? pair.b
    if (!flow) continue
    const { tableId, priority } = flow
    const shape = shapeOf(flow)
    const subtable = subtables.get(shape) ?? { tableId, priority, pairs: [] }
    subtable.priority = Math.max(subtable.priority, priority)
    subtable.pairs.push(pair)
    subtables.set(shape, subtable)
  }
  const sorted = [...subtables.values()].sort((a, b) => a.tableId - b.tableId || b.priority - a.priority)
  return sorted.flatMap((subtable) => subtable.pairs)
}

function shapeOf({ tableId, match }: Flow): string {
  const bits = canonicalMatch(match).map(({ field, mask = '' }) => `${PLACES.get(field) ?? field}/${mask}`)
  return `${tableId} ${bits.sort().join()}`
}

/** Fields that Open vSwitch keeps in one place of its flows (`struct flow`), as no packet has both. */
const PLACES = new Map<string, string>(
  Object.entries({
    nw_src: ['ip_src', 'arp_spa'],
    nw_dst: ['ip_dst', 'arp_tpa'],
    nw_proto: ['nw_proto', 'arp_op'],
    arp_sha: ['arp_sha', 'nd_sll'],
    arp_tha: ['arp_tha', 'nd_tll'],
    tp_src: ['tcp_src', 'udp_src', 'sctp_src', 'icmp_type', 'icmpv6_type'],
    tp_dst: ['tcp_dst', 'udp_dst', 'sctp_dst', 'icmp_code', 'icmpv6_code'],
    tcp_flags: ['tcp_flags', 'nd_options_type'],
  }).flatMap(([place, fields]) => fields.map((field) => [field, place])),
)
