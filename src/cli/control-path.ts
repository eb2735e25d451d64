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
 * The path that was asked for alone; else `reconcile-BRIDGE.sock` beside the socket of OVSDB, and in XDG_RUNTIME_DIR. Of a
 * daemon with several nodes a bridge is `NODE/BRIDGE`, and its file `reconcile-NODE:BRIDGE.sock`.
 * @throws ReconcileError USAGE
 */
export function controlPaths(
  { bridge, socket, ovsdb }: ControlPathSettings,
  env: NodeJS.ProcessEnv = process.env,
): readonly string[] {
  checkBridgeName(/^[a-z0-9]/.test(bridge) ? bridge.replace('/', ':') : bridge)
  if (socket) return [socket]
  const endpoint = ovsdbEndpoint(ovsdb, env)
  const folders = [endpoint.kind === 'unix' ? dirname(endpoint.path) : '', env.XDG_RUNTIME_DIR ?? '']
  return folders.filter(Boolean).map((folder) => join(folder, `reconcile-${fileNameOf(bridge)}.sock`))
}

/**
 * Of one of several bridges of a daemon: br-tun, `NODE/BRIDGE`, or the datapath id of a switch that connects to `--listen`.
 * The path that was asked for has that behind it.
 */
export function switchControlPaths(
  { socket, ovsdb }: ControlPathSettings,
  title: string,
  env: NodeJS.ProcessEnv = process.env,
): readonly string[] {
  return socket ? [`${socket}.${fileNameOf(title)}`] : controlPaths({ bridge: title, ovsdb }, env)
}

/** No name of a node has a colon. */
function fileNameOf(title: string): string {
  return title.replace('/', ':')
}
