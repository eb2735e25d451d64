// The run: one fault after the other, after each the wait until the independent checker says that all switches are right.
import { setTimeout as sleep } from 'node:timers/promises'
import { Finding } from '../fault.js'
import type { Random } from '../random.js'
import { now } from '../traffic.js'
import { describeClusterLook, wrongIn } from './checker.js'
import type { ClusterFault } from './fault.js'
import type { NodeName } from './manifests.js'
import type { ClusterWorld } from './world.js'

export interface ClusterRound {
  readonly fault: ClusterFault
  readonly struck: readonly NodeName[]
  /** Where the guest that moves was. */
  readonly wandererAt: NodeName
  /** Seconds of CLOCK_MONOTONIC: the fault began; was over; the switches were right; the daemons were seen alive and all pings were answered. */
  readonly beganS: number
  readonly overS: number
  readonly rightS: number
  readonly endS: number
  /** Flows wrong at the end: 0, or the deadline has passed. */
  readonly wrong: number
  readonly findings: readonly string[]
}

export interface ClusterRoundsOptions {
  readonly seconds: number
  readonly random: Random
  readonly faults: readonly ClusterFault[]
  /** Seconds that the daemons may take until all is right again, and until they show that they are alive. */
  readonly deadline: number
  readonly onRound: (round: ClusterRound) => void
  readonly signal: AbortSignal
}

export async function runClusterRounds(
  world: ClusterWorld,
  { seconds, random, faults, deadline, onRound, signal }: ClusterRoundsOptions,
): Promise<readonly ClusterRound[]> {
  const end = now() + seconds
  const rounds: ClusterRound[] = []
  let left: readonly ClusterFault[] = []
  while (now() < end && !signal.aborted) {
    if (left.length === 0) left = shuffled(faults, random)
    const [fault, ...rest] = left
    if (!fault) break
    left = rest
    const round = await runRound(world, fault, { random, deadline, number: rounds.length })
    rounds.push(round)
    onRound(round)
    await sleep(random.below(200))
  }
  return rounds
}

/** Each comes once before any comes again: some take half a minute. */
function shuffled(faults: readonly ClusterFault[], random: Random): readonly ClusterFault[] {
  return faults
    .map((fault) => ({ fault, at: random.next() }))
    .sort((a, b) => a.at - b.at)
    .map(({ fault }) => fault)
}

interface RoundOptions {
  readonly random: Random
  readonly deadline: number
  /** From 0. */
  readonly number: number
}

async function runRound(
  world: ClusterWorld,
  fault: ClusterFault,
  { random, deadline, number }: RoundOptions,
): Promise<ClusterRound> {
  const wandererAt = world.places.get('wanderer') ?? 'node-b'
  const beganS = now()
  const { struck = [], finding } = await attempt(() => fault.strike(world, random))
  const overS = now()
  const look = await world.untilRight(deadline)
  const rightS = now()
  const unmended =
    look.right === null ? `not right after ${deadline} s:\n${describeClusterLook(look)}` : undefined
  const alive = unmended === undefined ? await proveAlive(world, number, deadline) : undefined
  const talking = await untilTalking(world, deadline)
  const findings = [finding, unmended, alive, talking].filter((each) => each !== undefined)
  const times = { beganS, overS, rightS, endS: now() }
  return { fault, struck, wandererAt, ...times, wrong: wrongIn(look), findings }
}

async function attempt(
  strike: () => Promise<readonly NodeName[]>,
): Promise<{ readonly struck?: readonly NodeName[]; readonly finding?: string }> {
  try {
    return { struck: await strike() }
  } catch (error) {
    if (error instanceof Finding) return { finding: error.message }
    return { finding: error instanceof Error ? (error.stack ?? error.message) : String(error) }
  }
}

/** Flows that no packet of the run needs. */
const UNNEEDED = [
  ['br-int', 'table=23,priority=0'],
  ['br-tun', 'table=20,priority=1'],
  ['br-tun', 'table=4,priority=1'],
  ['br-tun', 'table=10,priority=1'],
  ['br-tun', 'table=0,priority=1'],
] as const

/**
 * That the switches are right may be because nothing was wrong: the daemons must put back flows. Of another place in each
 * round, as flows that are deleted again and again are put back at growing intervals.
 */
async function proveAlive(
  world: ClusterWorld,
  number: number,
  deadline: number,
): Promise<string | undefined> {
  const [bridge, flow] = UNNEEDED[number % UNNEEDED.length] ?? UNNEEDED[0]
  const dead = await attempt(async () => {
    for (const { daemon, node } of world.machines) {
      daemon.assertRunning()
      await node.lab.ofctl('--strict', 'del-flows', bridge, flow)
    }
    return []
  })
  if (dead.finding !== undefined) return dead.finding
  const look = await world.untilRight(deadline)
  return look.right === null ? `the daemons are up and mend nothing\n${describeClusterLook(look)}` : undefined
}

/** What was lost belongs to this round and not to the next one. */
async function untilTalking({ traffic }: ClusterWorld, deadline: number): Promise<string | undefined> {
  const end = now() + deadline
  for (;;) {
    const silent = await traffic.silent()
    if (silent.length === 0) return undefined
    if (now() > end) {
      const names = silent.map(({ from, to }) => `${from} > ${to}`).join(', ')
      return `pings are lost ${deadline} s after all was right: ${names}`
    }
    await sleep(20)
  }
}
