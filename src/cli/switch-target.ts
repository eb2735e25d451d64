// Where the switch is: flags in, sockets out.
import { basename, dirname, join } from 'node:path'
import { ReconcileError } from '../errors/error.js'
import type { SwitchTarget } from '../reconcile/switch-link.js'
import { type Endpoint, parseEndpoint } from '../values/endpoint.js'

/** Open vSwitch's own run directory, unless OVS_RUNDIR names another. */
const RUN_DIR = '/var/run/openvswitch'

/** The options of every command that talks to a switch. */
export interface SocketSettings {
  readonly bridge: string
  readonly ovsdb?: string | undefined
  readonly openflow?: string | undefined
}

interface TargetSettings extends SocketSettings {
  readonly datapathType?: string | undefined
}

/** @throws ReconcileError USAGE */
export function switchTarget(settings: TargetSettings, env: NodeJS.ProcessEnv = process.env): SwitchTarget {
  const { bridge, datapathType } = settings
  checkBridgeName(bridge)
  const ovsdb = ovsdbEndpoint(settings.ovsdb, env)
  const openflow = settings.openflow ? parseEndpoint(settings.openflow) : managementSocket(ovsdb, bridge)
  return { ovsdb, openflow, bridge, datapathType }
}

/** @throws ReconcileError USAGE */
export function checkBridgeName(bridge: string): void {
  if (basename(bridge) === bridge && bridge !== '') return
  throw new ReconcileError('USAGE', `"${bridge}" is not the name of a bridge.`, {
    remedy: 'Use --bridge br-int.',
  })
}

/** @throws ReconcileError USAGE */
export function ovsdbEndpoint(text: string | undefined, env: NodeJS.ProcessEnv): Endpoint {
  return text ? parseEndpoint(text) : { kind: 'unix', path: join(env.OVS_RUNDIR ?? RUN_DIR, 'db.sock') }
}

/** `BRIDGE.mgmt` lies beside the socket of ovsdb-server. */
function managementSocket(ovsdb: Endpoint, bridge: string): Endpoint {
  if (ovsdb.kind === 'unix') return { kind: 'unix', path: join(dirname(ovsdb.path), `${bridge}.mgmt`) }
  throw new ReconcileError(
    'USAGE',
    'With --ovsdb over TCP there is no way to know where the bridge listens.',
    {
      remedy: 'Say where with --openflow.',
    },
  )
}
