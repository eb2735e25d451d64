// A whole chaos run: seed, length and faults in, rounds with their figures and everything that gave way out.
import { setTimeout as sleep } from 'node:timers/promises'
import { createLab } from '../../test/support/lab.js'
import type { Snapshots } from './checker.js'
import { type MeasuredFloor, measureFloor } from './floor.js'
import { ALL_FAULTS, FAULTS } from './faults.js'
import { randomFrom } from './random.js'
import type { MeasuredRound } from './report.js'
import { type Round, runRounds } from './rounds.js'
import type { Sniffed, Traffic } from './traffic.js'
import { createWorld, type World } from './world.js'

export interface ChaosOptions {
  readonly seconds: number
  readonly seed: number
  /** Names of faults; all unless given. */
  readonly only?: readonly string[]
  /** Seconds between two looks of the daemon that nothing asked for; 60 unless given, as without chaos. */
  readonly sweepInterval?: number
  /** Milliseconds between two pings of each of the three streams; 2 unless given. */
  readonly pingInterval?: number
  /** Seconds; 20 unless given. */
  readonly deadline?: number
  /** How often Open vSwitch's own floor is measured for each restart; 0 unless given. */
  readonly floors?: number
  readonly onRound?: (round: Round, daemonLog: string) => void
  readonly signal?: AbortSignal
}

export interface ChaosResult {
  readonly rounds: readonly MeasuredRound[]
  readonly floors: readonly MeasuredFloor[]
  readonly snapshots: Snapshots
  readonly sniffed: Sniffed
  /** TCP connections that the stream took: 1 when none broke. */
  readonly connections: number
  readonly findings: readonly string[]
}

/** Answers may come seconds late when the switch stood still. Milliseconds. */
const LATE_MS = 2_000

export async function runChaos(options: ChaosOptions): Promise<ChaosResult> {
  const { sweepInterval = 60, pingInterval = 2 } = options
  const lab = await createLab()
  try {
    const world = await createWorld(lab, { sweepInterval, pingInterval })
    const result = await runIn(world, options)
    await Promise.all([world.checker.close(), world.snapshots.close(), world.daemon.stop()])
    world.proxy.close()
    return result
  } finally {
    await lab.destroy()
  }
}

async function runIn(world: World, options: ChaosOptions): Promise<ChaosResult> {
  const { seconds, seed, only, deadline = 20, floors = 0, onRound, signal } = options
  const rounds = await runRounds(world, {
    seconds,
    deadline,
    random: randomFrom(seed),
    faults: only ? ALL_FAULTS.filter(({ name }) => only.includes(name)) : FAULTS,
    onRound: (round) => onRound?.(round, world.daemon.lastWords),
    signal: signal ?? new AbortController().signal,
  })
  const snapshots = await world.snapshots.seen()
  const floorWindows = floors > 0 ? await measureFloor(world, floors) : []
  await sleep(LATE_MS)
  const { traffic } = world
  const measured = await inTurn(rounds, async (round) => ({
    ...round,
    ...(await lossIn(traffic, round.beganS, round.endS)),
  }))
  const measuredFloors = await inTurn(floorWindows, async ({ fault, windows }) => {
    const losses = await inTurn(windows, ([began, end]) => lossIn(traffic, began, end))
    return { fault, pings: losses.map(({ pings }) => pings), streams: losses.map(({ stream }) => stream) }
  })
  const { connections } = await traffic.stream(0, 0)
  const sniffed = await traffic.finish()
  const findings = findingsOf(rounds, snapshots, sniffed)
  return { rounds: measured, floors: measuredFloors, snapshots, sniffed, connections, findings }
}

async function lossIn(traffic: Traffic, beganS: number, endS: number) {
  const [pings, stream] = await Promise.all([traffic.pings(beganS, endS), traffic.stream(beganS, endS)])
  return { pings, stream }
}

async function inTurn<T, R>(list: readonly T[], work: (item: T) => Promise<R>): Promise<readonly R[]> {
  const done: R[] = []
  for (const item of list) done.push(await work(item))
  return done
}

function findingsOf(rounds: readonly Round[], snapshots: Snapshots, sniffed: Sniffed): readonly string[] {
  return [
    ...rounds.flatMap(({ faults, findings }, i) =>
      findings.map((finding) => `round ${i + 1} (${faults.map(({ name }) => name).join(' + ')}): ${finding}`),
    ),
    ...(snapshots.mixed > 0 ? [`${snapshots.mixed} of ${snapshots.looks} looks saw two generations`] : []),
    ...(sniffed.strange > 0
      ? [`${sniffed.strange} frames crossed networks: ${JSON.stringify(sniffed.samples)}`]
      : []),
  ]
}
