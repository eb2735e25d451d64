// The words of `reconcile suspend`, `resume` and `reconcile-now`.
import type { CommandUnknownOpts } from '@commander-js/extra-typings'
import type { ControlPathSettings } from './control-path.js'
import { bridgeOption, ovsdbOption, socketOption } from './options.js'

export interface ControlSettings extends ControlPathSettings {
  readonly verb: 'suspend' | 'resume' | 'reconcile'
  /** Of a suspension. */
  readonly reason: string | undefined
}

const SOCKET = "of the daemon (default: beside OVSDB's)"

export function declareControl(root: CommandUnknownOpts, ask: (settings: ControlSettings) => void): void {
  root
    .command('suspend')
    .description(
      'Has nothing written to the bridge until `reconcile resume`, also by other runs and daemons.',
    )
    .option('--reason <text>', 'for those who find it so')
    .addOption(socketOption(SOCKET))
    .addOption(bridgeOption())
    .addOption(ovsdbOption())
    .action(({ reason, ...rest }) => ask({ ...rest, reason, verb: 'suspend' }))
  root
    .command('resume')
    .description('Ends a suspension: the switch is made to agree with the manifests.')
    .addOption(socketOption(SOCKET))
    .addOption(bridgeOption())
    .addOption(ovsdbOption())
    .action((rest) => ask({ ...rest, reason: undefined, verb: 'resume' }))
  root
    .command('reconcile-now')
    .description('Has the daemon read all files and look at all flows, and waits for it.')
    .addOption(socketOption(SOCKET))
    .addOption(bridgeOption())
    .addOption(ovsdbOption())
    .action((rest) => ask({ ...rest, reason: undefined, verb: 'reconcile' }))
}
