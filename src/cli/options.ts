// Options that several commands have, each declared once. What they mean is the same everywhere.
import { type CommandUnknownOpts, InvalidArgumentError, Option } from '@commander-js/extra-typings'
import type { NamedNode } from './node-targets.js'
import { OPENFLOW_13, OPENFLOW_14, OPENFLOW_15, type Version, VERSIONS } from '../openflow/version.js'

export const bridgeOption = () =>
  new Option('--bridge <name>', 'the bridge to work on').default('br-int').env('RECONCILE_BRIDGE')

export const ovsdbOption = () =>
  new Option('--ovsdb <remote>', 'unix:PATH or tcp:HOST:PORT').env('RECONCILE_OVSDB')

export const openflowOption = () =>
  new Option('--openflow <remote>', 'unix:PATH or tcp:HOST:PORT').env('RECONCILE_OPENFLOW')

export const listenOption = () =>
  new Option('--listen <remote>', 'with --watch: wait for switches at unix:PATH or tcp:HOST:PORT').env(
    'RECONCILE_LISTEN',
  )

export const socketOption = (meaning: string) =>
  new Option('--socket <path>', meaning).env('RECONCILE_SOCKET')

const PROTOCOLS: Readonly<Record<'OpenFlow13' | 'OpenFlow14' | 'OpenFlow15', Version>> = {
  OpenFlow13: OPENFLOW_13,
  OpenFlow14: OPENFLOW_14,
  OpenFlow15: OPENFLOW_15,
}

/** As `ovs-ofctl -O`. Without it the best version that the bridge allows. */
export const protocolOption = () =>
  new Option(
    '-O, --protocols <version>',
    'OpenFlow version to speak (default: the newest of the bridge)',
  ).choices(['OpenFlow13', 'OpenFlow14', 'OpenFlow15'] as const)

/** Versions to offer, for the value of `protocolOption`. */
export function versionsOf(protocol: keyof typeof PROTOCOLS | undefined): readonly Version[] {
  return protocol ? [PROTOCOLS[protocol]] : VERSIONS
}

export const portMapOption = () =>
  new Option('--port-map <name=n,...>', 'port numbers of interfaces, where no switch tells them').argParser(
    portMap,
  )

export type Color = 'auto' | 'always' | 'never'

export const colorOption = () =>
  new Option('--color <when>').choices(['auto', 'always', 'never'] as const).default('auto' as const)

export const quietOption = (meaning: string) => new Option('-q, --quiet', meaning).default(false)

export const verboseOption = () => new Option('-v, --verbose', 'say more').default(false)

export const nodeOption = () =>
  new Option('--node <name[=ovsdb]>', 'the node this is; or NAME=unix:PATH for each of several')
    .argParser(addNode)
    .env('RECONCILE_NODE')

/** The node that this is, or nodes with the OVSDB of each. */
interface NodeChoice {
  readonly node: string | undefined
  readonly nodes: readonly NamedNode[]
}

const THIS_NODE: NodeChoice = { node: undefined, nodes: [] }

function addNode(text: string, before: NodeChoice = THIS_NODE): NodeChoice {
  const [, name, ovsdb] = /^([^=]+)=(.+)$/.exec(text) ?? []
  if (name !== undefined && ovsdb !== undefined && before.node === undefined)
    return { node: undefined, nodes: [...before.nodes, { name, ovsdb }] }
  if (text.includes('=') || before.nodes.length > 0 || before.node !== undefined)
    throw new InvalidArgumentError('Use NAME once, or NAME=unix:PATH for each node.')
  return { node: text, nodes: [] }
}

/** An empty RECONCILE_NODE is one that a unit file left unset; an empty --node is a variable that somebody thought was set. */
export function nodesOf(choice: NodeChoice | undefined, command: CommandUnknownOpts): NodeChoice {
  if (choice?.node !== '') return choice ?? THIS_NODE
  if (command.getOptionValueSource('node') === 'cli')
    command.error("error: option '--node' has an empty name. Leave it out, or name a node.")
  return THIS_NODE
}

export const configOption = () => new Option('--config <file>', 'configuration file').env('RECONCILE_CONFIG')

