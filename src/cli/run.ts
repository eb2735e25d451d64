// `reconcile` without a verb: manifests read, then a pass, a plan or the daemon.
import { existsSync } from 'node:fs'
import { EXIT, type ExitCode } from '../errors/codes.js'
import { ReconcileError } from '../errors/error.js'
import { renderError } from '../errors/render.js'
import type { ConnectionTimeouts } from '../features/east-west/index.js'
import type { ManifestSet } from '../manifest/model.js'
import type { ManifestFile } from '../manifest/parse.js'
import { NO_NAMES } from '../openflow/text/port-names.js'
import { describeHeld, type Held, heldRemedy } from '../plan/guard.js'
import { describeForeignMeters } from '../plan/meter-warnings.js'
import type { OtherMeter, PacketInLimit } from '../plan/meters.js'
import { countChanges, hasDifferences, type PlanReport } from '../plan/report.js'
import { Counters } from '../reconcile/counters.js'
import { describeStaleLock } from '../reconcile/git.js'
import { reconcileOnce } from '../reconcile/once.js'
import { originsIn } from '../reconcile/origins.js'
import { DEFAULT_MAX_CONNECTIONS } from '../reconcile/reactive-path.js'
import { loadSettled } from '../reconcile/settled.js'
import { setFailpoints } from '../switch/failpoints.js'
import { parseEndpoint } from '../values/endpoint.js'
import type { Settings } from './arguments.js'
import { readConfig } from './config.js'
import { controlPaths, switchControlPaths } from './control-path.js'
import { planDryRun } from './dry-run.js'
import { reportFailure } from './failure.js'
import { writePlans } from './output.js'
import { switchTarget } from './switch-target.js'

/** Kept in step with the help text of --packet-in-rate. */
const DEFAULT_PACKET_IN_RATE = 200

/** Kept in step with the help text of --idle-timeout and --hard-timeout. */
const DEFAULT_TIMEOUTS: ConnectionTimeouts = { idleTimeout: 300, hardTimeout: 0 }

/** @throws ReconcileError whatever a user can cause but for problems in manifests, which are reported here */
export async function run(settings: Settings): Promise<ExitCode> {
  setFailpoints(process.env.RECONCILE_FAILPOINT)
  const timeouts = await timeoutsOf(settings)
  const paths = manifestPaths(settings)
  if (settings.mode === 'watch') return watch(paths, settings, timeouts)
  const onWait = (lock: string): void => say(settings, `waiting for git, which holds ${lock}`)
  const { manifests, revision, problems, files, staleLocks } = await loadSettled(paths, { onWait })
  for (const lock of staleLocks) say(settings, `warning: ${describeStaleLock(lock)}`)
  if (!manifests) return reportProblems(problems, files)
  if (settings.mode === 'dry-run') return dryRun(manifests, settings, timeouts)
  return apply(manifests, revision, settings, timeouts)
}

async function timeoutsOf({ config, idleTimeout, hardTimeout }: Settings): Promise<ConnectionTimeouts> {
  const { connections } = await readConfig(config)
  return {
    idleTimeout: idleTimeout ?? connections.idleTimeout ?? DEFAULT_TIMEOUTS.idleTimeout,
    hardTimeout: hardTimeout ?? connections.hardTimeout ?? DEFAULT_TIMEOUTS.hardTimeout,
  }
}

/** The rate also says how many may come at once, unless that is said. */
async function packetInLimitOf({ config, packetInRate, packetInBurst }: Settings): Promise<PacketInLimit> {
  const { packetIn } = await readConfig(config)
  const rate = packetInRate ?? packetIn.rate ?? DEFAULT_PACKET_IN_RATE
  return { rate, burst: packetInBurst ?? packetIn.burst ?? rate }
}

function manifestPaths({ paths, mode }: Settings): readonly string[] {
  if (mode === 'watch' && paths.includes('-')) {
    throw new ReconcileError('USAGE', 'Standard input cannot be watched.', {
      remedy: 'Name files or folders.',
    })
  }
  if (paths.length > 0) return paths
  if (existsSync('manifests')) return ['manifests']
  throw new ReconcileError('NO_MANIFESTS', 'No path was given, and there is no folder ./manifests.', {
    remedy: 'Say where the manifests are: reconcile PATH.',
  })
}

async function watch(
  paths: readonly string[],
  settings: Settings,
  timeouts: ConnectionTimeouts,
): Promise<ExitCode> {
  const listen = settings.listen === undefined ? undefined : parseEndpoint(settings.listen)
  const at = listen ? { listen } : { target: switchTarget(settings) }
  const [{ createLogger }, { watchAndReconcile }] = await Promise.all([
    import('./log.js'),
    import('../reconcile/watch.js'),
  ])
  const stop = new AbortController()
  // SIGHUP comes when the terminal goes that it was started from. A second signal changes nothing: we are stopping.
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => stop.abort())
  const { node, sweepInterval, maxDeletes, adopt } = settings
  const { connections, sync } = await readConfig(settings.config)
  const { onDrift = 'correct' } = sync
  const maxConnections = settings.maxConnections ?? connections.maxPerPort ?? DEFAULT_MAX_CONNECTIONS
  const packetInLimit = await packetInLimitOf(settings)
  const log = createLogger(settings)
  const { signal } = stop
  const sockets = (bridge: string): readonly string[] =>
    listen ? switchControlPaths(settings, bridge) : controlPaths(settings)
  await watchAndReconcile({
    ...{ paths, at, node, timeouts, packetInLimit, maxConnections, sweepInterval, maxDeletes },
    ...{ adopt, onDrift, sockets, log, signal },
  })
  // A switch that has hung must not keep us: what still waits for its answer goes, too.
  process.exit(EXIT.done)
}

