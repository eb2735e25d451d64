// A VM of the lab: a namespace of its own, joined by a veth pair to the namespace of the switch. Its end of the pair
// is eth0; the switch's end bears the name of the tap device that a hypervisor would have made.
import type { Lab } from './lab.js'
import { startCapture, type Capture } from './capture.js'
import { addNamespace, insideArgs } from './namespace.js'
import { parsePing, type PingResult } from './ping.js'
import { run, runOrThrow } from './processes.js'

export interface VmOptions {
  /** Unique in the lab; also part of the namespace's name. */
  readonly name: string
  /** The interface's name on the switch, at most 15 characters. */
  readonly interface: string
  readonly mac: string
  /** Address with prefix length, such as 10.1.0.3/24; none unless given. */
  readonly ip?: string
  readonly gateway?: string
  /** IPv6 is off unless asked for, so that no neighbour discovery strays into a capture. */
  readonly ipv6?: boolean
  /** Bytes in an IP packet at most; 1500 unless given. */
  readonly mtu?: number
}

export interface PlugOptions {
  /** br-int unless given. */
  readonly bridge?: string
  /** The OpenFlow port number to ask for. */
  readonly ofport?: number
  readonly externalIds?: Readonly<Record<string, string>>
}

export interface PingOptions {
  /** Echo requests to send; 3 unless given. */
  readonly count?: number
  /** Milliseconds between two requests; 200 unless given. */
  readonly intervalMs?: number
  /** Seconds to wait for the reply to the last request; 1 unless given. */
  readonly timeoutS?: number
}

export class Vm {
  readonly name: string
  readonly interface: string
  readonly netns: string
  #lab: Lab

  private constructor(lab: Lab, options: VmOptions) {
    this.#lab = lab
    this.name = options.name
    this.interface = options.interface
    this.netns = `${lab.prefix}-${options.name}`
  }

  /** Boots a VM: namespace, link and addresses. Its port is on no bridge yet. */
  static async boot(lab: Lab, options: VmOptions): Promise<Vm> {
    const vm = new Vm(lab, options)
    await addNamespace(vm.netns, { ipv6: options.ipv6 ?? false })
    await lab.ip('link', 'add', vm.interface, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', vm.netns)
    const mtu = String(options.mtu ?? 1500)
    await lab.ip('link', 'set', vm.interface, 'mtu', mtu, 'up')
    await vm.ip('link', 'set', 'eth0', 'address', options.mac, 'mtu', mtu, 'up')
    // The userspace datapath does not complete checksums that the kernel left for a network card.
    await vm.exec('ethtool', '-K', 'eth0', 'tx', 'off')
    if (options.ip !== undefined) await vm.setAddress(options.ip, options.gateway)
    return vm
  }

  /** Replaces the VM's IPv4 address and default route. */
  async setAddress(ip: string, gateway?: string): Promise<void> {
    await this.ip('-4', 'addr', 'flush', 'dev', 'eth0')
    await this.ip('addr', 'add', ip, 'dev', 'eth0')
    if (gateway !== undefined) await this.ip('route', 'add', 'default', 'via', gateway)
  }

  /** Puts the VM's interface on a bridge; gives the OpenFlow port number it got. */
  async plug({ bridge = 'br-int', ofport, externalIds = {} }: PlugOptions = {}): Promise<number> {
    const ids = Object.entries(externalIds).map(
      ([key, value]) => `external_ids:${key}=${JSON.stringify(value)}`,
    )
    const columns = [...(ofport === undefined ? [] : [`ofport_request=${ofport}`]), ...ids]
    const settings = columns.length === 0 ? [] : ['--', 'set', 'Interface', this.interface, ...columns]
    await this.#lab.vsctl('add-port', bridge, this.interface, ...settings)
    return Number(await this.#lab.vsctl('get', 'Interface', this.interface, 'ofport'))
  }

  /** Takes the VM's interface off its bridge; the link itself stays. */
  async unplug(): Promise<void> {
    await this.#lab.vsctl('del-port', this.interface)
  }

  /**
   * Takes the VM, which keeps running, to the switch of another lab, as a live migration does: off its bridge there, and
   * its link moves here. `plug` it to give it a port.
   */
  async moveTo(lab: Lab): Promise<void> {
    // A hypervisor does not let a guest see that its link goes; here it does, and must not forget its neighbours for it.
    const file = '/proc/sys/net/ipv4/conf/eth0/arp_evict_nocarrier' // Linux 5.16
    await this.exec('sh', '-c', `[ ! -e ${file} ] || echo 0 >${file}`)
    await this.unplug()
    await this.#lab.ip('link', 'set', this.interface, 'netns', lab.netns)
    this.#lab = lab
    await lab.ip('link', 'set', this.interface, 'up')
  }

  /** Pings an address. Lost packets are a result; that ping cannot even send is an error. */
  async ping(address: string, options: PingOptions = {}): Promise<PingResult> {
    const { count = 3, intervalMs = 200, timeoutS = 1 } = options
    const args = ['-n', '-c', String(count), '-i', String(intervalMs / 1000), '-W', String(timeoutS), address]
    const timeoutMs = count * intervalMs + timeoutS * 1000 + 20_000
    const { stdout, stderr } = await run('ip', insideArgs(this.netns, 'ping', args), { timeoutMs })
    return parsePing(stdout || stderr)
  }

  /** Runs a command in the VM and gives what it printed. Throws when it fails. */
  async exec(command: string, ...args: readonly string[]): Promise<string> {
    return runOrThrow('ip', insideArgs(this.netns, command, args))
  }

  /** Starts to record the frames on eth0 that match a tcpdump filter, both directions. */
  async capture(filter: string): Promise<Capture> {
    return startCapture(this.netns, 'eth0', filter)
  }

  private async ip(...args: readonly string[]): Promise<void> {
    await runOrThrow('ip', ['-n', this.netns, ...args])
  }
}
