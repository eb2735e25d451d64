// What Open vSwitch itself loses when it or its database is restarted, with no reconciler in the way: the flows are put
// back by one `ovs-ofctl --bundle add-flows` as soon as the switch answers.
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type PingWindow, now, type StreamWindow } from './traffic.js'
import type { World } from './world.js'

export interface Floor {
  /** The fault whose floor it is. */
  readonly fault: string
  readonly windows: readonly (readonly [beganS: number, endS: number])[]
}

export interface MeasuredFloor extends Omit<Floor, 'windows'> {
  readonly pings: readonly PingWindow[]
  readonly streams: readonly StreamWindow[]
}

/** Time for answers that come late, and for connections to be back. Milliseconds. */
const CALM_MS = 3_000

/** The daemon is stopped before and started again after it. */
export async function measureFloor(world: World, times: number): Promise<readonly Floor[]> {
  const { daemon, lab, database } = world
  await daemon.stop()
  const file = join(lab.runDir, 'floor-flows')
  await writeFile(file, (await lab.dumpFlows('br-int')).join('\n'))
  const switchd = (signal: NodeJS.Signals) => async (): Promise<void> => {
    await lab.restartSwitchd(signal)
    await lab.ofctl('--bundle', 'add-flows', 'br-int', file)
  }
  const ovsdb = (signal: NodeJS.Signals) => async (): Promise<void> => {
    await database.stop(signal)
    await database.start()
  }
  const floors = [
    await repeat('vswitchd-kill', times, switchd('SIGKILL')),
    await repeat('vswitchd-restart', times, switchd('SIGTERM')),
    await repeat('ovsdb-kill', times, ovsdb('SIGKILL')),
    await repeat('ovsdb-restart', times, ovsdb('SIGTERM')),
  ]
  daemon.start()
  return floors
}

async function repeat(fault: string, times: number, strike: () => Promise<void>): Promise<Floor> {
  const windows: [number, number][] = []
  for (let i = 0; i < times; i++) {
    const began = now()
    await strike()
    await sleep(CALM_MS)
    windows.push([began, now()])
  }
  return { fault, windows }
}
