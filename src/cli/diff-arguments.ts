// The words of `reconcile diff`.
import { Argument, type CommandUnknownOpts, InvalidArgumentError, Option } from '@commander-js/extra-typings'
import type { Version } from '../openflow/version.js'
import {
  bridgeOption,
  type Color,
  colorOption,
  openflowOption,
  ovsdbOption,
  portMapOption,
  protocolOption,
  quietOption,
  versionsOf,
} from './options.js'
import type { SocketSettings } from './switch-target.js'

/** Where flows come from. The file `-` is standard input. */
export type FlowSource =
  { readonly kind: 'switch' } | { readonly kind: 'empty' } | { readonly kind: 'file'; readonly file: string }

export interface DiffSettings extends SocketSettings {
  readonly a: FlowSource
  readonly b: FlowSource
  /** To offer to the switch, best first. */
  readonly versions: readonly Version[]
  readonly output: 'ofctl' | 'json'
  readonly names: boolean
  readonly portMap: ReadonlyMap<string, number>
  readonly color: Color
  readonly quiet: boolean
}

const HELP = `
A and B are each one of:
  switch       the flows of the bridge
  file:FILE    flows as ovs-ofctl dump-flows prints them and add-flows reads them; file:- is standard input
  empty        no flows

Exit codes:
   0 the same          2 different                        64 wrong usage
   1 runtime error     3 a line of a file is no flow

Examples:
  reconcile dump > before.flows; …; reconcile diff file:before.flows switch      what has changed since
  git show HEAD:br-int.flows | reconcile diff file:- file:br-int.flows`

export function declareDiff(root: CommandUnknownOpts, ask: (settings: DiffSettings) => void): void {
  root
    .command('diff')
    .description(
      'Compares flows, as ovs-ofctl diff-flows does: - only in A, + only in B, both where they differ.',
    )
    .addArgument(new Argument('<A>', 'switch, file:FILE or empty').argParser(flowSource))
    .addArgument(new Argument('<B>', 'switch, file:FILE or empty').argParser(flowSource))
    .addOption(
      new Option('-o, --output <format>', 'lines of text, or records')
        .choices(['ofctl', 'json'] as const)
        .default('ofctl' as const),
    )
    .option('--names', 'names of ports instead of numbers, where a side is the switch', false)
    .addOption(portMapOption())
    .addOption(protocolOption())
    .addOption(bridgeOption())
    .addOption(ovsdbOption())
    .addOption(openflowOption())
    .addOption(colorOption())
    .addOption(quietOption('only the exit code'))
    .addHelpText('after', HELP)
    .action((a, b, { protocols, portMap, ...rest }, command) => {
      if (isStandardInput(a) && isStandardInput(b)) command.error("error: only one side can be 'file:-'")
      ask({ ...rest, a, b, versions: versionsOf(protocols), portMap: portMap ?? new Map<string, number>() })
    })
}

function flowSource(text: string): FlowSource {
  if (text === 'switch' || text === 'empty') return { kind: text }
  const file = /^file:(.+)$/s.exec(text)?.[1]
  if (file === undefined) throw new InvalidArgumentError('Use switch, file:FILE or empty.')
  return { kind: 'file', file }
}

function isStandardInput(source: FlowSource): boolean {
  return source.kind === 'file' && source.file === STANDARD_INPUT
}

export const STANDARD_INPUT = '-'
