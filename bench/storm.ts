// Fifty guests attack at once, each with packets to ever new addresses behind its router, beside a quiet pair: once every
// packet of theirs that asks for the controller is dropped by the switch, once it goes the way of the pipeline.
import { readFileSync } from 'node:fs'
import { loadavg } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { PacketCounts } from '../src/reconcile/packet-counts.js'
import { runCli, startCli, type RunningCli } from '../test/support/cli.js'
import type { Lab } from '../test/support/lab.js'
import { insideArgs } from '../test/support/namespace.js'
import { run } from '../test/support/processes.js'
import { flowStats, punted, writeManifests } from '../test/support/scene.js'
import type { Vm } from '../test/support/vm.js'
import { cpuMs, residentMb } from './packet-in/controllers.js'
import {
  ATTACK_RATE,
  ATTACKERS,
  bootGuests,
  FIRST_ATTACKER_PORT,
  type Guests,
  peerAddress,
  startAttack,
  stormManifests,
} from './storm/guests.js'

const MEASURED_S = 20
const PING_INTERVAL_MS = 10
/** At most; as many as there is time for. */
const FIRST_PINGS = 400
/** A first ping without an answer for so long is lost, and counts as one that took so long. Seconds. */
const PATIENCE_S = 1
const LOST_MS = PATIENCE_S * 1000
const SETTLED_MB_MS = 5_000
const REFUSED_PRIORITY = 95
/** The goals: points of loss, and milliseconds, that the pipeline may cost the quiet pair. */
const GOAL_LOSS = 0.5
const GOAL_FIRST_MS = 50

/** Rows of the table; CPU in percent of a core. */
type Storm = Readonly<Record<keyof typeof ROWS, number>>

const ROWS = {
  lossPercent: 'established: loss, %',
  laterP99: 'established: p99, ms',
  firstP50: 'first pings: p50, ms',
  firstP99: 'first pings: p99, ms',
  firstSent: 'first pings sent',
  firstLost: 'first pings lost',
  sent: 'sent by the attackers, a second',
  asking: 'asked for the controller, a second',
  rateLimited: 'of these dropped by meters, a second',
  packetIns: 'judged by reconcile, a second',
  crowdedOut: 'dropped unseen by reconcile, in all',
  refusedFlows: 'refused flows in the table',
  switchCpu: 'ovs-vswitchd: CPU, %',
  daemonCpu: 'reconcile: CPU, %',
  daemonMbBefore: 'reconcile: memory before, MB',
  daemonMbUnder: 'memory under attack, MB',
  daemonMbAfter: 'memory 5 s after, MB',
  load: 'load of the machine',
} as const

export async function benchStorm(lab: Lab): Promise<void> {
  await lab.addBridge('br-int')
  const guests = await bootGuests(lab)
  const path = await writeManifests(lab, 'net.yaml', stormManifests())
  const warn = await writeManifests(lab, 'conf', ['sync: { onDrift: warn }'])
  const dropped = await withDaemon(lab, [path, '--config', warn], async (daemon) => {
    await dropPunts(lab)
    return measure(lab, daemon, guests, 0)
  })
  const punting = await withDaemon(lab, [path], (daemon) => measure(lab, daemon, guests, 1))
  print(dropped, punting)
}

async function withDaemon(
  lab: Lab,
  args: readonly string[],
  use: (daemon: RunningCli) => Promise<Storm>,
): Promise<Storm> {
  const daemon = startCli(['--watch', ...args], { lab, env: lab.env })
  await daemon.waitForLine(/in sync/, 60_000)
  const storm = await use(daemon)
  await daemon.stop()
  return storm
}

/** Of the attackers alone: the quiet pair still opens connections. */
async function dropPunts(lab: Lab): Promise<void> {
  const flows = Array.from({ length: ATTACKERS }, (_, i) => {
    return `modify_strict table=56,priority=100,in_port=${FIRST_ATTACKER_PORT + i} actions=drop`
  })
  await lab.ofctl('--bundle', 'add-flows', 'br-int', await writeManifests(lab, 'drops', [flows.join('\n')]))
}

/** @param part from 0; each has addresses of the peer of its own */
async function measure(lab: Lab, daemon: RunningCli, guests: Guests, part: number): Promise<Storm> {
  const pids = { daemon: daemon.child.pid ?? 0, switch: switchPid(lab) }
  await guests.quiet.ping('10.2.0.3')
  const daemonMbBefore = residentMb(pids.daemon)
  const before = await countsOf(lab)
  const stopAttack = await startAttack(guests.attackers)
  const begin = performance.now()
  const quiet = await measureQuiet(guests.quiet, part * FIRST_PINGS, pids)
  const under = { daemonMbUnder: residentMb(pids.daemon), refusedFlows: await countRefused(lab) }
  await stopAttack()
  const seconds = (performance.now() - begin) / 1000
  const counts = perSecond(before, await countsOf(lab), seconds)
  await sleep(SETTLED_MB_MS)
  return {
    ...{ ...quiet, ...under, ...counts },
    daemonMbBefore,
    daemonMbAfter: residentMb(pids.daemon),
  }
}

interface Pids {
  readonly daemon: number
  readonly switch: number
}

