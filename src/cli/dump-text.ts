// The flows of a dump, part by part, to pieces of text: lines as those of ovs-ofctl, or JSON.
import { type Flow, FLOW_FLAG } from '../openflow/flow.js'
import type { FlowEntry } from '../openflow/messages/flow-stats.js'
import { MULTIPART_MORE } from '../openflow/messages/kind.js'
import { flowPrinter, type PrintOptions } from '../openflow/text/print.js'
import { countersOf } from '../openflow/text/print-stats.js'
import { renderVersion, type Version } from '../openflow/version.js'
import type { FlowPart } from '../switch/dump.js'
import { numberFromHex } from '../values/hex.js'

type Parts = AsyncIterable<FlowPart>

export interface TextOptions extends PrintOptions {
  /** What ovs-ofctl writes above each part: the version, and the transaction of request and reply. */
  readonly header: { readonly version: Version; readonly xid: number } | undefined
}

/** ` table=52, priority=20,ip actions=goto_table:55`, as `ovs-ofctl dump-flows` indents and ends its lines. */
export async function* dumpAsText(parts: Parts, { header, ...print }: TextOptions): AsyncIterable<string> {
  const render = flowPrinter(print)
  for await (const part of parts) {
    const above = header ? renderHeader(header, part) : ''
    yield above + part.flows.map((flow) => ` ${render(flow)}\n`).join('')
  }
}

function renderHeader({ version, xid }: NonNullable<TextOptions['header']>, { flags }: FlowPart): string {
  const more = flags & MULTIPART_MORE ? ' flags=[more]' : ''
  return `OFPST_FLOW reply (OF${renderVersion(version)}) (xid=0x${xid.toString(16)}):${more}\n`
}

export interface JsonOptions extends PrintOptions {
  readonly bridge: string
  readonly version: Version
}

/**
 * `{"bridge":"br-int","version":"1.5","flows":[…]}`, one flow a line. The shape is part of the product: fields are added, never
 * renamed.
 */
export async function* dumpAsJson(
  parts: Parts,
  { bridge, version, ...print }: JsonOptions,
): AsyncIterable<string> {
  const render = flowPrinter({ names: print.names })
  const record = (flow: FlowEntry) => ({
    ...flowToJson(flow, render(flow)),
    ...(print.stats ? { stats: statsToJson(flow) } : {}),
  })
  yield `{"bridge":${JSON.stringify(bridge)},"version":"${renderVersion(version)}","flows":[`
  let between = '\n'
  for await (const { flows } of parts) {
    if (flows.length === 0) continue
    yield between + flows.map((flow) => JSON.stringify(record(flow))).join(',\n')
    between = ',\n'
  }
  yield '\n]}\n'
}

function flowToJson(flow: Flow, text: string): Readonly<Record<string, unknown>> {
  const { tableId, priority, cookie, idleTimeout, hardTimeout, importance, flags, match, instructions } = flow
  return {
    table: tableId,
    priority,
    cookie: `0x${cookie.replace(/^0+(?=.)/, '')}`,
    idleTimeout,
    hardTimeout,
    importance,
    flags: Object.entries(FLOW_FLAG).flatMap(([name, bit]) => (flags & bit ? [name] : [])),
    match,
    instructions,
    flow: text,
  }
}

/** Times in seconds; what the switch did not say is null. */
function statsToJson(flow: FlowEntry): Readonly<Record<string, number | null>> {
  const { packetCount, byteCount, durationSec, durationNsec = 0, idleSec = null } = countersOf(flow)
  return {
    packets: packetCount === undefined ? null : numberFromHex(packetCount),
    bytes: byteCount === undefined ? null : numberFromHex(byteCount),
    duration: durationSec === undefined ? null : durationSec + durationNsec / 1e9,
    idleAge: idleSec,
  }
}

/** Flows in one piece of text when they have been sorted: about as many as a part of a reply holds. */
const SORTED_PART = 500

/** The lowest priority first; flows of one priority stay in their order. All of them have to be there before the first goes. */
export async function* inPriorityOrder(parts: Parts): Parts {
  const all: FlowEntry[] = []
  for await (const { flows } of parts) all.push(...flows)
  all.sort((a, b) => a.priority - b.priority)
  for (let start = 0; start < all.length; start += SORTED_PART) {
    yield { flags: 0, flows: all.slice(start, start + SORTED_PART) }
  }
}
