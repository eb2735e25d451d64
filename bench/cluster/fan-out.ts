// One daemon with --listen and 32 switches that only say they are some: from `git commit` until the last of them has its
// flow-mods. They stand for 32 nodes, whose work one process has to do here.
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { FlowEvents } from '../../test/support/flow-events.js'
import { printFigure, printHeading } from '../figures.js'
import {
  controllersFor,
  cpuMs,
  residentMb,
  startController,
  stopController,
} from '../packet-in/controllers.js'
import { makeHosts, manifestsOf, type Hosts } from '../packet-in/hosts.js'
import { LoadSwitch } from '../packet-in/load-switch.js'
import { OPENFLOW_15 } from '../packet-in/wire.js'
import { lastChange, openDesk } from './desk.js'
import { ROUNDS, SITE } from './scene.js'

const SWITCHES = 32
/** In each of the two networks, of each switch. */
const PORTS = 5
const PORT = 16_654
/** Between two looks at what has come. */
const LOOK_MS = 1

export async function benchFanOut(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'fan-out-'))
  const hosts = makeHosts(SWITCHES * PORTS)
  try {
    await writeFile(join(folder, SITE), manifestsOf(hosts))
    const desk = await openDesk(folder)
    const [controller] = controllersFor(folder, PORT, 0)
    if (!controller) throw new Error('no controller')
    const daemon = await startController(controller, PORT)
    const switches = Array.from({ length: SWITCHES }, (_, i) => new CountingSwitch(i, hosts))
    await lastChange(switches, 0)
    const [samples, cpu]: [number[], number[]] = [[], []]
    for (let i = 0; i < ROUNDS; i++) {
      const before = cpuMs(daemon.pid ?? 0)
      const { begun } = await desk.publish(SITE, manifestsOf(hosts, i % 2 === 0 ? 'proactive' : 'reactive'))
      samples.push((await lastChange(switches, begun)) - begun)
      cpu.push(cpuMs(daemon.pid ?? 0) - before)
    }
    print(switches, residentMb(daemon.pid ?? 0), samples, cpu)
    for (const each of switches) each.stop()
    await stopController(daemon)
    await rm(desk.path, { recursive: true })
  } finally {
    await rm(folder, { recursive: true })
  }
}

function print(
  switches: readonly CountingSwitch[],
  memory: number,
  samples: readonly number[],
  cpu: readonly number[],
): void {
  const flowMods = switches.reduce((sum, each) => sum + each.flowMods, 0)
  printHeading(`${SWITCHES} simulated switches of ${2 * PORTS} ports, one daemon`)
  printFigure({ name: 'git commit to the last flow-mod, a Router edited', samples })
  printFigure({ name: 'CPU of the daemon for that', samples: cpu })
  console.log(
    `  ${Math.round(flowMods / SWITCHES)} flow-mods a switch in all; the daemon has ${memory.toFixed(0)} MB`,
  )
}

/** A switch that notes when flow-mods came last. */
class CountingSwitch implements Pick<FlowEvents, 'last'> {
  readonly #switch: LoadSwitch
  readonly #timer: NodeJS.Timeout
  #last: number | undefined
  flowMods = 0

  constructor(index: number, { sources, destinations }: Hosts) {
    const own = [index * PORTS, (index + 1) * PORTS] as const
    this.#switch = new LoadSwitch(
      {
        ...{ endpoint: { kind: 'tcp', host: '127.0.0.1', port: PORT }, version: OPENFLOW_15 },
        ...{ datapathId: index + 1, hosts: [...sources.slice(...own), ...destinations.slice(...own)] },
        ...{ packetIns: [], window: 0 },
      },
      0,
    )
    this.#timer = setInterval(() => this.#look(), LOOK_MS)
  }

  last(): number | undefined {
    return this.#last
  }

  stop(): void {
    clearInterval(this.#timer)
    this.#switch.stop()
  }

  #look(): void {
    const { flowMods } = this.#switch.take()
    if (flowMods > 0) this.#last = Date.now()
    this.flowMods += flowMods
  }
}
