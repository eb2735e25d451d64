// The controllers that are compared, each as a process of its own: ours, and those of other projects where this machine has
// them.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { CLI } from '../../test/support/cli.js'
import type { PuntShape } from './wire.js'

export interface Controller {
  readonly name: string
  readonly command: string
  readonly args: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  readonly shape: PuntShape
  /** It learns where hosts are, so both ends of a pair have to speak. */
  readonly learns: boolean
}

const HOST = '127.0.0.1'
const ROUTED: PuntShape = { tableId: 52, reason: 1, toHost: false }
const SWITCHED: PuntShape = { tableId: 0, reason: 0, toHost: true }
const PATIENCE_MS = 30_000

/** @param folder holds the manifests, and takes the sockets */
export function controllersFor(folder: string, port: number, aSide: number): readonly Controller[] {
  const listen = `tcp:${HOST}:${port}`
  const ours: Controller = {
    name: 'reconcile --listen',
    command: process.execPath,
    args: [CLI, '--watch', folder, '--listen', listen, '--sweep-interval', '0', '--socket', `${folder}/s`],
    ...{ shape: ROUTED, learns: false },
  }
  const learning: Controller = {
    name: 'ovs-testcontroller (C)',
    command: 'ovs-testcontroller',
    args: ['-vconsole:off', '-vsyslog:off', `--unixctl=${folder}/t`, `ptcp:${port}:${HOST}`],
    ...{ shape: SWITCHED, learns: true },
  }
  const osKen: Controller = {
    name: 'os-ken (Python)',
    command: 'osken-manager',
    args: ['--ofp-listen-host', HOST, '--ofp-tcp-listen-port', String(port), OS_KEN_APP],
    env: { HOSTS: String(aSide) },
    ...{ shape: ROUTED, learns: false },
  }
  return [ours, ...[learning, osKen].filter(({ command }) => isThere(command))]
}

const OS_KEN_APP = fileURLToPath(new URL('os_ken_app.py', import.meta.url))

export function isThere(command: string): boolean {
  try {
    execFileSync('sh', ['-c', `command -v ${command}`], { stdio: 'ignore' })
    return true
  } catch {
    console.log(`${command} is not installed and is left out`)
    return false
  }
}

export async function startController(
  { command, args, env }: Controller,
  port: number,
): Promise<ChildProcess> {
  const child = spawn(command, args, { env: { ...process.env, ...env }, stdio: 'ignore' })
  const deadline = performance.now() + PATIENCE_MS
  while (!(await answers(port))) {
    if (performance.now() > deadline || child.exitCode !== null) throw new Error(`${command} does not listen`)
    await sleep(100)
  }
  return child
}

export async function stopController(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return
  child.kill()
  await once(child, 'exit')
}

async function answers(port: number): Promise<boolean> {
  const socket = connect(port, HOST)
  try {
    await once(socket, 'connect')
    return true
  } catch {
    return false
  } finally {
    socket.destroy()
  }
}

/** Milliseconds of CPU that all threads of a process have had. */
export function cpuMs(pid: number): number {
  const nanoseconds = readdirSync(`/proc/${pid}/task`).map((task) =>
    Number(readFileSync(`/proc/${pid}/task/${task}/schedstat`, 'latin1').split(' ')[0]),
  )
  return nanoseconds.reduce((sum, each) => sum + each, 0) / 1e6
}

/** Megabytes of memory that a process has. */
export function residentMb(pid: number): number {
  return Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1]) / 1024
}
