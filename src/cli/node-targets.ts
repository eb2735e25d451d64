// Which nodes a command works on: flags in, the sockets of their bridges out.
import { dirname, join } from 'node:path'
import { ReconcileError } from '../errors/error.js'
import type { NodeTarget } from '../reconcile/node-target.js'
import type { SwitchTarget } from '../reconcile/switch-link.js'
import { parseEndpoint, renderEndpoint } from '../values/endpoint.js'
import { TUNNEL_BRIDGE } from '../values/tunnel-patch.js'
import { controlPaths, switchControlPaths } from './control-path.js'
import { type SocketSettings, switchTarget } from './switch-target.js'

/** `--node NAME=unix:PATH` */
export interface NamedNode {
  readonly name: string
  /** As it was given. */
  readonly ovsdb: string
}

interface NodeSettings extends SocketSettings {
  readonly node: string | undefined
  readonly nodes: readonly NamedNode[]
  readonly datapathType?: string | undefined
}

/**
 * The node that this is, or each that was named with its switch.
 * @throws ReconcileError USAGE
 */
export function nodeTargets(
  settings: NodeSettings,
  env: NodeJS.ProcessEnv = process.env,
): readonly NodeTarget[] {
  if (settings.bridge === TUNNEL_BRIDGE) throw notAlone()
  if (settings.nodes.length === 0) return [thisNode(settings, env)]
  const targets = settings.nodes.map((node) => namedNode(settings, node, env))
  refuseSame(settings.nodes, ({ name }) => name, 'the same name')
  refuseSame(settings.nodes, ({ ovsdb }) => renderEndpoint(parseEndpoint(ovsdb)), 'the same switch')
  return targets
}

function thisNode(settings: NodeSettings, env: NodeJS.ProcessEnv): NodeTarget {
  const integration = switchTarget(settings, env)
  const isThisHost = integration.ovsdb.kind === 'unix'
  const titleOf = (bridge: string): string => bridge
  return { node: settings.node, integration, tunnel: besides(integration), isThisHost, titleOf }
}

/** Whose switch is elsewhere for all we know. */
function namedNode(
  { bridge, datapathType }: NodeSettings,
  { name, ovsdb }: NamedNode,
  env: NodeJS.ProcessEnv,
): NodeTarget {
  if (parseEndpoint(ovsdb).kind !== 'unix') throw overTcp(name, ovsdb)
  const integration = switchTarget({ bridge, ovsdb, datapathType }, env)
  const titleOf = (own: string): string => `${name}/${own}`
  return { node: name, integration, tunnel: besides(integration), isThisHost: false, titleOf }
}

/** The tunnel bridge has its socket where that of the other bridge is, or where OVSDB's is. */
function besides(integration: SwitchTarget): SwitchTarget | undefined {
  const { ovsdb, openflow, bridge } = integration
  const known = [ovsdb, openflow].find(({ kind }) => kind === 'unix')
  if (known?.kind !== 'unix') return undefined
  const path = join(dirname(known.path), `${TUNNEL_BRIDGE}.mgmt`)
  return {
    ...integration,
    ...{ bridge: TUNNEL_BRIDGE, integrationBridge: bridge, openflow: { kind: 'unix', path } },
  }
}

/** OVSDB could be had so, but the flows of a bridge go through its management socket, whose place OVSDB does not tell. */
function overTcp(name: string, ovsdb: string): ReconcileError {
  const message = `--node ${name}=${ovsdb}: the bridges are reached by the unix sockets beside that of OVSDB, which TCP does not lead to.`
  return new ReconcileError('USAGE', message, {
    remedy: `Use --node ${name}=unix:PATH on the host of the switch; from afar serve one node alone, with --node ${name}, --ovsdb ${ovsdb} and --openflow.`,
  })
}

function notAlone(): ReconcileError {
  const message = `${TUNNEL_BRIDGE} is made and kept beside the bridge with the guests, and not without it.`
  return new ReconcileError('USAGE', message, { remedy: 'Use --bridge with the name of that one.' })
}

function refuseSame(nodes: readonly NamedNode[], keyOf: (node: NamedNode) => string, what: string): void {
  const keys = nodes.map(keyOf)
  const second = nodes.find((node, i) => keys.indexOf(keyOf(node)) < i)
  if (!second) return
  const text = `--node ${second.name}=${second.ovsdb}`
  throw new ReconcileError('USAGE', `Two nodes have ${what}: ${text} and one before it.`, {
    remedy: 'Name each node once, with the OVSDB of its own switch.',
  })
}

/**
 * Where the daemon may be asked for a bridge, by the title that its node gives it; of named nodes, where the usual folders
 * are not there, beside the OVSDB of the node.
 */
export function controlPathsOf(
  settings: NodeSettings & { readonly socket?: string | undefined },
  title: string,
  env: NodeJS.ProcessEnv = process.env,
): readonly string[] {
  if (title === settings.bridge) return controlPaths(settings, env)
  const node = settings.nodes.find(({ name }) => title.startsWith(`${name}/`))
  const usual = switchControlPaths(settings, title, env)
  if (!node || settings.socket) return usual
  const own = controlPaths({ bridge: title.slice(node.name.length + 1), ovsdb: node.ovsdb }, {})
  return [...usual, ...own]
}