/** What the quiet pair sees, and what the programs take meanwhile. */
async function measureQuiet(quiet: Vm, from: number, pids: Pids) {
  const [cpu, begin] = [[cpuMs(pids.switch), cpuMs(pids.daemon)], performance.now()]
  const [later, first] = await Promise.all([
    quiet.ping('10.2.0.3', { count: (MEASURED_S * 1000) / PING_INTERVAL_MS, intervalMs: PING_INTERVAL_MS }),
    firstPings(quiet, { from, count: FIRST_PINGS, seconds: MEASURED_S }),
  ])
  const percent = (pid: number, at = 0) => ((cpuMs(pid) - at) / (performance.now() - begin)) * 100
  return {
    ...{ switchCpu: percent(pids.switch, cpu[0]), daemonCpu: percent(pids.daemon, cpu[1]) },
    ...{ lossPercent: (1 - later.received / later.transmitted) * 100, laterP99: at(later.rttsMs, 0.99) },
    ...{ firstP50: at(first, 0.5), firstP99: at(first, 0.99), firstSent: first.length },
    firstLost: lostOf(first),
    load: loadavg()[0] ?? Number.NaN,
  }
}

interface FirstPings {
  /** The first of the peer's addresses that is pinged. */
  readonly from: number
  readonly count: number
  /** How long it may take, and does where `count` is more than there is time for. */
  readonly seconds: number
}

/** Round trips of single pings, each to another address, in milliseconds; by the kernel's clock, as ping has it. */
async function firstPings(quiet: Vm, { from, count, seconds }: FirstPings): Promise<readonly number[]> {
  const addresses = Array.from({ length: count }, (_, i) => peerAddress(from + i))
  const ping = `ping -n -c 1 -W ${PATIENCE_S} $a; sleep 0.02`
  const script = `for a in ${addresses.join(' ')}; do ${ping}; done`
  const until = ['timeout', String(seconds), 'sh', '-c', `${script}; sleep ${seconds}`]
  const { stdout } = await run('ip', insideArgs(quiet.netns, 'env', until), { timeoutMs: 2 * seconds * 1000 })
  const each = stdout.split('--- 10').slice(0, -1)
  return each.map((lines) => Number(/time=([\d.]+) ms/.exec(lines)?.[1] ?? LOST_MS))
}

function lostOf(pings: readonly number[]): number {
  return pings.filter((ms) => ms === LOST_MS).length
}

type Counts = Readonly<Record<'sent' | 'asking' | 'rateLimited' | 'packetIns' | 'crowdedOut', number>>

async function countsOf(lab: Lab): Promise<Counts> {
  const { stdout } = await runCli(['counters', '-o', 'json'], { env: lab.env })
  const { packetIns, verdicts, ports } = JSON.parse(stdout) as PacketCounts
  const rateLimited = (ports ?? []).reduce((sum, port) => sum + (port.rateLimited ?? 0), 0)
  const links = JSON.parse(await lab.ip('-s', '-j', 'link', 'show')) as readonly Link[]
  const sent = links.filter(({ ifname }) => ifname.startsWith('tap-storm'))
  return {
    ...{ packetIns, rateLimited, crowdedOut: verdicts.crowdedOut, asking: await punted(lab) },
    sent: sent.reduce((sum, { stats64 }) => sum + stats64.rx.packets, 0),
  }
}

interface Link {
  readonly ifname: string
  readonly stats64: { readonly rx: { readonly packets: number } }
}

function perSecond(before: Counts, after: Counts, seconds: number): Counts {
  const rate = (what: keyof Counts) => (after[what] - before[what]) / seconds
  return {
    ...{ sent: rate('sent'), asking: rate('asking'), rateLimited: rate('rateLimited') },
    ...{ packetIns: rate('packetIns'), crowdedOut: after.crowdedOut - before.crowdedOut },
  }
}

async function countRefused(lab: Lab): Promise<number> {
  return (await flowStats(lab, 'table=52')).filter(({ priority }) => priority === REFUSED_PRIORITY).length
}

function switchPid(lab: Lab): number {
  return Number(readFileSync(join(lab.runDir, 'ovs-vswitchd.pid'), 'latin1'))
}

function at(samples: readonly number[], part: number): number {
  return samples.toSorted((a, b) => a - b)[Math.floor(samples.length * part)] ?? Number.NaN
}

function print(dropped: Storm, punting: Storm): void {
  console.log(
    `\n${`${ATTACKERS} guests, ${ATTACK_RATE} packets/s each`.padEnd(44)}${cells('dropped', 'pipeline')}`,
  )
  for (const [key, name] of Object.entries(ROWS) as [keyof Storm, string][])
    console.log(`  ${name.padEnd(42)}${cells(digits(dropped[key]), digits(punting[key]))}`)
  goal('points of loss more', punting.lossPercent - dropped.lossPercent, GOAL_LOSS)
  goal('ms more at p99 of first pings', punting.firstP99 - dropped.firstP99, GOAL_FIRST_MS)
}

function goal(what: string, difference: number, most: number): void {
  const verdict = difference <= most ? 'met' : 'MISSED'
  console.log(`  ${what.padEnd(42)}${cells(digits(difference), `at most ${most}: ${verdict}`)}`)
}

function cells(...texts: readonly string[]): string {
  return texts.map((text) => text.padStart(20)).join('')
}

function digits(value: number): string {
  return value.toFixed(Math.abs(value) >= 100 ? 0 : 2)
}
