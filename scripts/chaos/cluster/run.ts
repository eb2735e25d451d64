// A whole chaos run of many nodes: seed, length and faults in, rounds with their figures and everything that gave way out.
import { setTimeout as sleep } from 'node:timers/promises'
import { createClusterLab } from '../../../test/support/cluster-lab.js'
import { untilSynced } from '../../../test/support/cluster-scene.js'
import { randomFrom } from '../random.js'
import type { Sniffed } from '../traffic.js'
import { CLUSTER_FAULTS } from './faults.js'
import { type MeasuredClusterRound, measureRound } from './losses.js'
import { type ClusterRound, runClusterRounds } from './rounds.js'
import { ClusterWorld } from './world.js'

export interface ClusterChaosOptions {
  readonly seconds: number
  readonly seed: number
  /** Names of faults; all unless given. */
  readonly only?: readonly string[]
  /** Milliseconds between two pings of each of the streams; 10 unless given. */
  readonly pingInterval?: number
  /** Seconds; 30 unless given. */
  readonly deadline?: number
  /** For how long etcd has no quorum, when it loses it; 30 unless given. Seconds. */
  readonly quorumLoss?: number
  readonly onRound?: (round: ClusterRound, logs: string) => void
  readonly signal?: AbortSignal
}

export interface ClusterChaosResult {
  readonly rounds: readonly MeasuredClusterRound[]
  readonly sniffed: Sniffed
  /** On the bridges of all nodes, at the end. */
  readonly flows: number
  readonly findings: readonly string[]
}

/** Answers may come seconds late when a switch stood still. Milliseconds. */
const LATE_MS = 2_000

export async function runClusterChaos(options: ClusterChaosOptions): Promise<ClusterChaosResult> {
  const { pingInterval = 10, quorumLoss = 30 } = options
  const cluster = await createClusterLab(3)
  try {
    const world = await ClusterWorld.create(cluster, { pingInterval, quorumLoss })
    const result = await runIn(world, options)
    await world.close()
    return result
  } finally {
    await cluster.destroy()
  }
}

async function runIn(world: ClusterWorld, options: ClusterChaosOptions): Promise<ClusterChaosResult> {
  const { seconds, seed, only, deadline = 30, onRound, signal } = options
  const rounds = await runClusterRounds(world, {
    ...{ seconds, deadline, random: randomFrom(seed), signal: signal ?? new AbortController().signal },
    faults: only ? CLUSTER_FAULTS.filter(({ name }) => only.includes(name)) : CLUSTER_FAULTS,
    onRound: (round) => onRound?.(round, logsOf(world)),
  })
  const unsynced = await untilSynced(world.cluster.nodes).then(
    () => [],
    (error: unknown) => [`at the end: ${String(error)}`],
  )
  const { flows = 0 } = await world.checker.look()
  await sleep(LATE_MS)
  const measured: MeasuredClusterRound[] = []
  for (const round of rounds)
    measured.push(measureRound(round, await world.traffic.pings(round.beganS, round.endS)))
  const sniffed = await world.traffic.finish()
  const findings = [...measured.flatMap(findingsOf), ...unsynced, ...strayed(sniffed)]
  return { rounds: measured, sniffed, flows, findings }
}

function findingsOf({ fault, struck, findings }: MeasuredClusterRound, i: number): readonly string[] {
  return findings.map((finding) => `round ${i + 1} (${fault.name} ${struck.join(', ')}): ${finding}`)
}

function strayed({ strange, samples }: Sniffed): readonly string[] {
  return strange > 0 ? [`${strange} frames crossed networks: ${JSON.stringify(samples)}`] : []
}

function logsOf({ machines }: ClusterWorld): string {
  return machines.map(({ name, daemon }) => `${name}:\n${daemon.lastWords}`).join('\n')
}
