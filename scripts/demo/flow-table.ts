// The flow table as people read it: lines of `ovs-ofctl dump-flows` go in, tables and differences come out.

export interface ShownFlow {
  readonly table: number
  readonly priority: number
  /** All but the table, the cookie and the actions, as ovs-ofctl prints it. */
  readonly match: string
  readonly actions: string
}

export interface FlowChange {
  readonly sign: '+' | '-'
  readonly flow: ShownFlow
}

/** Reads one line of a dump. The cookie, which says who owns the flow, is left out. */
export function parseFlow(line: string): ShownFlow {
  const [head = '', actions = ''] = line.split(/\s*actions=/)
  const match = head.replace(/cookie=\w+,?\s*/, '').replace(/table=\d+,?\s*/, '')
  return {
    table: Number(/table=(\d+)/.exec(head)?.[1] ?? 0),
    priority: Number(/priority=(\d+)/.exec(head)?.[1] ?? 32768), // ovs-ofctl leaves the default out
    match: match.trim(),
    actions,
  }
}

/** By table; within a table in the order in which the switch tries them. */
export function sortFlows(flows: readonly ShownFlow[]): ShownFlow[] {
  return [...flows].sort(
    (a, b) => a.table - b.table || b.priority - a.priority || textOf(a).localeCompare(textOf(b)),
  )
}

/** The flows that are gone and those that are new, by table. */
export function diffFlowTables(before: readonly ShownFlow[], after: readonly ShownFlow[]): FlowChange[] {
  const gone = missingIn(after, before).map((flow): FlowChange => ({ sign: '-', flow }))
  const fresh = missingIn(before, after).map((flow): FlowChange => ({ sign: '+', flow }))
  return [...gone, ...fresh].sort((a, b) => a.flow.table - b.flow.table)
}

/** Does any flow of the table speak of exactly this IPv4 address? */
export function mentions(flows: readonly ShownFlow[], address: string): boolean {
  const exactly = new RegExp(`(?<![\\d.])${address.replaceAll('.', '\\.')}(?![\\d./])`)
  return flows.some((flow) => exactly.test(textOf(flow)))
}

function missingIn(haystack: readonly ShownFlow[], needles: readonly ShownFlow[]): ShownFlow[] {
  const known = new Set(haystack.map(textOf))
  return sortFlows(needles.filter((flow) => !known.has(textOf(flow))))
}

function textOf({ table, match, actions }: ShownFlow): string {
  return `${table} ${match} ${actions}`
}
