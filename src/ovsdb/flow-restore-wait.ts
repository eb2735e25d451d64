// Open_vSwitch.other_config:flow-restore-wait (ovs-vswitchd.conf.db(5)): while it is true, an ovs-vswitchd that has just
// started takes flows and passes no packet. An operator sets it; we take it away when all flows are there.
import type { OvsdbClient } from './client.js'
import type { Operation } from './transaction.js'
import { encodeSet } from './values.js'

export const FLOW_RESTORE_WAIT = 'flow-restore-wait'

/**
 * Removes the key and leaves all others alone. That it is gone already is fine.
 * @throws ReconcileError OVSDB_UNREACHABLE, OVSDB_ERROR
 */
export async function endFlowRestoreWait(client: OvsdbClient): Promise<void> {
  await client.transact(endFlowRestoreWaitOperations())
}

export function endFlowRestoreWaitOperations(): readonly Operation[] {
  return [
    {
      op: 'mutate',
      table: 'Open_vSwitch',
      where: [],
      mutations: [['other_config', 'delete', encodeSet([FLOW_RESTORE_WAIT])]],
    },
    { op: 'comment', comment: `ovs-reconcile: all flows are there, end ${FLOW_RESTORE_WAIT}` },
  ]
}
