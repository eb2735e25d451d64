// The command line: words in, settings out, or the exit code when there is nothing to run.
import {
  Command,
  CommanderError,
  type CommandUnknownOpts,
  InvalidArgumentError,
  Option,
} from '@commander-js/extra-typings'
import packageJson from '../../package.json' with { type: 'json' }
import { EXIT, type ExitCode } from '../errors/codes.js'
import { type DeleteLimit, parseDeleteLimit } from '../plan/guard.js'
import {
  etcdAccessOf,
  etcdCaOption,
  etcdCertOption,
  etcdComplaint,
  etcdKeyOption,
  etcdOption,
  etcdPrefixOption,
  etcdUserFileOption,
} from './cluster-options.js'
import { type ConnectionsSettings, declareConnections } from './connections-arguments.js'
import { type ControlSettings, declareControl } from './control-arguments.js'
import { type CountersSettings, declareCounters } from './counters-arguments.js'
import { declareDiff, type DiffSettings } from './diff-arguments.js'
import { declareDump, type DumpSettings } from './dump-arguments.js'
import { declareDrift } from './drift-arguments.js'
import { declareFlush, type FlushSettings } from './flush-arguments.js'
import {
  bridgeOption,
  colorOption,
  configOption,
  hardTimeoutOption,
  idleTimeoutOption,
  maxConnectionsOption,
  listenOption,
  nodeOption,
  nodesOf,
  openflowOption,
  outputOption,
  outputsOf,
  ovsdbOption,
  packetInBurstOption,
  packetInRateOption,
  portMapOption,
  quietOption,
  seconds,
  socketOption,
  verboseOption,
} from './options.js'
import { declareStatus, type StatusSettings } from './status-arguments.js'

export type Settings = ReturnType<typeof settingsOf>

/** What to do: `run` is the command without a verb, and `drift`. */
export type Request =
  | { readonly kind: 'run'; readonly settings: Settings }
  | { readonly kind: 'dump'; readonly settings: DumpSettings }
  | { readonly kind: 'diff'; readonly settings: DiffSettings }
  | { readonly kind: 'status'; readonly settings: StatusSettings }
  | { readonly kind: 'control'; readonly settings: ControlSettings }
  | { readonly kind: 'connections'; readonly settings: ConnectionsSettings }
  | { readonly kind: 'flush'; readonly settings: FlushSettings }
  | { readonly kind: 'counters'; readonly settings: CountersSettings }

export type ParsedArguments = Request | { readonly kind: 'exit'; readonly code: ExitCode }

const HELP = `
PATH is a file, a folder (all *.yaml and *.yml below it), or - for standard input. Without PATH: ./manifests.
A path with the name of a command is given as ./dump.

Exit codes:
   0 done, or no differences        5 deletions wait for --max-deletes
   1 runtime error                  6 another reconciler works on the bridge, or it is suspended
   2 differences, or not in sync    7 a flow was refused, or a foreign flow stands in the way
   3 invalid manifests or dump     64 wrong usage

Examples:
  reconcile manifests/                                 make the switch agree, once
  reconcile --dry-run --against empty manifests/       all flows, with no switch at hand
  reconcile --dry-run --detailed-exitcode manifests/   exit 2 when the switch differs
  reconcile --watch manifests/                         the daemon of a node
  reconcile --watch manifests/ --listen tcp:[::1]:6653 a controller, for switches that connect to it
  reconcile drift manifests/                           what others have changed on the switch
  reconcile dump                                       all flows of the bridge
  reconcile status                                     what the daemon of the bridge has to say
  reconcile connections                                who speaks to whom between subnets`

/** Prints help or what is wrong with the words, where that is all there is to do. */
export function parseArguments(argv: readonly string[]): ParsedArguments {
  const requests: Request[] = []
  try {
    commandLine((request) => requests.push(request)).parse(argv, { from: 'user' })
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    return { kind: 'exit', code: error.exitCode === 0 ? EXIT.done : EXIT.usage }
  }
  const [request] = requests
  if (!request) throw new Error('a command line was read and asks for nothing')
  return request
}

/** The command without a verb, and the verbs below it. */
function commandLine(ask: (request: Request) => void) {
  const root = buildCommand()
  root.enablePositionalOptions().hook('preSubcommand', refuseOptionsBefore)
  root.action(() => {
    requireDryRun(root)
    refuseBeside(root)
    refuseBesideNodes(root)
    requireWatch(root)
    ask({ kind: 'run', settings: settingsOf(root) })
  })
  declareDump(root, (settings) => ask({ kind: 'dump', settings }))
  declareDiff(root, (settings) => ask({ kind: 'diff', settings }))
  declareDrift(root, (settings) => ask({ kind: 'run', settings }))
  declareStatus(root, (settings) => ask({ kind: 'status', settings }))
  declareControl(root, (settings) => ask({ kind: 'control', settings }))
  declareConnections(root, (settings) => ask({ kind: 'connections', settings }))
  declareFlush(root, (settings) => ask({ kind: 'flush', settings }))
  declareCounters(root, (settings) => ask({ kind: 'counters', settings }))
  return root
}

/** An option before a verb would be read and forgotten. */
function refuseOptionsBefore(root: CommandUnknownOpts, verb: CommandUnknownOpts): void {
  const given = root.options.find((option) => root.getOptionValueSource(option.attributeName()) === 'cli')
  if (given) root.error(`error: option '${given.long ?? given.flags}' has to stand behind '${verb.name()}'`)
}

