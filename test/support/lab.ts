// A private Open vSwitch (userspace datapath, no kernel module) in a network namespace of its own, with VMs to plug
// into it. The machine's own Open vSwitch is never touched, no traffic leaves the namespaces made here, and nothing
// is left behind, however the process ends. Needs root. Its sockets are plain files below `runDir`, so programs
// outside the namespace reach the switch with `lab.env` set.
import type { ChildProcess } from 'node:child_process'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { startDatabase, startSwitchDaemon } from './daemons.js'
import { addNamespace, startInside } from './namespace.js'
import { exited, runOrThrow, stop, type StartOptions } from './processes.js'
import { startReaper, type Reaper } from './reaper.js'
import { Vm, type VmOptions } from './vm.js'

export interface LabOptions {
  /** What the database gives as the host's name (external_ids:hostname); `lab` unless given. */
  readonly hostname?: string
}

export interface BridgeOptions {
  /** What the switch does without a controller; `secure` unless given. */
  readonly failMode?: 'secure' | 'standalone'
  /** OpenFlow versions allowed, such as `OpenFlow13` or `OpenFlow13,OpenFlow15`; all unless given. */
  readonly protocols?: string
}

/** Makes a lab with a running switch that has no bridge yet. */
export async function createLab(options: LabOptions = {}): Promise<Lab> {
  // Short on purpose: the path of a unix socket may have 107 bytes.
  const lab = new Lab(await mkdtemp(join(tmpdir(), 'ovsr-')))
  try {
    await lab.boot(options.hostname ?? 'lab')
    return lab
  } catch (error) {
    await lab.destroy()
    throw error
  }
}

export class Lab {
  /** The lab's own name, the beginning of the name of each of its namespaces. */
  readonly prefix: string
  /** The namespace of the switch. */
  readonly netns: string
  /** What makes ovs-* programs and the product find this switch. */
  readonly env: Readonly<Record<'OVS_RUNDIR' | 'OVS_LOGDIR' | 'OVS_DBDIR', string>>
  readonly #reaper: Reaper
  readonly #children: ChildProcess[] = []
  readonly #boots: Promise<Vm>[] = []
  #switchDaemon: ChildProcess | undefined
  #destroyed = false

  /** @param runDir holds the sockets, pidfiles, logs and the database */
  constructor(readonly runDir: string) {
    this.prefix = basename(runDir)
    this.netns = `${this.prefix}-sw`
    this.env = { OVS_RUNDIR: runDir, OVS_LOGDIR: runDir, OVS_DBDIR: runDir }
    this.#reaper = startReaper(this.prefix, runDir)
  }

  /** Called once, by createLab. */
  async boot(hostname: string): Promise<void> {
    await addNamespace(this.netns)
    this.#children.push(await startDatabase(this))
    const ids = [`external_ids:system-id=${this.prefix}`, `external_ids:hostname=${hostname}`]
    await this.vsctl('--no-wait', 'init', '--', 'set', 'Open_vSwitch', '.', ...ids)
    await this.startSwitchd()
  }

  /** Adds a bridge with the userspace datapath. */
  async addBridge(name: string, { failMode = 'secure', protocols }: BridgeOptions = {}): Promise<void> {
    const columns = ['datapath_type=netdev', `fail_mode=${failMode}`]
    if (protocols !== undefined) columns.push(`protocols=${protocols}`)
    await this.vsctl('add-br', name, '--', 'set', 'Bridge', name, ...columns)
  }

  /** Adds br-tun, joined to br-int by patch-tun (port 6 of br-int) and patch-int. */
  async addTunnelBridge(): Promise<void> {
    await this.addBridge('br-tun')
    await this.vsctl(
      ...['add-port', 'br-int', 'patch-tun', '--', 'set', 'Interface', 'patch-tun'],
      ...['type=patch', 'options:peer=patch-int', 'ofport_request=6', '--'],
      ...['add-port', 'br-tun', 'patch-int', '--', 'set', 'Interface', 'patch-int'],
      ...['type=patch', 'options:peer=patch-tun'],
    )
  }

  /** Boots a VM beside the switch; `plug` it to give it a port. */
  async addVm(options: VmOptions): Promise<Vm> {
    if (this.#destroyed) throw new Error(`lab ${this.prefix} is gone`)
    const booting = Vm.boot(this, options)
    this.#boots.push(booting)
    return booting
  }

  /** Runs ovs-vsctl and gives what it printed, without the line end. */
  async vsctl(...args: readonly string[]): Promise<string> {
    return (await runOrThrow('ovs-vsctl', ['--timeout=20', ...args], this)).trimEnd()
  }

  /** Runs ovs-ofctl, in OpenFlow 1.5 unless the arguments say `-O`: in 1.0 it cannot print our flows at all. */
  async ofctl(...args: readonly string[]): Promise<string> {
    const version = args.includes('-O') ? [] : ['-O', 'OpenFlow15']
    return runOrThrow('ovs-ofctl', [...version, ...args], this)
  }

  /** Runs ovs-appctl against ovs-vswitchd. */
  async appctl(...args: readonly string[]): Promise<string> {
    return runOrThrow('ovs-appctl', ['-t', 'ovs-vswitchd', ...args], this)
  }

  /** The flows of a bridge, one a line, without counters and with port numbers; `filter` as ovs-ofctl takes it. */
  async dumpFlows(bridge: string, filter?: string): Promise<string[]> {
    const selection = filter === undefined ? [] : [filter]
    const text = await this.ofctl('--no-stats', '--no-names', 'dump-flows', bridge, ...selection)
    const lines = text.split('\n').map((line) => line.trim())
    return lines.filter((line) => line.includes('actions='))
  }

  /** Starts a program inside the namespace of the switch; it ends with the lab at the latest. */
  spawn(command: string, args: readonly string[], options: StartOptions = {}): ChildProcess {
    const child = startInside(this.netns, command, args, { ...options, env: { ...this.env, ...options.env } })
    this.#children.push(child)
    return child
  }

  /** Starts ovs-vswitchd after stopSwitchd; resolves when all bridges are back. */
  async startSwitchd(): Promise<void> {
    this.#switchDaemon = await startSwitchDaemon(this)
    this.#children.push(this.#switchDaemon)
  }

  /** Ends ovs-vswitchd, and with it all flows; SIGKILL is a crash. */
  async stopSwitchd(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    if (this.#switchDaemon) await stop(this.#switchDaemon, signal)
    this.#switchDaemon = undefined
  }

  async restartSwitchd(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    await this.stopSwitchd(signal)
    await this.startSwitchd()
  }

  /** Runs `ip` on the namespace of the switch. */
  async ip(...args: readonly string[]): Promise<string> {
    return runOrThrow('ip', ['-n', this.netns, ...args])
  }

  /** Removes all of it: VMs, switch, namespaces, run directory. May be called again, and while a VM is booting. */
  async destroy(): Promise<void> {
    this.#destroyed = true
    await Promise.allSettled(this.#boots) // none may add its namespace after the reaper looked
    await this.#reaper.reap()
    await Promise.all(this.#children.map((child) => exited(child)))
  }
}
