// The words of `reconcile status`.
import { type CommandUnknownOpts, InvalidArgumentError, Option } from '@commander-js/extra-typings'
import type { ControlPathSettings } from './control-path.js'
import { bridgeOption, type Color, colorOption, ovsdbOption, socketOption } from './options.js'

export interface StatusSettings extends ControlPathSettings {
  readonly output: 'human' | 'json'
  /** Seconds; 0: as it is now. */
  readonly wait: number
  readonly revision: string | undefined
  /** All objects, not only those with something to say. */
  readonly all: boolean
  readonly color: Color
}

/** Seconds. */
const USUAL_WAIT = 60

const HELP = `
Exit codes:
   0 Synced         1 no daemon answers         2 anything else         64 wrong usage

Examples:
  reconcile status                                            the state, and objects that are not ready
  reconcile status --all                                      all objects
  git pull && reconcile status --wait=10 --revision $(git rev-parse HEAD)
                                                              until the commit is programmed`

export function declareStatus(root: CommandUnknownOpts, ask: (settings: StatusSettings) => void): void {
  root
    .command('status')
    .description('Says what the running daemon of a bridge knows of each object.')
    .addOption(
      new Option('-o, --output <format>', 'for people, or records of all objects')
        .choices(['human', 'json'] as const)
        .default('human' as const),
    )
    .addOption(
      new Option('--wait [seconds]', `until it is Synced (without a number: ${USUAL_WAIT} s)`)
        .argParser(seconds)
        .preset(String(USUAL_WAIT)),
    )
    .option('--revision <rev>', 'Synced counts at this revision alone')
    .option('-a, --all', 'objects that are ready, too', false)
    .option('-v, --verbose', 'the same as --all', false)
    .addOption(socketOption("of the daemon (default: beside OVSDB's)"))
    .addOption(bridgeOption())
    .addOption(ovsdbOption())
    .addOption(colorOption())
    .addHelpText('after', HELP)
    .action(({ wait, all, verbose, revision, ...rest }) =>
      ask({ ...rest, revision, wait: typeof wait === 'number' ? wait : 0, all: all || verbose }),
    )
}

function seconds(text: string): number {
  const number = /^[0-9]{1,6}(\.[0-9]+)?$/.test(text) ? Number(text) : Number.NaN
  if (Number.isNaN(number)) throw new InvalidArgumentError('Use a number of seconds.')
  return number
}
