// `reconcile` without a verb: manifests read, then a pass, a plan or the daemon.
import { existsSync } from 'node:fs'
import { EXIT, type ExitCode } from '../errors/codes.js'
import { ReconcileError } from '../errors/error.js'
import { sharedCluster } from '../cluster/shared-cluster.js'
import { renderError } from '../errors/render.js'
import type { ConnectionTimeouts } from '../features/east-west/index.js'
import type { ManifestSet } from '../manifest/model.js'
import { plainStore } from '../manifest/store.js'
import { NO_NAMES } from '../openflow/text/port-names.js'
import { describeHeld, type Held, heldRemedy } from '../plan/guard.js'
import { describeForeignMeters } from '../plan/meter-warnings.js'
import type { OtherMeter, PacketInLimit } from '../plan/meters.js'
import { countChanges, hasDifferences, type PlanReport } from '../plan/report.js'
import { Counters } from '../reconcile/counters.js'
import { describeStaleLock } from '../reconcile/git.js'
import { type BridgeResult, reconcileOnce } from '../reconcile/once.js'
import type { OpenCluster } from '../reconcile/node-cluster.js'
import { originsIn } from '../reconcile/origins.js'
import { DEFAULT_MAX_CONNECTIONS } from '../reconcile/reactive-path.js'
import { loadSettled } from '../reconcile/settled.js'
import { setFailpoints } from '../switch/failpoints.js'
import { parseEndpoint } from '../values/endpoint.js'
import type { Settings } from './arguments.js'
import { readConfig } from './config.js'
import { switchControlPaths } from './control-path.js'
import { planDryRun } from './dry-run.js'
import { reportFailure } from './failure.js'
import { controlPathsOf, nodeTargets } from './node-targets.js'
import { writePlans } from './output.js'
import { reportProblems } from './problems.js'

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
  const { store, revision, problems, files, staleLocks } = await loadSettled(paths, { onWait })
  for (const lock of staleLocks) say(settings, `warning: ${describeStaleLock(lock)}`)
  if (!store) return reportProblems(problems, files)
  const manifests = store.all()
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
  const { node } = settings
  const listen = settings.listen === undefined ? undefined : parseEndpoint(settings.listen)
  const at = listen ? { listen, node } : { nodes: nodeTargets(settings) }
  const [{ createLogger }, { watchAndReconcile }, { openRecorder }] = await Promise.all([
    import('./log.js'),
    import('../reconcile/watch.js'),
    import('../reconcile/packet-recorder.js'),
  ])
  const stop = new AbortController()
  // SIGHUP comes when the terminal goes that it was started from. A second signal changes nothing: we are stopping.
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => stop.abort())
  const { sweepInterval, maxDeletes, adopt } = settings
  const { connections, sync } = await readConfig(settings.config)
  const { onDrift = 'correct' } = sync
  const maxConnections = settings.maxConnections ?? connections.maxPerPort ?? DEFAULT_MAX_CONNECTIONS
  const packetInLimit = await packetInLimitOf(settings)
  const log = createLogger(settings)
  const { signal } = stop
  const sockets = (bridge: string): readonly string[] =>
    listen ? switchControlPaths(settings, bridge) : controlPathsOf(settings, bridge)
  const onFailure = (error: ReconcileError): void => log.warn(renderError(error))
  const { pcap: path, bridge } = settings
  const recorder = path === undefined ? undefined : await openRecorder({ path, onFailure }, bridge)
  const openCluster = await clusterOf(settings)
  await watchAndReconcile({
    ...{ paths, at, timeouts, packetInLimit, maxConnections, sweepInterval, maxDeletes },
    ...{ adopt, onDrift, recorder, sockets, log, signal, openCluster },
    etcd: settings.etcdAccess?.urls,
  })
  // A switch that has hung must not keep us: what still waits for its answer goes, too.
  process.exit(EXIT.done)
}

/**
 * By etcd, or, where one process serves several nodes, by what it knows itself.
 * What cannot be mended while the daemon runs is found now.
 * @throws ReconcileError ETCD_PACKAGE_MISSING; PATH_UNREADABLE and INVALID_CONFIG for the files of the options
 */
async function clusterOf({ etcdAccess: access, nodes }: Settings): Promise<OpenCluster | undefined> {
  if (!access) return nodes.length > 1 ? sharedCluster(nodes.map(({ name }) => name)) : undefined
  const [{ openCluster }, { loadEtcd3 }, { readCredentials }] = await Promise.all([
    import('../cluster/cluster.js'),
    import('../cluster/client.js'),
    import('../cluster/credentials.js'),
  ])
  await Promise.all([loadEtcd3(), readCredentials(access)])
  return (self, onChange) => openCluster({ ...access, ...self, onChange })
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
  const { maxDeletes, adopt } = settings
  const store = plainStore(manifests)
  const packetInLimit = await packetInLimitOf(settings)
  const failures: ReconcileError[] = []
  for (const at of nodeTargets(settings)) {
    const results = await reconcileOnce({
      ...{ at, store, revision, timeouts, packetInLimit, maxDeletes, adopt },
      counters: new Counters(),
      onVerdict: () => undefined,
      now: () => performance.now(),
    })
    await writeReports(
      results.map((result) => reportOf(result, at.node, manifests)),
      settings,
    )
    failures.push(...sayResults(results, revision, settings))
  }
  const [exit = EXIT.done] = failures.map(reportFailure)
  return exit
}

function reportOf(result: BridgeResult, node: string | undefined, manifests: ManifestSet): PlanReport {
  const { bridge, createdBridge, ports, endedRestoreWait, plan, held, warnings } = result
  return {
    ...{ bridge, node, ports, plan, held, warnings },
    createsBridge: createdBridge,
    endsRestoreWait: endedRestoreWait,
    names: NO_NAMES,
    origins: originsIn(manifests),
  }
}

/** One line for a node, and what is not as it should be. */
function sayResults(
  results: readonly BridgeResult[],
  revision: string,
  settings: Settings,
): readonly ReconcileError[] {
  const failures = results.flatMap(failuresOf)
  const isWhole = results.every(({ held, refused }) => !held && refused.length === 0)
  const isChanged = results.some(({ plan, ports }) => countChanges(plan) + ports.length > 0)
  const but = isWhole ? '' : ', but for what follows'
  if (isChanged) say(settings, `applied and verified${but}: ${revision}`)
  else if (failures.length === 0) say(settings, `in sync: ${revision}`)
  return failures
}

function failuresOf({ plan, held, refused }: BridgeResult): readonly ReconcileError[] {
  const conflicts = plan.conflicts.length
  const meters = plan.meters?.conflicts ?? []
  return [
    ...(held ? [deletionsHeld(held)] : []),
    ...(conflicts > 0 ? [foreignFlows(conflicts)] : []),
    ...(meters.length > 0 ? [foreignMeters(meters)] : []),
    ...refused.map(({ error }) => error),
  ]
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
