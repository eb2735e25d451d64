// The words of `reconcile connections`.
import { type CommandUnknownOpts, Option } from '@commander-js/extra-typings'
import type { PathKind } from '../compile/flow-path.js'
import type { Version } from '../openflow/version.js'
import { bridgeOption, openflowOption, ovsdbOption, protocolOption, versionsOf } from './options.js'
import type { SocketSettings } from './switch-target.js'

export interface ConnectionsSettings extends SocketSettings {
  /** Manifests, for the names of ports; none: the switch alone is asked. */
  readonly paths: readonly string[]
  /** Undefined: all. */
  readonly kind: PathKind | undefined
  readonly output: 'human' | 'json'
  /** To offer to the switch, best first. */
  readonly versions: readonly Version[]
}

const HELP = `
A line has both directions of a connection, of which > goes from A to B; - is a direction without a flow. LEFT is the time
until the flow goes if no packet comes.

Exit codes:
   0 done          1 runtime error         3 invalid manifests         64 wrong usage

Examples:
  reconcile connections                                  addresses and interfaces
  reconcile connections manifests/                       the names of their ports, too
  reconcile connections --kind refused                   what is dropped for some seconds
  reconcile connections -o json | jq '.connections[] | select(.aToB.packets > 1000)'`

export function declareConnections(
  root: CommandUnknownOpts,
  ask: (settings: ConnectionsSettings) => void,
): void {
  root
    .command('connections')
    .description('Shows the connections between subnets that the bridge has flows for.')
    .argument('[path...]', 'manifests, for the names of ports: files, folders, or -')
    .addOption(
      new Option('--kind <kind>', 'only these (default: all)').choices([
        'connection',
        'fallback',
        'refused',
      ] as const),
    )
    .addOption(
      new Option('-o, --output <format>', 'for people, or records')
        .choices(['human', 'json'] as const)
        .default('human' as const),
    )
    .addOption(protocolOption())
    .addOption(bridgeOption())
    .addOption(ovsdbOption())
    .addOption(openflowOption())
    .addHelpText('after', HELP)
    .action((paths, { protocols, kind, ...rest }) =>
      ask({ ...rest, paths, kind, versions: versionsOf(protocols) }),
    )
}
