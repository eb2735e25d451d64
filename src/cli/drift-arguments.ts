// The words of `reconcile drift`: a dry run against the switch whose exit code says whether there is a difference.
import type { CommandUnknownOpts } from '@commander-js/extra-typings'
import type { Settings } from './arguments.js'
import {
  bridgeOption,
  colorOption,
  configOption,
  hardTimeoutOption,
  idleTimeoutOption,
  nodeOption,
  nodesOf,
  openflowOption,
  outputOption,
  outputsOf,
  ovsdbOption,
  packetInBurstOption,
  packetInRateOption,
  quietOption,
} from './options.js'

const HELP = `
Shows what has to be done to make the switch as the manifests say, and does nothing. Where the manifests are those that
were applied last, that is what others have changed on the switch since.

Exit codes:
   0 no drift          3 invalid manifests                64 wrong usage
   1 runtime error     5 so much would be deleted that applying would wait for --max-deletes
   2 drift`

export function declareDrift(root: CommandUnknownOpts, ask: (settings: Settings) => void): void {
  root
    .command('drift')
    .description('Says whether the switch is as the manifests say, and what is not.')
    .argument('[path...]', 'manifests: files, folders, or -')
    .addOption(outputOption())
    .addOption(nodeOption())
    .addOption(bridgeOption())
    .addOption(ovsdbOption())
    .addOption(openflowOption())
    .addOption(configOption())
    .addOption(idleTimeoutOption())
    .addOption(hardTimeoutOption())
    .addOption(packetInRateOption())
    .addOption(packetInBurstOption())
    .addOption(colorOption())
    .addOption(quietOption('only the exit code'))
    .addHelpText('after', HELP)
    .action((paths, { output, quiet, node, ...rest }, command) =>
      ask({
        ...rest,
        ...DRY_RUN,
        paths,
        ...nodesOf(node, command),
        isBridgeGiven: command.getOptionValueSource('bridge') !== 'default',
        outputs: outputsOf(output, quiet),
        level: quiet ? 'error' : 'info',
      }),
    )
}

const DRY_RUN = {
  mode: 'dry-run',
  against: 'switch',
  detailedExitcode: true,
  adopt: false,
  portMap: new Map<string, number>(),
  etcdPrefix: '',
  etcdAccess: undefined,
  sweepInterval: 0,
} as const
