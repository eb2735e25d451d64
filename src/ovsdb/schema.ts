// The tables and columns of the Open_vSwitch database that we watch (ovs-vswitchd.conf.db(5)), each with its decoder.
// From this one table come the monitor request, the check of what the server sends, and the types of the rows.
import { malformed } from './failures.js'
import { isRecord } from './json-rpc.js'
import { type Decoder, integer, optional, setOf, text, textMap, uuid } from './values.js'

export const TABLES = {
  Open_vSwitch: {
    bridges: setOf(uuid),
    external_ids: textMap,
    other_config: textMap,
    ovs_version: optional(text),
  },
  Bridge: {
    name: text,
    ports: setOf(uuid),
    datapath_type: text,
    fail_mode: optional(text),
    external_ids: textMap,
  },
  Port: { name: text, interfaces: setOf(uuid), tag: optional(integer) },
  Interface: {
    name: text,
    type: text,
    ofport: optional(integer),
    error: optional(text),
    external_ids: textMap,
    options: textMap,
    mtu: optional(integer),
  },
} as const satisfies Record<string, Record<string, Decoder<unknown>>>

export type TableName = keyof typeof TABLES

type DecodedRow<Columns> = {
  readonly [Column in keyof Columns]: Columns[Column] extends Decoder<infer T> ? T : never
}

export type Row<Table extends TableName> = DecodedRow<(typeof TABLES)[Table]>

/** The `<monitor-requests>` of RFC 7047, section 4.1.5: the whole content of these columns, from the start. */
export function monitorRequests(): Readonly<Record<string, { readonly columns: readonly string[] }>> {
  return Object.fromEntries(
    Object.entries(TABLES).map(([table, columns]) => [table, { columns: Object.keys(columns) }]),
  )
}

/** @throws ReconcileError OVSDB_MALFORMED when a column is absent or of another type */
export function decodeRow<Table extends TableName>(table: Table, wire: unknown): Row<Table> {
  if (!isRecord(wire)) throw malformed(`a row of table ${table} that is not an object`)
  const columns: Readonly<Record<string, Decoder<unknown>>> = TABLES[table]
  const row = Object.entries(columns).map(([column, decode]) => [
    column,
    decode(wire[column], `${table}.${column}`),
  ])
  return Object.fromEntries(row) as Row<Table> // the only cast: this is the border
}
