// The run: rounds of one or two faults, after each the wait until the independent checker says that the switch is right.
import { setTimeout as sleep } from 'node:timers/promises'
import { describeLook, type Look } from './checker.js'
import { type Fault, Finding } from './fault.js'
import { markedSubnet } from './manifests.js'
import type { Random } from './random.js'
import { now } from './traffic.js'
import type { World } from './world.js'

export interface Round {
  readonly faults: readonly Fault[]
  /** Seconds of CLOCK_MONOTONIC: the first fault began; all were over; the switch was right; the daemon was seen alive and all pings were answered. */
  readonly beganS: number
  readonly overS: number
  readonly rightS: number
  readonly endS: number
  /** Flows wrong at the end: 0, or the deadline has passed. */
  readonly wrong: number
  readonly findings: readonly string[]
}

export interface RoundsOptions {
  readonly seconds: number
  readonly random: Random
  readonly faults: readonly Fault[]
  /** Seconds that the daemon may take until the switch is right again, and until it shows that it is alive. */
  readonly deadline: number
  readonly onRound: (round: Round) => void
  readonly signal: AbortSignal
}

export async function runRounds(world: World, options: RoundsOptions): Promise<readonly Round[]> {
  const { seconds, random, faults, onRound, signal } = options
  const end = now() + seconds
  const rounds: Round[] = []
  while (now() < end && !signal.aborted) {
    const round = await runRound(world, drawFaults(faults, random), { ...options, number: rounds.length })
    rounds.push(round)
    onRound(round)
    await sleep(random.below(200))
  }
  return rounds
}

/** One, or as often two that do not use the same thing. */
export function drawFaults(faults: readonly Fault[], random: Random): readonly Fault[] {
  const first = random.pick(faults)
  const others = faults.filter((other) => other !== first && first.uses.length > 0 && other.uses.length > 0)
  const apart = others.filter(({ uses }) => !uses.some((each) => first.uses.includes(each)))
  return apart.length > 0 && random.next() < 0.5 ? [first, random.pick(apart)] : [first]
}

interface RoundOptions extends RoundsOptions {
  /** From 0. */
  readonly number: number
}

async function runRound(world: World, faults: readonly Fault[], options: RoundOptions): Promise<Round> {
  const { random, deadline, number } = options
  const beganS = now()
  const struck = await Promise.all(
    faults.map(async (fault, i) => {
      if (i > 0) await sleep(random.below(300))
      return findingOf(() => fault.strike(world, random))
    }),
  )
  const overS = now()
  const look = await untilRight(world, deadline)
  const rightS = now()
  const alive = look.right === null ? undefined : await findingOf(() => proveAlive(world, number, deadline))
  const talking = await findingOf(() => untilTalking(world, deadline))
  const unmended = look.right === null ? [`not right after ${deadline} s:\n${describeLook(look)}`] : []
  const findings = [...struck, ...unmended, alive, talking].filter((finding) => finding !== undefined)
  return { faults, beganS, overS, rightS, endS: now(), wrong: wrongIn(look), findings }
}

async function findingOf(act: () => Promise<unknown>): Promise<string | undefined> {
  try {
    await act()
    return undefined
  } catch (error) {
    if (error instanceof Finding) return error.message
    return error instanceof Error ? (error.stack ?? error.message) : String(error)
  }
}

async function untilRight({ checker, repository }: World, deadline: number): Promise<Look> {
  const end = now() + deadline
  for (;;) {
    const look = await checker.look(repository.wanted)
    if (look.right !== null || now() > end) return look
    await sleep(5)
  }
}

/**
 * That the switch is right may be because nothing was wrong: the daemon must put back flows that no packet needs. Others in
 * each round, as flows that are deleted again and again are put back at growing intervals.
 */
async function proveAlive(world: World, number: number, deadline: number): Promise<void> {
  world.daemon.assertRunning()
  const { metadata, cidr } = markedSubnet(number)
  await world.lab.ofctl('del-flows', 'br-int', `table=52,ip,metadata=${metadata},nw_dst=${cidr}`)
  const look = await untilRight(world, deadline)
  if (look.right === null) throw new Finding(`the daemon is up and mends nothing\n${describeLook(look)}`)
}

/** What was lost belongs to this round and not to the next one. */
async function untilTalking({ traffic }: World, deadline: number): Promise<void> {
  const end = now() + deadline
  while (!(await traffic.flows())) {
    if (now() > end) throw new Finding(`pings are lost ${deadline} s after the switch was right`)
    await sleep(20)
  }
}

function wrongIn({ right, candidates }: Look): number {
  if (right !== null) return 0
  return candidates?.[0]?.wrong ?? Number.POSITIVE_INFINITY
}