async function dryRun(
  manifests: ManifestSet,
  settings: Settings,
  timeouts: ConnectionTimeouts,
): Promise<ExitCode> {
  const reports = await planDryRun(manifests, settings, {
    timeouts,
    packetInLimit: await packetInLimitOf(settings),
  })
  await writeReports(reports, settings)
  const held = reports.find((report) => report.held)?.held
  if (held) return reportFailure(deletionsHeld(held))
  return settings.detailedExitcode && reports.some(hasDifferences) ? EXIT.differences : EXIT.done
}

async function apply(
  manifests: ManifestSet,
  revision: string,
  settings: Settings,
  timeouts: ConnectionTimeouts,
): Promise<ExitCode> {
  const { bridge, node, maxDeletes, adopt } = settings
  const { plan, createdBridge, endedRestoreWait, held, refused, warnings } = await reconcileOnce({
    target: switchTarget(settings),
    node,
    manifests,
    revision,
    timeouts,
    packetInLimit: await packetInLimitOf(settings),
    maxDeletes,
    adopt,
    counters: new Counters(),
    onVerdict: () => undefined,
    now: () => performance.now(),
  })
  const report: PlanReport = {
    bridge,
    node,
    createsBridge: createdBridge,
    endsRestoreWait: endedRestoreWait,
    plan,
    held,
    warnings,
    names: NO_NAMES,
    origins: originsIn(manifests),
  }
  await writeReports([report], settings)
  const conflicts = plan.conflicts.length
  const but = held || refused.length > 0 ? ', but for what follows' : ''
  const meters = plan.meters?.conflicts ?? []
  if (countChanges(plan) > 0) say(settings, `applied and verified${but}: ${revision}`)
  else if (conflicts + meters.length === 0 && but === '') say(settings, `in sync: ${revision}`)
  const failures = [
    ...(held ? [deletionsHeld(held)] : []),
    ...(conflicts > 0 ? [foreignFlows(conflicts)] : []),
    ...(meters.length > 0 ? [foreignMeters(meters)] : []),
    ...refused.map(({ error }) => error),
  ]
  const [exit = EXIT.done] = failures.map(reportFailure)
  return exit
}

function deletionsHeld(held: Held): ReconcileError {
  const message = `Nothing is deleted of what the manifests no longer have: ${describeHeld(held)}.`
  return new ReconcileError('DELETIONS_HELD', message, { remedy: heldRemedy(held) })
}

function foreignFlows(count: number): ReconcileError {
  const message =
    count === 1
      ? "Somebody else's flow stands where one of ours should be; all others of ours are as they should be."
      : `Flows of somebody else stand where ${count} of ours should be; all others of ours are as they should be.`
  return new ReconcileError('FOREIGN_FLOW', message, {
    remedy:
      'Use --dry-run to see which; remove them, take over with --adopt those that do the same, or change the manifests.',
  })
}

function foreignMeters(meters: readonly OtherMeter[]): ReconcileError {
  const message = `${describeForeignMeters(meters).join()}; all else is as it should be.`
  return new ReconcileError('FOREIGN_METER', message, {
    remedy: "A port's meter has the port's number: give theirs another one, or use --packet-in-rate 0.",
  })
}

async function writeReports(reports: readonly PlanReport[], settings: Settings): Promise<void> {
  await writePlans(reports, settings)
  for (const warning of reports.flatMap(({ warnings }) => warnings)) say(settings, `warning: ${warning}`)
}

function say({ level }: Settings, line: string): void {
  if (level !== 'error') process.stderr.write(`${line}\n`)
}

function reportProblems(problems: readonly ReconcileError[], files: readonly ManifestFile[]): ExitCode {
  const text = new Map(files.map((file) => [file.path, file.text]))
  for (const problem of problems) {
    process.stderr.write(`${renderError(problem, (file) => text.get(file))}\n\n`)
  }
  const places = new Set(problems.map(({ at }) => at?.file)).size
  const count = (n: number, what: string) => `${n} ${what}${n === 1 ? '' : 's'}`
  process.stderr.write(
    `${count(problems.length, 'problem')} in ${count(places, 'file')}; nothing was applied\n`,
  )
  const invalid = problems.some(({ exitCode }) => exitCode === EXIT.invalidManifests)
  return invalid ? EXIT.invalidManifests : (problems[0]?.exitCode ?? EXIT.runtimeError)
}
