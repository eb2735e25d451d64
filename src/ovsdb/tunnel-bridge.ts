// The tunnel bridge in OVSDB: a replica and what there should be in, what differs out, and the one transaction that makes it
// so. It is br-tun, the patch ports that join it to the integration bridge, and one port to all other nodes.
import { ReconcileError } from '../errors/error.js'
import { INTEGRATION_PATCH, TUNNEL_BRIDGE, TUNNEL_PATCH, TUNNEL_INTERFACE } from '../values/tunnel-patch.js'
import { createBridgeOperations } from './bridge.js'
import type { OvsdbClient } from './client.js'
import type { Replica } from './replica.js'
import type { Row } from './schema.js'
import type { Operation } from './transaction.js'
import { encodeNamedUuid, encodeSet, encodeTextMap, type Uuid } from './values.js'

/** Interface types of Open vSwitch that a tunnel port may have. */
const TUNNEL_TYPES = ['geneve', 'vxlan', 'gre'] as const

export interface TunnelSpec {
  readonly integrationBridge: string
  readonly encapsulation: (typeof TUNNEL_TYPES)[number]
}

/** A port as it should be. */
export interface TunnelBridgePort {
  readonly bridge: string
  readonly name: string
  readonly type: string
  readonly options: Readonly<Record<string, string>>
}

export type TunnelBridgeChange =
  | { readonly kind: 'add-bridge'; readonly bridge: string }
  | { readonly kind: 'add-port'; readonly port: TunnelBridgePort }
  | {
      readonly kind: 'set-port'
      readonly port: TunnelBridgePort
      readonly was: { readonly type: string; readonly options: Readonly<Record<string, string>> }
    }

/**
 * What has to be done, in order; empty where all is as it should be.
 * @throws ReconcileError PORT_TAKEN when a port of one of the names is in another bridge or is a device
 */
export function planTunnelBridge(replica: Replica, spec: TunnelSpec): readonly TunnelBridgeChange[] {
  const isThere = bridgeNamed(replica, TUNNEL_BRIDGE) !== undefined
  return [
    ...(isThere ? [] : [{ kind: 'add-bridge', bridge: TUNNEL_BRIDGE } as const]),
    ...wantedPorts(spec).flatMap((port) => planPort(replica, port) ?? []),
  ]
}

/** The transaction that does it: all of it or nothing, so that no packet meets half of a way. */
export function tunnelBridgeOperations(
  changes: readonly TunnelBridgeChange[],
  datapathType: string,
): readonly Operation[] {
  const operations = changes.flatMap((change, i) => operationsOf(change, i, datapathType))
  if (changes.some(({ kind }) => kind === 'add-bridge')) return operations // tells ovs-vswitchd itself
  const told: Operation = {
    op: 'mutate',
    table: 'Open_vSwitch',
    where: [],
    mutations: [['next_cfg', '+=', 1]],
  }
  return [...operations, told, { op: 'comment', comment: 'ovs-reconcile: tunnel ports' }]
}

/**
 * Makes what is missing of the tunnel bridge and sets right what is wrong, with the datapath type of the integration bridge.
 * @returns what was done
 * @throws ReconcileError as `planTunnelBridge`; OVSDB_ERROR, and SWITCH_UNREACHABLE while the integration bridge is not there
 */
export async function ensureTunnelBridge(
  client: OvsdbClient,
  replica: Replica,
  spec: TunnelSpec,
): Promise<readonly TunnelBridgeChange[]> {
  const changes = planTunnelBridge(replica, spec)
  if (changes.length === 0) return changes
  const { integrationBridge } = spec
  const datapathType = bridgeNamed(replica, integrationBridge)?.datapath_type
  if (datapathType === undefined) throw noBridge(integrationBridge)
  await client.transact(tunnelBridgeOperations(changes, datapathType))
  return changes
}

function wantedPorts({ integrationBridge, encapsulation }: TunnelSpec): readonly TunnelBridgePort[] {
  const patch = (bridge: string, name: string, peer: string): TunnelBridgePort => ({
    ...{ bridge, name, type: 'patch' },
    options: { peer },
  })
  return [
    patch(integrationBridge, TUNNEL_PATCH, INTEGRATION_PATCH),
    patch(TUNNEL_BRIDGE, INTEGRATION_PATCH, TUNNEL_PATCH),
    // Flows say where a packet goes and in which network (tun_dst, tun_id): ovs-vswitchd.conf.db(5), Tunnel Options.
    {
      ...{ bridge: TUNNEL_BRIDGE, name: TUNNEL_INTERFACE, type: encapsulation },
      options: { remote_ip: 'flow', key: 'flow' },
    },
  ]
}

