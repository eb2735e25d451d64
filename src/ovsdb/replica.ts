// Our copy of the watched tables: a copy and a `<table-updates>` (RFC 7047, section 4.1.6) in, the next copy out.
//
// Every update of the plain `monitor` method carries whole rows, so applying one is replacing rows; the newer
// monitor_cond methods send sets and maps as differences to toggle, and pay only on databases far larger than a
// switch's. After a reconnect the first reply is the whole content again and replaces everything: on a standalone
// database the server knows no other way (monitor_cond_since answers found=false there).
import { malformed } from './failures.js'
import { isRecord } from './json-rpc.js'
import { decodeRow, type Row, type TableName } from './schema.js'
import { type Uuid, uuidText } from './values.js'

type Rows<Table extends TableName> = ReadonlyMap<Uuid, Row<Table>>

export type Replica = { readonly [Table in TableName]: Rows<Table> }

export const EMPTY_REPLICA: Replica = {
  Open_vSwitch: new Map(),
  Bridge: new Map(),
  Port: new Map(),
  Interface: new Map(),
}

/**
 * The replica after an update; tables without a change are the same objects as before.
 * @throws ReconcileError OVSDB_MALFORMED, with nothing applied; the replica can then no longer be kept true
 */
export function applyUpdate(replica: Replica, tableUpdates: unknown): Replica {
  if (!isRecord(tableUpdates)) throw malformed('table updates that are not an object')
  return {
    Open_vSwitch: applyTable('Open_vSwitch', replica.Open_vSwitch, tableUpdates),
    Bridge: applyTable('Bridge', replica.Bridge, tableUpdates),
    Port: applyTable('Port', replica.Port, tableUpdates),
    Interface: applyTable('Interface', replica.Interface, tableUpdates),
  }
}

function applyTable<Table extends TableName>(
  table: Table,
  rows: Rows<Table>,
  tableUpdates: Readonly<Record<string, unknown>>,
): Rows<Table> {
  const updates = tableUpdates[table]
  if (updates === undefined) return rows
  if (!isRecord(updates)) throw malformed(`updates of table ${table} that are not an object`)
  const next = new Map(rows)
  for (const [id, update] of Object.entries(updates)) {
    const uuid = uuidText(id, `the id of a row of ${table}`)
    if (!isRecord(update)) throw malformed(`an update of ${table} row ${uuid} that is not an object`)
    // A row-update has "new" for the initial content, an insert and a modification; a deletion has "old" alone.
    if (update.new === undefined) next.delete(uuid)
    else next.set(uuid, decodeRow(table, update.new))
  }
  return next
}
