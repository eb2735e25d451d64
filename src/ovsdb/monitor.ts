// Keeps a replica of the switch's tables true: a connection in, the first replica out, and every later one by callback.
import type { OvsdbClient } from './client.js'
import { applyUpdate, EMPTY_REPLICA, type Replica } from './replica.js'
import { monitorRequests } from './schema.js'
import { DATABASE } from './transaction.js'

const MONITOR_ID = 'switch'

/**
 * Starts the monitor (RFC 7047, section 4.1.5); one a connection. A malformed update ends the connection: the replica
 * could no longer be kept true.
 * @param onChange called with the replica after every update, never before the promise is resolved
 * @throws ReconcileError OVSDB_UNREACHABLE, OVSDB_ERROR, OVSDB_MALFORMED
 */
export async function monitorSwitch(
  client: OvsdbClient,
  onChange: (replica: Replica) => void,
): Promise<Replica> {
  let replica: Replica | undefined
  // The reply and the first updates may come in one read; a promise settles only after all of it has been handled.
  const early: unknown[] = []
  const stop = client.onNotification(({ method, params: [id, tableUpdates] }) => {
    if (method !== 'update' || id !== MONITOR_ID) return
    if (replica === undefined) return void early.push(tableUpdates)
    replica = applyUpdate(replica, tableUpdates)
    onChange(replica)
  })
  try {
    const initial = await client.request('monitor', [DATABASE, MONITOR_ID, monitorRequests()])
    replica = [initial, ...early].reduce<Replica>(applyUpdate, EMPTY_REPLICA)
    return replica
  } catch (error) {
    stop()
    throw error
  }
}
