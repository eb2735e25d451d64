// Packet-ins of fake switches, answered by this program and by controllers of other projects, in turns: rate, latency, CPU
// for an answer; then the same program with more and more live connections.
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { median } from './figures.js'
import {
  type Controller,
  controllersFor,
  cpuMs,
  residentMb,
  startController,
  stopController,
} from './packet-in/controllers.js'
import { type Host, makeHosts, manifestsOf } from './packet-in/hosts.js'
import { LoadSwitch } from './packet-in/load-switch.js'
import { packetInTemplate } from './packet-in/wire.js'

const PORT = 16_653
const OPENFLOW_13 = 4
const ROUNDS = 3
/** V8 has compiled by then what is called often. */
const WARM_UP_MS = 5_000
const MEASURED_MS = 3_000
/** What four switches ask for does not come again within the second for which a flow is taken to be on its way. */
const MODES = {
  'one at a time': { switches: 1, window: 1 },
  'one switch': { switches: 1, window: 64 },
  'four switches': { switches: 4, window: 64 },
}
/** A side: 100 make 10,000 pairs, 320 make 102,400. */
const HOSTS = 100
const MANY_HOSTS = 320
const LIVE_STEPS = [10_000, 50_000, 100_000, 200_000, 300_000, 500_000]

interface Load {
  readonly switches: number
  readonly window: number
}

interface Answers {
  readonly perSecond: number
  readonly cpuUs: number
  readonly p50: number
  readonly p99: number
  readonly flowMods: number
  readonly lost: number
}

export async function benchPacketIn(): Promise<void> {
  const results = new Map<string, Answers[]>()
  for (let round = 0; round < ROUNDS; round++) {
    for (const [mode, load] of Object.entries(MODES)) {
      await withControllers(HOSTS, async (controller, hosts) => {
        const answers = await measure(controller, hosts, load)
        const key = `${mode.padEnd(13)} ${controller.name}`
        results.set(key, [...(results.get(key) ?? []), answers])
      })
    }
  }
  print(results)
  await withControllers(MANY_HOSTS, async (controller, hosts) => {
    if (controller.name.startsWith('reconcile')) await measureGrowth(controller, hosts)
  })
}

async function withControllers(
  aSide: number,
  use: (controller: Controller, hosts: ReturnType<typeof makeHosts>) => Promise<void>,
): Promise<void> {
  const hosts = makeHosts(aSide)
  const folder = await mkdtemp(join(tmpdir(), 'packet-in-'))
  try {
    await writeFile(join(folder, 'net.yaml'), manifestsOf(hosts))
    for (const controller of controllersFor(folder, PORT, aSide)) await use(controller, hosts)
  } finally {
    await rm(folder, { recursive: true })
  }
}

async function measure(
  controller: Controller,
  hosts: ReturnType<typeof makeHosts>,
  load: Load,
): Promise<Answers> {
  const child = await startController(controller, PORT)
  const pid = child.pid ?? 0
  const switches = await startSwitches(controller, hosts, load)
  await sleep(WARM_UP_MS)
  for (const each of switches) each.take()
  const cpu = cpuMs(pid)
  const begin = performance.now()
  await sleep(MEASURED_MS)
  const answers = summary(switches, performance.now() - begin, cpuMs(pid) - cpu)
  for (const each of switches) each.stop()
  await stopController(child)
  return answers
}

async function startSwitches(
  controller: Controller,
  { sources, destinations }: ReturnType<typeof makeHosts>,
  { switches: count, window }: Load,
): Promise<readonly LoadSwitch[]> {
  const template = (from: Host, to: Host) => packetInTemplate(OPENFLOW_13, from, to, controller.shape)
  const packetIns = pairs(sources, destinations).flatMap(([from, to]) =>
    controller.learns ? [template(from, to), template(to, from)] : [template(from, to)],
  )
  const switches = Array.from({ length: count }, (_, i) => {
    const options = {
      ...{ endpoint: { kind: 'tcp', host: '127.0.0.1', port: PORT } as const, version: OPENFLOW_13 },
      ...{ datapathId: i + 1, hosts: [...sources, ...destinations], packetIns, window },
    }
    return new LoadSwitch(options, Math.floor((packetIns.length * i) / count))
  })
  await Promise.all(switches.map((each) => each.ready()))
  await sleep(SETTLE_MS)
  for (const each of switches) each.start()
  return switches
}

