// The kill test: a big change is applied again and again, and the program is killed -9 in the middle of it. One dump must
// then show the old manifests or the new ones, flow by flow, and the next start must bring the new ones.
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { manifest } from '../../test/support/scene.js'
import { runCli, startCli } from '../../test/support/cli.js'
import { createLab, type Lab } from '../../test/support/lab.js'
import { exited } from '../../test/support/processes.js'
import { ADDS_PER_TURN } from '../../src/switch/bundle.js'
import { FAILPOINTS } from '../../src/switch/failpoints.js'
import { Checker, describeLook } from './checker.js'
import { markedMac } from './manifests.js'
import { type Random, randomFrom } from './random.js'

export interface KillOptions {
  readonly kills: number
  /** Flows of one generation, about; each change deletes and adds nearly all of them. */
  readonly flows: number
  readonly seed: number
  /** One in so many kills is followed by a run that nobody kills, which must bring the new state; 1 unless given. */
  readonly recoverEvery?: number
  readonly onKill?: (kill: Kill) => void
  readonly signal?: AbortSignal
}

export interface Kill {
  /** A failpoint, or milliseconds after the start. */
  readonly at: string
  /** What was on the switch afterwards. */
  readonly state: 'old' | 'new' | 'mixed'
  /** It had ended before it was to be killed. */
  readonly late: boolean
  /** The next start was let run to its end. */
  readonly recovered: boolean
  readonly finding: string | undefined
}

export interface KillResult {
  readonly flows: number
  /** Milliseconds that the whole change takes when nobody interferes. */
  readonly undisturbedMs: number
  readonly kills: readonly Kill[]
}

/** What is on the switch, and what shall be. */
interface Change {
  readonly from: string
  readonly to: string
}

const PATIENCE_MS = 120_000

export async function runKills(options: KillOptions): Promise<KillResult> {
  const lab = await createLab()
  const checker = new Checker(lab)
  try {
    await lab.addBridge('br-int')
    const [a, b] = [
      await writeGeneration(lab, 1, options.flows),
      await writeGeneration(lab, 2, options.flows),
    ]
    await mustApply(lab, a)
    const began = performance.now()
    await mustApply(lab, b)
    const undisturbedMs = performance.now() - began
    const flows = (await checker.look(b)).ours ?? 0
    const kills = await killAgainAndAgain(lab, checker, { from: b, to: a }, undisturbedMs, options)
    return { flows, undisturbedMs, kills }
  } finally {
    await checker.close()
    await lab.destroy()
  }
}

async function killAgainAndAgain(
  lab: Lab,
  checker: Checker,
  first: Change,
  undisturbedMs: number,
  { kills, flows, seed, recoverEvery = 1, onKill, signal }: KillOptions,
): Promise<readonly Kill[]> {
  const random = randomFrom(seed)
  const done: Kill[] = []
  let change = first
  while (done.length < kills && !signal?.aborted) {
    const moment = momentOf(done.length, random, undisturbedMs, flows)
    const kill = await killOnce(lab, checker, change, {
      ...moment,
      recovers: done.length % recoverEvery === 0,
    })
    done.push(kill)
    onKill?.(kill)
    if (kill.recovered || kill.state === 'new') change = { from: change.to, to: change.from }
  }
  return done
}

type Moment = { readonly failpoint: string } | { readonly afterMs: number }

/** Every failpoint once; then in turn any time of a run, and any part of the bundle. */
function momentOf(index: number, random: Random, undisturbedMs: number, flows: number): Moment {
  const named = Object.keys(FAILPOINTS)[index]
  if (named !== undefined) return { failpoint: named }
  if (index % 2 === 0) return { afterMs: random.between(0, undisturbedMs) }
  return { failpoint: `bundle-add@${1 + random.below(Math.ceil((2 * flows) / ADDS_PER_TURN))}` }
}

type Attempt = Moment & { readonly recovers: boolean }

async function killOnce(lab: Lab, checker: Checker, change: Change, attempt: Attempt): Promise<Kill> {
  const late = await interrupt(lab, change.to, attempt)
  const look = await checker.look(change.from, change.to)
  const state = look.right === change.from ? 'old' : look.right === change.to ? 'new' : 'mixed'
  const recovered = attempt.recovers || state === 'mixed'
  const at = 'failpoint' in attempt ? attempt.failpoint : `${Math.round(attempt.afterMs)} ms`
  const recovery = recovered ? await recover(lab, checker, change.to) : undefined
  const mixed = state === 'mixed' ? `neither the old nor the new state:\n${describeLook(look)}` : undefined
  return { at, state, late, recovered, finding: mixed ?? recovery }
}

/** @returns what is wrong after the next start */
async function recover(lab: Lab, checker: Checker, folder: string): Promise<string | undefined> {
  const { code, stderr } = await runCli([folder, '-q'], { env: lab.env, timeoutMs: PATIENCE_MS })
  const look = await checker.look(folder)
  if (code === 0 && look.right !== null) return undefined
  return `the next start did not bring the new state: exit code ${code}\n${stderr}\n${describeLook(look)}`
}

/** @returns true when it had ended before */
async function interrupt(lab: Lab, folder: string, moment: Moment): Promise<boolean> {
  const failpoint = 'failpoint' in moment ? moment.failpoint : undefined
  const env = { ...lab.env, ...(failpoint !== undefined && { RECONCILE_FAILPOINT: `${failpoint}:kill` }) }
  const { child } = startCli([folder, '-q'], { lab, env })
  if ('afterMs' in moment) {
    await Promise.race([sleep(moment.afterMs), exited(child)])
    child.kill('SIGKILL')
  }
  await exited(child)
  return child.signalCode !== 'SIGKILL'
}

async function mustApply(lab: Lab, folder: string): Promise<void> {
  const { code, stderr } = await runCli([folder, '-q'], { env: lab.env, timeoutMs: PATIENCE_MS })
  if (code !== 0) throw new Error(`reconcile ended with ${code}: ${stderr}`)
}

/**
 * One network with a router between many subnets: each ordered pair has a flow that matches a MAC address, and all of
 * these carry the generation. Gives the folder.
 */
async function writeGeneration(lab: Lab, generation: number, flows: number): Promise<string> {
  const count = subnetsFor(flows)
  const subnets = Array.from({ length: count }, (_, i) => `subnet-${i}`)
  const interfaces = subnets.map((subnet, i) => ({ subnet, macAddress: markedMac(generation, i) }))
  const documents = [
    manifest('Network', 'net', { segmentationId: 7 }),
    ...subnets.map((name, i) =>
      manifest('Subnet', name, { network: 'net', cidr: `10.${i >> 8}.${i & 0xff}.0/24` }),
    ),
    manifest('Router', 'router', { interfaces }),
  ]
  const folder = join(lab.runDir, `generation-${generation}`)
  await mkdir(folder)
  await writeFile(join(folder, 'all.yaml'), documents.join('\n---\n'))
  return folder
}

/** n subnets have n (n - 1) pairs, and nine flows each: of their own, for ARP, echo, errors, and the way to their hosts. */
function subnetsFor(flows: number): number {
  return Math.max(2, Math.round(Math.sqrt(flows + 16) - 4))
}
