// The words of `reconcile counters`.
import { type CommandUnknownOpts, Option } from '@commander-js/extra-typings'
import type { ControlPathSettings } from './control-path.js'
import { bridgeOption, ovsdbOption, socketOption } from './options.js'

export interface CountersSettings extends ControlPathSettings {
  readonly output: 'human' | 'json'
}

const HELP = `
Exit codes:
   0 done          1 no daemon answers         64 wrong usage`

export function declareCounters(root: CommandUnknownOpts, ask: (settings: CountersSettings) => void): void {
  root
    .command('counters')
    .description(
      'Says what became of the packets that came to the running daemon, and what the switch dropped.',
    )
    .addOption(
      new Option('-o, --output <format>', 'for people, or a record')
        .choices(['human', 'json'] as const)
        .default('human' as const),
    )
    .addOption(socketOption("of the daemon (default: beside OVSDB's)"))
    .addOption(bridgeOption())
    .addOption(ovsdbOption())
    .addHelpText('after', HELP)
    .action((settings) => ask(settings))
}