export const idleTimeoutOption = () =>
  new Option('--idle-timeout <seconds>', 'of a connection without packets; 0: none (default: 300)')
    .argParser(seconds)
    .env('RECONCILE_IDLE_TIMEOUT')

export const hardTimeoutOption = () =>
  new Option('--hard-timeout <seconds>', 'of any connection; 0: none (default: 0)')
    .argParser(seconds)
    .env('RECONCILE_HARD_TIMEOUT')

export const packetInRateOption = () =>
  new Option(
    '--packet-in-rate <n>',
    'packets a second to the controller, of each port; 0: any (default: 200)',
  )
    .argParser(packets)
    .env('RECONCILE_PACKET_IN_RATE')

export const packetInBurstOption = () =>
  new Option('--packet-in-burst <n>', 'of these at once after a silence (default: as many as the rate)')
    .argParser(burst)
    .env('RECONCILE_PACKET_IN_BURST')

/** OpenFlow keeps rates in 32 bits; no switch comes near this one. */
export const MAX_PACKETS = 1_000_000

function packets(text: string): number {
  const number = /^[0-9]+$/.test(text) ? Number(text) : Number.NaN
  if (!(number <= MAX_PACKETS)) throw new InvalidArgumentError(`Use a whole number, 0 to ${MAX_PACKETS}.`)
  return number
}

/** A meter without a burst lets nothing pass. */
function burst(text: string): number {
  const number = packets(text)
  if (number === 0) throw new InvalidArgumentError(`Use a whole number, 1 to ${MAX_PACKETS}.`)
  return number
}

export const maxConnectionsOption = () =>
  new Option(
    '--max-connections <n>',
    'with --watch: flows of connections a port may have; beyond it one a subnet (default: 1000)',
  )
    .argParser(flowCount)
    .env('RECONCILE_MAX_CONNECTIONS')

function flowCount(text: string): number {
  const number = /^[0-9]+$/.test(text) ? Number(text) : Number.NaN
  if (!(number <= 0xffff)) throw new InvalidArgumentError('Use a whole number of flows, 0 to 65535.')
  return number
}

/** OpenFlow keeps timeouts in 16 bits. */
export function seconds(text: string): number {
  const number = /^[0-9]+$/.test(text) ? Number(text) : Number.NaN
  if (!(number <= 0xffff)) throw new InvalidArgumentError('Use a whole number of seconds, 0 to 65535.')
  return number
}

const FORMATS = ['human', 'json', 'ofctl'] as const

export type Format = (typeof FORMATS)[number]

export interface Output {
  readonly format: Format
  /** Undefined: standard output. */
  readonly file: string | undefined
}

export const outputOption = () =>
  new Option('-o, --output <format[=file]>', 'human, json or ofctl; may be repeated').argParser(addOutput)

/** Text for people where nothing else was asked for. */
export function outputsOf(outputs: readonly Output[] | undefined, quiet: boolean): readonly Output[] {
  return outputs ?? (quiet ? [] : [{ format: 'human', file: undefined }])
}

function addOutput(text: string, before: readonly Output[] = []): readonly Output[] {
  const [name = '', ...rest] = text.split('=')
  const format = FORMATS.find((known) => known === name)
  if (!format) throw new InvalidArgumentError(`Use one of: ${FORMATS.join(', ')}.`)
  const file = rest.length === 0 ? undefined : rest.join('=')
  if (file === '') throw new InvalidArgumentError(`Name a file after "${name}=".`)
  return [...before, { format, file }]
}

/** `tap-vm1=11,tap-vm2=12` */
function portMap(text: string): ReadonlyMap<string, number> {
  const entries = text.split(',').map((pair): readonly [string, number] => {
    const [, name, port] = /^(.+)=([0-9]+)$/.exec(pair) ?? []
    const number = Number(port)
    if (name === undefined || number < 1 || number > 0xfeff) {
      throw new InvalidArgumentError(`"${pair}" is not NAME=NUMBER with a number of 1 to 65279.`)
    }
    return [name, number]
  })
  if (new Set(entries.map(([, port]) => port)).size < entries.length) {
    throw new InvalidArgumentError('Two interfaces cannot have the same number.')
  }
  return new Map(entries)
}
