// Where the flows of a bridge are to be had for those who read them without manifests: flags in, a socket out.
import { ReconcileError } from '../errors/error.js'
import type { Summary } from '../status/condition.js'
import { type Endpoint, parseEndpoint } from '../values/endpoint.js'
import { askDaemon } from './control-client.js'
import { askPaths, readTitle } from './control-path.js'
import { type SocketSettings, switchTarget } from './switch-target.js'

/**
 * Of a bridge of one of several nodes, `NODE/BRIDGE`, the daemon knows it, unless the flags say it.
 * @throws ReconcileError USAGE; NO_DAEMON where it would have to be asked
 */
export async function bridgeOpenflow(settings: SocketSettings): Promise<Endpoint> {
  const { node, bridge } = readTitle(settings.bridge)
  if (node === undefined || settings.ovsdb || settings.openflow)
    return switchTarget({ ...settings, bridge }).openflow
  const { openflow } = await askSummary(settings)
  if (openflow !== null) return parseEndpoint(openflow)
  throw new ReconcileError('USAGE', `The daemon does not know where the flows of ${settings.bridge} are.`, {
    remedy: 'Use --openflow to say it.',
  })
}

async function askSummary(settings: SocketSettings): Promise<Summary> {
  try {
    return (await askDaemon(askPaths(settings), { method: 'GET', url: '/v1/status?objects=none' })) as Summary
  } catch (error) {
    if (!(error instanceof ReconcileError) || error.code !== 'NO_DAEMON') throw error
    const message = `Where the switch of ${settings.bridge} is, its daemon would know. ${error.message}`
    const remedy = 'Start it, or use --ovsdb with the OVSDB of that node.'
    throw new ReconcileError('NO_DAEMON', message, { remedy, cause: error })
  }
}
