// What the rest of the program wants to know of a switch: a replica of its tables in, plain records out.
import { FLOW_RESTORE_WAIT } from './flow-restore-wait.js'
import type { Replica } from './replica.js'
import type { Row } from './schema.js'
import type { Uuid } from './values.js'

export interface InterfaceView {
  readonly name: string
  /** `internal`, `patch`, `geneve`...; '' is a device of the system */
  readonly type: string
  /** OpenFlow port number; undefined while the switch has given none, or could not open the device */
  readonly ofport: number | undefined
  /** why the switch could not open the device */
  readonly error: string | undefined
  /** Of the device, in bytes; undefined for those that have none, such as tunnels and patch ports. */
  readonly mtu: number | undefined
  readonly externalIds: ReadonlyMap<string, string>
}

export interface BridgeView {
  readonly uuid: Uuid
  readonly name: string
  /** `system`, `netdev`, or '' for the switch's default */
  readonly datapathType: string
  /** `secure`, `standalone`, or undefined, which means standalone */
  readonly failMode: string | undefined
  readonly externalIds: ReadonlyMap<string, string>
  /** by name */
  readonly interfaces: readonly InterfaceView[]
}

/** What is noted of a bridge, without its interfaces, of which there may be a hundred thousand. */
export type BridgeNotes = Pick<BridgeView, 'uuid' | 'name' | 'externalIds'>

export interface SwitchView {
  /** Tells this switch from all others: Open_vSwitch external_ids:system-id, else the UUID of that row; '' before there is one. */
  readonly id: string
  /** Open_vSwitch.external_ids:hostname */
  readonly hostname: string | undefined
  /** Open_vSwitch.external_ids:reconcile-tunnel-ip */
  readonly tunnelIp: string | undefined
  readonly ovsVersion: string | undefined
  /** Does ovs-vswitchd pass no packet before somebody says that all flows are there? Open_vSwitch.other_config */
  readonly flowRestoreWait: boolean
  /** by name */
  readonly bridges: readonly { readonly name: string; readonly datapathType: string }[]
}

/** Undefined when the switch has no bridge of that name. */
export function bridgeNotes(replica: Replica, bridgeName: string): BridgeNotes | undefined {
  for (const [uuid, { name, external_ids: externalIds }] of replica.Bridge) {
    if (name === bridgeName) return { uuid, name, externalIds }
  }
  return undefined
}

/** The bridge of that name with all interfaces of its ports, or undefined when the switch has none. */
export function bridgeView(replica: Replica, bridgeName: string): BridgeView | undefined {
  for (const [uuid, bridge] of replica.Bridge) {
    if (bridge.name === bridgeName) return viewOfBridge(replica, uuid, bridge)
  }
  return undefined
}

export function switchView(replica: Replica): SwitchView {
  const [[uuid, root] = ['', undefined]] = replica.Open_vSwitch // the schema allows one row
  const bridges = [...replica.Bridge.values()].map(({ name, datapath_type }) => ({
    name,
    datapathType: datapath_type,
  }))
  return {
    id: root?.external_ids.get('system-id') ?? uuid,
    hostname: root?.external_ids.get('hostname'),
    tunnelIp: root?.external_ids.get('reconcile-tunnel-ip'),
    ovsVersion: root?.ovs_version,
    flowRestoreWait: root?.other_config.get(FLOW_RESTORE_WAIT)?.toLowerCase() === 'true', // as smap_get_bool() reads it
    bridges: bridges.sort(byName),
  }
}

function viewOfBridge(replica: Replica, uuid: Uuid, bridge: Row<'Bridge'>): BridgeView {
  const interfaces = rowsOf(replica.Port, bridge.ports).flatMap((port) =>
    rowsOf(replica.Interface, port.interfaces),
  )
  return {
    uuid,
    name: bridge.name,
    datapathType: bridge.datapath_type,
    failMode: bridge.fail_mode,
    externalIds: bridge.external_ids,
    interfaces: interfaces.map(viewOfInterface).sort(byName),
  }
}

function viewOfInterface(row: Row<'Interface'>): InterfaceView {
  return {
    name: row.name,
    type: row.type,
    ofport: row.ofport === -1 ? undefined : row.ofport, // -1: the device could not be opened
    error: row.error,
    mtu: row.mtu,
    externalIds: row.external_ids,
  }
}

function rowsOf<T>(table: ReadonlyMap<Uuid, T>, ids: readonly Uuid[]): T[] {
  return ids.flatMap((id) => table.get(id) ?? [])
}

/** By code units: the same order on every machine, whatever its locale. */
function byName(a: { readonly name: string }, b: { readonly name: string }): number {
  return a.name < b.name ? -1 : Number(a.name > b.name)
}
