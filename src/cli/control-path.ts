// Where the daemon of a bridge is asked: flags in, paths of unix sockets out, best first. The daemon takes the first whose
// folder it may write to, and whoever asks tries one after the other.
import { dirname, join } from 'node:path'
import { checkBridgeName, ovsdbEndpoint } from './switch-target.js'

export interface ControlPathSettings {
  readonly bridge: string
  readonly socket?: string | undefined
  readonly ovsdb?: string | undefined
}

/**
 * The path that was asked for alone; else `reconcile-BRIDGE.sock` beside the socket of OVSDB, and in XDG_RUNTIME_DIR.
 * @throws ReconcileError USAGE
 */
export function controlPaths(
  { bridge, socket, ovsdb }: ControlPathSettings,
  env: NodeJS.ProcessEnv = process.env,
): readonly string[] {
  checkBridgeName(bridge)
  if (socket) return [socket]
  const endpoint = ovsdbEndpoint(ovsdb, env)
  const folders = [endpoint.kind === 'unix' ? dirname(endpoint.path) : '', env.XDG_RUNTIME_DIR ?? '']
  return folders.filter(Boolean).map((folder) => join(folder, `reconcile-${bridge}.sock`))
}

/**
 * Of a switch that connects to `--listen`: as of a bridge that has its datapath id as name. The path that was asked for has
 * the id behind it, as there may be several.
 */
export function switchControlPaths(
  { socket, ovsdb }: ControlPathSettings,
  datapathId: string,
  env: NodeJS.ProcessEnv = process.env,
): readonly string[] {
  return socket ? [`${socket}.${datapathId}`] : controlPaths({ bridge: datapathId, ovsdb }, env)
}
