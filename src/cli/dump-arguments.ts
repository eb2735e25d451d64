// The words of `reconcile dump`.
import { type CommandUnknownOpts, Option } from '@commander-js/extra-typings'
import type { Version } from '../openflow/version.js'
import { bridgeOption, openflowOption, ovsdbOption, protocolOption, versionsOf } from './options.js'
import type { SocketSettings } from './switch-target.js'

export interface DumpSettings extends SocketSettings {
  /** Which flows; undefined: all. */
  readonly filter: string | undefined
  /** To offer to the switch, best first. */
  readonly versions: readonly Version[]
  readonly output: 'ofctl' | 'json'
  readonly names: boolean
  readonly stats: boolean
  readonly sort: boolean
}

const HELP = `
MATCH chooses as for ovs-ofctl dump-flows: fields of a match, table, cookie with a mask, out_port, out_group.

Exit codes:
   0 done          1 runtime error         64 wrong usage

Examples:
  reconcile dump                                  as ovs-ofctl dump-flows --no-stats --no-names
  reconcile dump --names --stats table=52,ip      flows of one table and protocol, with their counters
  reconcile dump -o json 'cookie=0xdf01000000000000/0xffff000000000000'      our own, for programs`

export function declareDump(root: CommandUnknownOpts, ask: (settings: DumpSettings) => void): void {
  root
    .command('dump')
    .description('Prints the flows of a bridge, as ovs-ofctl does.')
    .argument('[match]', 'the flows to print (default: all)')
    .addOption(
      new Option('-o, --output <format>', 'lines of text, or records')
        .choices(['ofctl', 'json'] as const)
        .default('ofctl' as const),
    )
    .option('--names', 'names of ports instead of numbers', false)
    .option('--stats', 'counters and ages, too', false)
    .option('--sort', 'by priority, the lowest first', false)
    .addOption(protocolOption())
    .addOption(bridgeOption())
    .addOption(ovsdbOption())
    .addOption(openflowOption())
    .addHelpText('after', HELP)
    .action((filter, { protocols, ...rest }) => ask({ ...rest, filter, versions: versionsOf(protocols) }))
}
