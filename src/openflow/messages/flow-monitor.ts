// The flow monitor: news of every change to a flow table (OpenFlow 1.5.1, section 7.3.5.17; ONF EXT-187 for 1.3, whose
// numbers and order of fields differ).
import type { Hex } from '../../values/hex.js'
import { instructionList } from '../actions/instructions.js'
import { type Match, oxmMatch, oxmFields } from '../fields/match.js'
import { ANY_GROUP } from '../ports.js'
import { OPENFLOW_13, OPENFLOW_14, OPENFLOW_15, renderVersion, type Version, VERSIONS } from '../version.js'
import {
  absent,
  type Infer,
  type Layout,
  list,
  pad,
  since,
  struct,
  u16,
  u32,
  u64,
  u8,
} from '../wire/layout.js'
import { malformed, type Reader } from '../wire/reader.js'
import { counted, hexRest, measured, sequence } from '../wire/sections.js'

/** Bits of `monitorFlags`. In the extension for 1.3, 32 is `only_own` and there is no 64. */
export const MONITOR_FLAG = {
  initial: 1,
  add: 2,
  removed: 4,
  modify: 8,
  instructions: 16,
  no_abbrev: 32,
  only_own: 64,
} as const

export const MONITOR_COMMAND = { add: 0, modify: 1, delete: 2 } as const

const MATCH_OXM = 1

/** An ofp_match whose length stands a second time in front of it. */
const matchWithin: Layout<Match> = {
  read(reader, version) {
    if (reader.u16() !== MATCH_OXM) throw malformed('a match that is not of type OXM')
    return oxmFields.read(reader.window(reader.u16() - 4), version)
  },
  write(writer, match, version) {
    const start = writer.length
    writer.u16(MATCH_OXM)
    writer.u16(0)
    oxmFields.write(writer, match, version)
    writer.patchU16(start + 2, writer.length - start)
  },
}

const monitor14 = struct({
  monitorId: u32,
  outPort: u32,
  outGroup: u32,
  monitorFlags: u16,
  tableId: u8,
  command: u8,
  match: oxmMatch,
})

const monitor13 = sequence(
  struct({
    monitorId: u32,
    monitorFlags: u16,
    outGroup: absent(ANY_GROUP, 0),
    command: absent(MONITOR_COMMAND.add, 0),
  }),
  counted('match', matchWithin, struct({ outPort: u32, tableId: u8, _: pad(3) }), { aligned: true }),
)

export type FlowMonitor = Infer<typeof monitor14>

export const flowMonitorRequest = struct({
  monitors: list(since<FlowMonitor>(OPENFLOW_14, monitor14, monitor13)),
})

const change14 = struct({
  tableId: u8,
  reason: u8,
  idleTimeout: u16,
  hardTimeout: u16,
  priority: u16,
  _: pad(4),
  cookie: u64,
  match: oxmMatch,
  instructions: instructionList,
})

const change13 = sequence(
  struct({ reason: u16, priority: u16, idleTimeout: u16, hardTimeout: u16 }),
  sequence(
    counted('match', matchWithin, struct({ tableId: u8, _: pad(1), cookie: u64 }), { aligned: true }),
    struct({ instructions: instructionList }),
  ),
)

/** A flow as the change left it; one that was removed as it was. */
type FlowChange = Infer<typeof change14>

const change = since<FlowChange>(OPENFLOW_14, change14, change13)

interface EventKind<T> {
  readonly code: Readonly<Record<Version, number | undefined>>
  readonly layout: Layout<T>
}

/** The extension for 1.3 has other numbers, and messages of their own in place of pause and resumption. */
function event<T>(code: number, codeIn13: number | undefined, layout: Layout<T>): EventKind<T> {
  return { code: { [OPENFLOW_13]: codeIn13, [OPENFLOW_14]: code, [OPENFLOW_15]: code }, layout }
}

export const EVENTS = {
  initial: event(0, undefined, change),
  added: event(1, 0, change),
  removed: event(2, 1, change),
  modified: event(3, 2, change),
  abbrev: event(4, 3, struct({ xid: u32 })),
  paused: event(5, undefined, struct({ _: pad(4) })),
  resumed: event(6, undefined, struct({ _: pad(4) })),
} as const

type Events = typeof EVENTS

/** What happened; an event that nobody numbered keeps its bytes. */
export type FlowUpdate =
  | { [N in keyof Events]: { readonly event: N } & Infer<Events[N]['layout']> }[keyof Events]
  | { readonly event: 'opaque'; readonly code: number; readonly body: Hex }

function indexByCode(version: Version) {
  const events = Object.entries<EventKind<unknown>>(EVENTS)
  return new Map(events.map(([event, { code, layout }]) => [code[version], { event, layout }]))
}

const byVersion = new Map(VERSIONS.map((version) => [version, indexByCode(version)]))

type Changes = 'initial' | 'added' | 'removed' | 'modified'

/** What `change14` reads, with its event, as one literal: like the entries of a dump these come by the hundred thousand. */
function readChange14(event: Changes, reader: Reader, version: Version): FlowUpdate {
  const tableId = reader.u8()
  const reason = reader.u8()
  const idleTimeout = reader.u16()
  const hardTimeout = reader.u16()
  const priority = reader.u16()
  reader.skip(4)
  return {
    event,
    tableId,
    reason,
    idleTimeout,
    hardTimeout,
    priority,
    cookie: reader.hex(8),
    match: oxmMatch.read(reader, version),
    instructions: instructionList.read(reader, version),
  }
}

const update: Layout<FlowUpdate> = {
  read(reader, version) {
    const code = reader.u16()
    const found = byVersion.get(version)?.get(code)
    if (!found) return { event: 'opaque', code, body: hexRest.read(reader, version) }
    if (found.layout === change && version !== OPENFLOW_13)
      return readChange14(found.event as Changes, reader, version)
    return { event: found.event, ...(found.layout.read(reader, version) as object) } as FlowUpdate
  },
  write(writer, value, version) {
    if (value.event === 'opaque') {
      writer.u16(value.code)
      writer.hex(value.body)
      return
    }
    const { code, layout }: EventKind<unknown> = EVENTS[value.event]
    const number = code[version]
    if (number === undefined)
      throw new Error(`no monitor says ${value.event} in OpenFlow ${renderVersion(version)}`)
    writer.u16(number)
    layout.write(writer, value, version)
  },
}

export const flowMonitorReply = struct({ updates: list(measured(update)) })
