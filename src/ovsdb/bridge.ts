// What we write about bridges: pure builders of transactions, and the calls that send them.
import { ReconcileError } from '../errors/error.js'
import type { OvsdbClient } from './client.js'
import { refused } from './failures.js'
import type { Operation, OperationResult } from './transaction.js'
import { encodeNamedUuid, encodeSet, encodeTextMap, encodeUuid, type Uuid } from './values.js'
import type { SwitchView } from './view.js'

export interface BridgeSpec {
  readonly name: string
  /** `system`, `netdev`, or '' for the switch's default */
  readonly datapathType?: string
}

/**
 * Makes a bridge that drops what no flow matches (fail_mode=secure), with its internal port, in one transaction. A
 * bridge of that name that exists already, or appears meanwhile, is left as it is.
 * @throws ReconcileError OVSDB_ERROR when the name is taken by a port, or the database was never initialised
 */
export async function createBridge(client: OvsdbClient, spec: BridgeSpec): Promise<'created' | 'exists'> {
  const operations = createBridgeOperations(spec)
  let results
  try {
    results = await client.transact(operations)
  } catch (error) {
    // Bridge.name is an index of the schema: a second bridge of the name makes the commit fail.
    if (wasRefused(error) && (await bridgeExists(client, spec.name))) return 'exists'
    throw error
  }
  if (!changedOne(operations, results)) throw notInitialised(spec.name)
  return 'created'
}

export function createBridgeOperations({ name, datapathType = '' }: BridgeSpec): readonly Operation[] {
  return [
    { op: 'insert', table: 'Interface', 'uuid-name': 'new_interface', row: { name, type: 'internal' } },
    {
      op: 'insert',
      table: 'Port',
      'uuid-name': 'new_port',
      row: { name, interfaces: encodeNamedUuid('new_interface') },
    },
    {
      op: 'insert',
      table: 'Bridge',
      'uuid-name': 'new_bridge',
      row: { name, fail_mode: 'secure', datapath_type: datapathType, ports: encodeNamedUuid('new_port') },
    },
    {
      op: 'mutate',
      table: 'Open_vSwitch',
      where: [],
      mutations: [
        ['bridges', 'insert', encodeSet([encodeNamedUuid('new_bridge')])],
        ['next_cfg', '+=', 1], // tells ovs-vswitchd that there is something to do
      ],
    },
    { op: 'comment', comment: `ovs-reconcile: create bridge ${name}` },
  ]
}

/** The datapath type for a new bridge: as requested, else as another bridge of the switch, else its default (''). */
export function datapathTypeFor(view: SwitchView, requested?: string): string {
  return requested ?? view.bridges.find(({ datapathType }) => datapathType !== '')?.datapathType ?? ''
}

/**
 * Sets the given keys of Bridge.external_ids and leaves all others alone.
 * @throws ReconcileError OVSDB_ERROR also when the bridge is gone
 */
export async function writeBridgeExternalIds(
  client: OvsdbClient,
  bridge: Uuid,
  entries: Readonly<Record<string, string>>,
): Promise<void> {
  const operations = writeBridgeExternalIdsOperations(bridge, entries)
  if (!changedOne(operations, await client.transact(operations))) throw bridgeGone(bridge)
}

export function writeBridgeExternalIdsOperations(
  bridge: Uuid,
  entries: Readonly<Record<string, string>>,
): readonly Operation[] {
  return [
    {
      op: 'mutate',
      table: 'Bridge',
      where: [['_uuid', '==', encodeUuid(bridge)]],
      mutations: [
        // "insert" keeps the value of a key that is there already (RFC 7047, section 5.1), so those go first.
        ['external_ids', 'delete', encodeSet(Object.keys(entries))],
        ['external_ids', 'insert', encodeTextMap(Object.entries(entries))],
      ],
    },
  ]
}

/**
 * Removes the given keys of Bridge.external_ids; one that is not there is no error.
 * @throws ReconcileError OVSDB_ERROR also when the bridge is gone
 */
export async function removeBridgeExternalIds(
  client: OvsdbClient,
  bridge: Uuid,
  keys: readonly string[],
): Promise<void> {
  const operations: readonly Operation[] = [
    {
      op: 'mutate',
      table: 'Bridge',
      where: [['_uuid', '==', encodeUuid(bridge)]],
      mutations: [['external_ids', 'delete', encodeSet(keys)]],
    },
  ]
  if (!changedOne(operations, await client.transact(operations))) throw bridgeGone(bridge)
}

function wasRefused(error: unknown): boolean {
  return error instanceof ReconcileError && error.code === 'OVSDB_ERROR'
}

async function bridgeExists(client: OvsdbClient, name: string): Promise<boolean> {
  const [result] = await client.transact([
    { op: 'select', table: 'Bridge', where: [['name', '==', name]], columns: ['name'] },
  ])
  return Array.isArray(result?.rows) && result.rows.length > 0
}

/** Did the transaction's one mutation find its row? A mutation of no row is no error to the server. */
function changedOne(operations: readonly Operation[], results: readonly OperationResult[]): boolean {
  return results[operations.findIndex(({ op }) => op === 'mutate')]?.count === 1
}

function notInitialised(name: string): Error {
  return refused(
    `to create bridge "${name}"`,
    'table Open_vSwitch is empty',
    'Run `ovs-vsctl --no-wait init` first.',
  )
}

function bridgeGone(bridge: Uuid): Error {
  return refused(
    'to write external_ids',
    `there is no bridge ${bridge}`,
    'Use `ovs-vsctl list bridge` to see what is there.',
  )
}