function buildCommand() {
  return new Command('reconcile')
    .description('Makes an Open vSwitch bridge agree with manifests of networks, subnets, routers and ports.')
    .version(packageJson.version, '-V, --version')
    .argument('[path...]', 'manifests: files, folders, or -')
    .addOption(new Option('--dry-run', 'show what would change, apply nothing').conflicts('watch'))
    .option('--watch', 'stay, and follow files, ports and packets')
    .option('--against <what>', 'with --dry-run: compare with empty, file:DUMP or switch', 'switch')
    .option('--detailed-exitcode', 'with --dry-run: exit 2 when there are differences', false)
    .addOption(portMapOption())
    .addOption(outputOption())
    .option('--adopt', 'take over foreign flows that do just what ours should', false)
    .option('--max-deletes <n|p%>', 'objects that may go (default: 10 or 20%, no whole kind)', maxDeletes)
    .addOption(nodeOption())
    .addOption(bridgeOption())
    .addOption(ovsdbOption())
    .addOption(openflowOption())
    .addOption(listenOption())
    .addOption(
      new Option('--datapath-type <type>', 'of a bridge that has to be made').env('RECONCILE_DATAPATH_TYPE'),
    )
    .addOption(configOption())
    .addOption(idleTimeoutOption())
    .addOption(hardTimeoutOption())
    .addOption(maxConnectionsOption())
    .addOption(packetInRateOption())
    .addOption(packetInBurstOption())
    .addOption(
      new Option('--sweep-interval <seconds>', 'with --watch: look at all flows this often; 0: never')
        .argParser(seconds)
        .default(60)
        .env('RECONCILE_SWEEP_INTERVAL'),
    )
    .addOption(etcdOption())
    .addOption(etcdPrefixOption())
    .addOption(etcdCaOption())
    .addOption(etcdCertOption())
    .addOption(etcdKeyOption())
    .addOption(etcdUserFileOption())
    .addOption(socketOption('with --watch: where it may be asked for its status'))
    .option(
      '--pcap <file>',
      'with --watch: write every packet that comes to the controller, with its verdict',
    )
    .addOption(colorOption())
    .addOption(quietOption('errors only, and the plan of --dry-run'))
    .addOption(verboseOption())
    .addHelpText('after', HELP)
    .showHelpAfterError('Use --help for all options.')
    .exitOverride()
}

/** Whoever asks for a comparison and forgets --dry-run must not change a switch by it. */
function requireDryRun(command: ReturnType<typeof buildCommand>): void {
  if (command.opts().dryRun) return
  for (const { attributeName, flag } of DRY_RUN_ONLY) {
    if (command.getOptionValueSource(attributeName) === 'cli') {
      command.error(`error: option '${flag}' needs '--dry-run'`)
    }
  }
}

/** Who waits for switches looks for none. */
function refuseBeside(command: ReturnType<typeof buildCommand>): void {
  const { listen, watch } = command.opts()
  if (listen === undefined) return
  if (!watch) command.error("error: option '--listen' needs '--watch'")
  for (const { attributeName, flag } of NOT_WITH_LISTEN) {
    if (command.getOptionValueSource(attributeName) === 'cli')
      command.error(`error: option '${flag}' cannot be used with option '--listen'`)
  }
}

/** Each of several nodes has its own. */
function refuseBesideNodes(command: ReturnType<typeof buildCommand>): void {
  if ((command.opts().node?.nodes.length ?? 0) === 0) return
  for (const flag of ['ovsdb', 'openflow', 'listen'] as const) {
    if (command.getOptionValueSource(flag) === 'cli')
      command.error(`error: option '--${flag}' cannot be used with '--node NAME=unix:PATH'`)
  }
}

const NOT_WITH_LISTEN = [
  { attributeName: 'bridge', flag: '--bridge' },
  { attributeName: 'ovsdb', flag: '--ovsdb' },
  { attributeName: 'openflow', flag: '--openflow' },
  { attributeName: 'datapathType', flag: '--datapath-type' },
] as const

const DRY_RUN_ONLY = [
  { attributeName: 'against', flag: '--against' },
  { attributeName: 'detailedExitcode', flag: '--detailed-exitcode' },
  { attributeName: 'portMap', flag: '--port-map' },
] as const

/** A file of packets that nobody fills would be taken for one without packets. */
function requireWatch(command: ReturnType<typeof buildCommand>): void {
  const { watch, pcap, etcd, listen } = command.opts()
  const complaint = etcdComplaint(command.opts())
  if (complaint !== undefined) command.error(complaint)
  if (etcd && !watch && command.getOptionValueSource('etcd') === 'cli')
    command.error("error: option '--etcd' needs '--watch'")
  if (etcd && listen !== undefined)
    command.error("error: option '--etcd' cannot be used with option '--listen'")
  if (pcap !== undefined && !watch) command.error("error: option '--pcap' needs '--watch'")
}

function settingsOf(command: ReturnType<typeof buildCommand>) {
  const { dryRun, watch, output, portMap: ports, quiet, verbose, node, ...rest } = command.opts()
  const [paths] = command.processedArgs
  return {
    ...rest,
    ...nodesOf(node, command),
    isBridgeGiven: command.getOptionValueSource('bridge') !== 'default',
    etcdAccess: etcdAccessOf(rest),
    paths,
    mode: dryRun ? ('dry-run' as const) : watch ? ('watch' as const) : ('apply' as const),
    outputs: outputsOf(output, quiet && !dryRun),
    portMap: ports ?? new Map<string, number>(),
    level: quiet ? ('error' as const) : verbose ? ('debug' as const) : ('info' as const),
  }
}

function maxDeletes(text: string): DeleteLimit {
  const limit = parseDeleteLimit(text)
  if (!limit) throw new InvalidArgumentError('Use a number of objects, or a share of them: 12 or 30%.')
  return limit
}
