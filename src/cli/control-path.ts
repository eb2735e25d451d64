// Where the daemon of a bridge is asked: flags in, paths of unix sockets out, best first. The daemon takes the first whose
// folder it may write to, and whoever asks tries one after the other.
import { dirname, join } from 'node:path'
import { checkBridgeName, ovsdbEndpoint } from './switch-target.js'

export interface ControlPathSettings {
  readonly bridge: string
  readonly socket?: string | undefined
  readonly ovsdb?: string | undefined
}

/** Where a daemon of several switches has its sockets when none of the usual folders is there. */
const RUN_DIR = '/run'

/**
 * The path that was asked for alone; else `reconcile-BRIDGE.sock` beside the socket of OVSDB, and in XDG_RUNTIME_DIR. Of a
 * daemon with several nodes a bridge is `NODE/BRIDGE`, and its file `reconcile-NODE:BRIDGE.sock`, also in /run: there such
 * names are nobody else's.
 * @throws ReconcileError USAGE
 */
export function controlPaths(
  { bridge, socket, ovsdb }: ControlPathSettings,
  env: NodeJS.ProcessEnv = process.env,
): readonly string[] {
  const title = readTitle(bridge)
  if (socket) return [socket]
  const endpoint = ovsdbEndpoint(ovsdb, env)
  const beside = endpoint.kind === 'unix' ? dirname(endpoint.path) : ''
  const folders = [beside, env.XDG_RUNTIME_DIR ?? '', title.node === undefined ? '' : RUN_DIR]
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

/**
 * Where somebody asks for a bridge by its title. Of a daemon with several switches, what `--socket` names may be what the daemon
 * was given, too; and where the OVSDB of a node is given, the daemon may be beside that one.
 * @throws ReconcileError USAGE
 */
export function askPaths(
  settings: ControlPathSettings,
  env: NodeJS.ProcessEnv = process.env,
): readonly string[] {
  const { bridge: title, socket, ovsdb } = settings
  const usual = controlPaths(settings, env)
  if (socket) return [...switchControlPaths(settings, title, env), socket]
  const { node, bridge } = readTitle(title)
  return node === undefined || !ovsdb ? usual : [...usual, ...controlPaths({ bridge, ovsdb }, {})]
}

/**
 * A bridge as `status` calls it, `BRIDGE` or `NODE/BRIDGE`.
 * @throws ReconcileError USAGE
 */
export function readTitle(title: string): { readonly node: string | undefined; readonly bridge: string } {
  const [, node, bridge = title] = /^([a-z0-9][^/]*)\/(.+)$/.exec(title) ?? []
  checkBridgeName(bridge)
  return { node, bridge }
}

/** No name of a node has a colon. */
function fileNameOf(title: string): string {
  return title.replace('/', ':')
}