function planPort(replica: Replica, port: TunnelBridgePort): TunnelBridgeChange | undefined {
  const row = interfaceNamed(replica, port.name)
  const holder = holderOf(replica, port.name)
  if (holder !== undefined && holder !== port.bridge) throw inOtherBridge(port, holder)
  if (!row || holder === undefined) return { kind: 'add-port', port }
  if (familyOf(row.type) !== familyOf(port.type)) throw otherKind(port, row.type)
  const was = { type: row.type, options: Object.fromEntries(row.options) }
  // An operator may give a tunnel more options, such as csum; a patch port with any option but its peer does not work.
  const options = port.type === 'patch' ? port.options : { ...was.options, ...port.options }
  const keys = Object.keys({ ...was.options, ...options })
  const isRight = was.type === port.type && keys.every((key) => was.options[key] === options[key])
  return isRight ? undefined : { kind: 'set-port', port: { ...port, options }, was }
}

/** A tunnel may become one of another encapsulation; a device is never made a tunnel. */
function familyOf(type: string): string {
  return (TUNNEL_TYPES as readonly string[]).includes(type) ? 'tunnel' : type
}

function operationsOf(change: TunnelBridgeChange, index: number, datapathType: string): readonly Operation[] {
  switch (change.kind) {
    case 'add-bridge':
      return createBridgeOperations({ name: change.bridge, datapathType })
    case 'add-port':
      return addPortOperations(change.port, `tunnel_${index}`)
    case 'set-port':
      return setPortOperations(change.port)
  }
}

function addPortOperations(
  { bridge, name, type, options }: TunnelBridgePort,
  uuidName: string,
): readonly Operation[] {
  return [
    {
      ...{ op: 'insert', table: 'Interface', 'uuid-name': `${uuidName}_interface` },
      row: { name, type, options: encodeTextMap(Object.entries(options)) },
    },
    {
      ...{ op: 'insert', table: 'Port', 'uuid-name': `${uuidName}_port` },
      row: { name, interfaces: encodeNamedUuid(`${uuidName}_interface`) },
    },
    {
      ...{ op: 'mutate', table: 'Bridge', where: [['name', '==', bridge]] },
      mutations: [['ports', 'insert', encodeSet([encodeNamedUuid(`${uuidName}_port`)])]],
    },
  ]
}

function setPortOperations({ name, type, options }: TunnelBridgePort): readonly Operation[] {
  return [
    {
      ...{ op: 'update', table: 'Interface', where: [['name', '==', name]] },
      row: { type, options: encodeTextMap(Object.entries(options)) },
    },
  ]
}

function bridgeNamed({ Bridge: bridges }: Replica, name: string): Row<'Bridge'> | undefined {
  for (const bridge of bridges.values()) if (bridge.name === name) return bridge
  return undefined
}

function interfaceNamed({ Interface: interfaces }: Replica, name: string): Row<'Interface'> | undefined {
  for (const row of interfaces.values()) if (row.name === name) return row
  return undefined
}

/** The bridge with a port of that name, or with a port that holds an interface of that name. */
function holderOf({ Bridge: bridges, Port: ports, Interface: interfaces }: Replica, name: string) {
  const holders = new Set<Uuid>()
  for (const [uuid, port] of ports) {
    const isHolder = port.name === name || port.interfaces.some((id) => interfaces.get(id)?.name === name)
    if (isHolder) holders.add(uuid)
  }
  if (holders.size === 0) return undefined
  for (const bridge of bridges.values()) if (bridge.ports.some((id) => holders.has(id))) return bridge.name
  return undefined
}

function inOtherBridge({ bridge, name }: TunnelBridgePort, holder: string): ReconcileError {
  const message = `Port ${name} has to be in ${bridge} and is in ${holder}; it is left there.`
  return new ReconcileError('PORT_TAKEN', message, {
    remedy: `Move what it is for to a port of another name, then: ovs-vsctl del-port ${holder} ${name}.`,
  })
}

function otherKind({ bridge, name, type }: TunnelBridgePort, found: string): ReconcileError {
  const what = found === '' ? 'a device' : `of type ${found}`
  const message = `Port ${name} of ${bridge} is ${what} and not of type ${type}; it is left as it is.`
  return new ReconcileError('PORT_TAKEN', message, {
    remedy: `Give that port another name, then: ovs-vsctl del-port ${bridge} ${name}.`,
  })
}

function noBridge(name: string): ReconcileError {
  return new ReconcileError('SWITCH_UNREACHABLE', `There is no bridge ${name} yet to be joined to br-tun.`, {
    remedy: 'Check that the daemon works on it: reconcile status.',
  })
}
