// The two programs that a run kills and starts again by itself: the reconciler, and ovsdb-server of the lab.
import type { ChildProcess } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { join } from 'node:path'
import { type RunningCli, startCli } from '../../test/support/cli.js'
import type { Lab } from '../../test/support/lab.js'
import { waitFor } from '../../test/support/wait.js'

export class Daemon {
  readonly #lab: Lab
  readonly #args: readonly string[]
  #running: RunningCli | undefined
  #starts = 0

  /** @param args behind `reconcile --watch` */
  constructor(lab: Lab, args: readonly string[]) {
    this.#lab = lab
    this.#args = args
  }

  get starts(): number {
    return this.#starts
  }

  start(): void {
    this.#starts++
    this.#running = startCli(['--watch', ...this.#args], { lab: this.#lab })
  }

  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    await this.#running?.stop(signal)
    this.#running = undefined
  }

  /** Sends a signal that does not end it. */
  signal(signal: 'SIGSTOP' | 'SIGCONT'): void {
    this.#running?.child.kill(signal)
  }

  /** The end of its log, for people. */
  get lastWords(): string {
    return (this.#running?.stderr() ?? 'it does not run').split('\n').slice(-15).join('\n')
  }

  /** @throws when it does not run; it should never end by itself */
  assertRunning(): void {
    const child = this.#running?.child
    if (child && child.exitCode === null && child.signalCode === null) return
    throw new Error(`the daemon has ended: ${this.lastWords}`)
  }
}

export class Database {
  readonly #lab: Lab
  #child: ChildProcess | undefined

  constructor(lab: Lab) {
    this.#lab = lab
  }

  /** Sends a signal to ovsdb-server. */
  async signal(signal: NodeJS.Signals): Promise<void> {
    process.kill(await this.#pid(), signal)
  }

  /** Ends ovsdb-server; its database stays. */
  async stop(signal: NodeJS.Signals): Promise<void> {
    const pid = await this.#pid()
    process.kill(pid, signal)
    await waitFor(async () => !(await isAlive(pid)), { what: 'the end of ovsdb-server', everyMs: 5 })
  }

  /** Resolves when its socket is there. */
  async start(): Promise<void> {
    const { runDir } = this.#lab
    const socket = join(runDir, 'db.sock')
    this.#child = this.#lab.spawn('ovsdb-server', [
      ...[
        join(runDir, 'conf.db'),
        `--remote=punix:${socket}`,
        '--remote=db:Open_vSwitch,Open_vSwitch,manager_options',
      ],
      ...['--pidfile', `--log-file=${join(runDir, 'ovsdb-server.log')}`, '-vconsole:off'],
    ])
    this.#child.stdout?.resume()
    this.#child.stderr?.resume()
    await waitFor(() => answers(socket), { what: 'ovsdb-server', everyMs: 10 })
  }

  async #pid(): Promise<number> {
    return Number(await readFile(join(this.#lab.runDir, 'ovsdb-server.pid'), 'utf8'))
  }
}

/** A child that has ended is a zombie until its parent has looked, and still takes signal 0. */
async function isAlive(pid: number): Promise<boolean> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')
  return stat !== '' && !stat.includes(') Z ')
}

function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path)
    socket.once('connect', () => resolve(true))
    socket.once('error', () => resolve(false))
    socket.once('connect', () => socket.destroy())
  })
}
