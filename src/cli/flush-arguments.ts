// The words of `reconcile flush`.
import { type CommandUnknownOpts } from '@commander-js/extra-typings'
import type { FlushTarget } from '../reconcile/flush.js'
import { FLUSH_KINDS, parseFlushObject } from '../reconcile/flush.js'
import type { ControlPathSettings } from './control-path.js'
import { bridgeOption, ovsdbOption, socketOption } from './options.js'

export interface FlushSettings extends ControlPathSettings {
  readonly target: FlushTarget
}

const HELP = `
KIND is Port, Router, Subnet or Network. The next packet of each connection is a first one again, so nothing is lost.

Exit codes:
   0 done          1 no daemon answers, or its manifests have no such object         64 wrong usage

Examples:
  reconcile flush Port/vm1           connections from and to it
  reconcile flush Router/r1          all that it routes
  reconcile flush --all              all of the bridge`

export function declareFlush(root: CommandUnknownOpts, ask: (settings: FlushSettings) => void): void {
  const command = root
    .command('flush')
    .description('Has the daemon forget the connections that pass an object, and what it refused them.')
    .argument('[kind/name]', 'the object')
    .option('--all', 'the connections of all objects', false)
    .addOption(socketOption("of the daemon (default: beside OVSDB's)"))
    .addOption(bridgeOption())
    .addOption(ovsdbOption())
    .addHelpText('after', HELP)
  command.action((object, { all, ...rest }) => {
    if (all === (object !== undefined)) command.error("error: say either an object or '--all'")
    const target = object === undefined ? 'all' : parseFlushObject(object)
    if (target) ask({ ...rest, target })
    else {
      const kinds = FLUSH_KINDS.map((kind) => `${kind}/NAME`).join(', ')
      command.error(`error: '${object ?? ''}' cannot be flushed. Use one of: ${kinds}.`)
    }
  })
}