/** Until a controller has made its first pass. */
const SETTLE_MS = 2_000

/** Both ends vary at once. */
function pairs(sources: readonly Host[], destinations: readonly Host[]): readonly (readonly [Host, Host])[] {
  return destinations.flatMap((_, turn) =>
    sources.map((from, i) => {
      const to = destinations[(i + turn) % destinations.length]
      if (!to) throw new Error('no destination')
      return [from, to] as const
    }),
  )
}

function summary(switches: readonly LoadSwitch[], elapsedMs: number, cpu: number): Answers {
  const samples = switches.map((each) => each.take())
  const latencies = Float64Array.from(samples.flatMap(({ latencies: each }) => each)).sort()
  const sum = (what: 'flowMods' | 'lost') => samples.reduce((total, sample) => total + sample[what], 0)
  const count = Math.max(1, latencies.length)
  return {
    perSecond: (latencies.length / elapsedMs) * 1000,
    cpuUs: (cpu * 1000) / count,
    p50: latencies[Math.floor(count / 2)] ?? Number.NaN,
    p99: latencies[Math.floor(count * 0.99)] ?? Number.NaN,
    flowMods: sum('flowMods') / count,
    lost: sum('lost'),
  }
}

/** One outstanding packet-in at a time costs no less than a turn of both sides, so many at once open the connections. */
async function measureGrowth(controller: Controller, hosts: ReturnType<typeof makeHosts>): Promise<void> {
  const child = await startController(controller, PORT)
  const pid = child.pid ?? 0
  const [load] = await startSwitches(controller, hosts, { switches: 1, window: 64 })
  if (!load) throw new Error('no switch')
  console.log(
    `\n${'live connections, answers'.padEnd(40)}${'rate'.padStart(12)}${'p99'.padStart(12)}${'memory'.padStart(12)}`,
  )
  let answered = 0
  for (const step of LIVE_STEPS) {
    const begin = performance.now()
    const before = answered
    let latencies: number[] = []
    while (answered < step) {
      await sleep(20)
      const sample = load.take()
      latencies = latencies.concat(sample.latencies)
      answered += sample.latencies.length
    }
    const rate = ((answered - before) / (performance.now() - begin)) * 1000
    const p99 = latencies.sort((a, b) => a - b)[Math.floor(latencies.length * 0.99)] ?? Number.NaN
    const live = Math.min(answered, hosts.sources.length ** 2)
    const columns = [`${rate.toFixed(0)}/s`, `${p99.toFixed(2)} ms`, `${residentMb(pid).toFixed(0)} MB`]
    console.log(`${`${live}, ${answered}`.padEnd(40)}${columns.map((each) => each.padStart(12)).join('')}`)
  }
  load.stop()
  await stopController(child)
}

function print(results: ReadonlyMap<string, readonly Answers[]>): void {
  const columns = ['answers/s', 'CPU us each', 'p50 ms', 'p99 ms', 'flow-mods', 'lost']
  console.log(`\n${'packet-ins answered'.padEnd(40)}${columns.map((each) => each.padStart(13)).join('')}`)
  for (const [name, all] of [...results].sort(([a], [b]) => a.localeCompare(b))) {
    const middle = (value: (answers: Answers) => number) => median(all.map(value))
    const cells = [
      ...[middle((each) => each.perSecond).toFixed(0), middle((each) => each.cpuUs).toFixed(1)],
      ...[middle((each) => each.p50).toFixed(3), middle((each) => each.p99).toFixed(3)],
      ...[middle((each) => each.flowMods).toFixed(2), String(middle((each) => each.lost))],
    ]
    console.log(`${name.padEnd(40)}${cells.map((each) => each.padStart(13)).join('')}`)
  }
}
