// Several machines with a switch each, on one: every node is a lab of its own (lab.ts) with a tunnel address on br-phy,
// which a cable joins to an underlay network, and an address in a management network, by which its programs reach
// each other. Both networks are bridges of a further namespace, so a test can cut a cable, or put frames on it.
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { createLab, type Lab } from './lab.js'
import { addNamespace, insideArgs } from './namespace.js'
import { runOrThrow } from './processes.js'
import { startReaper, type Reaper } from './reaper.js'
import { sendFramesFrom } from './traffic.js'
import type { PlugOptions, Vm } from './vm.js'

/** Bridges in the namespace of the cables. */
const UNDERLAY = 'underlay'
const MANAGEMENT = 'management'

/** A machine of the cluster. */
export interface LabNode {
  /** `node-a`, `node-b`... also the host name in its database. */
  readonly name: string
  /** Its address in the underlay, on br-phy. */
  readonly tunnelIp: string
  /** Of br-phy. */
  readonly tunnelMac: string
  /** Its address in the management network, on mgmt0. */
  readonly managementIp: string
  readonly lab: Lab
}

/** Makes `count` nodes, each with br-phy alone. @param count 1 to 26 */
export async function createClusterLab(count: number): Promise<ClusterLab> {
  const cluster = new ClusterLab(await mkdtemp(join(tmpdir(), 'ovsr-')))
  try {
    await cluster.boot(count)
    return cluster
  } catch (error) {
    await cluster.destroy()
    throw error
  }
}

export class ClusterLab {
  /** The namespace of the cables. */
  readonly netns: string
  readonly nodes: LabNode[] = []
  readonly #reaper: Reaper

  /** @param runDir for what belongs to no single node */
  constructor(readonly runDir: string) {
    const prefix = basename(runDir)
    this.netns = `${prefix}-net`
    this.#reaper = startReaper(prefix, runDir)
  }

  /** Called once, by createClusterLab. */
  async boot(count: number): Promise<void> {
    await addNamespace(this.netns)
    for (const bridge of [UNDERLAY, MANAGEMENT]) {
      await this.#ip('link', 'add', bridge, 'type', 'bridge')
      await this.#ip('link', 'set', bridge, 'up')
    }
    const boots = Array.from({ length: count }, (_, index) => this.#addNode(index))
    await Promise.allSettled(boots) // a lab that comes up when this one is being removed would be left
    await Promise.all(boots)
    this.nodes.sort((a, b) => (a.name < b.name ? -1 : 1))
    for (const node of this.nodes) await this.warm(node)
  }

  node(name: string): LabNode {
    const found = this.nodes.find((node) => node.name === name)
    if (!found) throw new Error(`no node ${name}`)
    return found
  }

  /** Tells a node's switch the MAC addresses of the others: it drops the first packet to each that it must ask for. */
  async warm({ lab, name }: LabNode): Promise<void> {
    const peers = this.nodes.filter((peer) => peer.name !== name)
    for (const peer of peers) {
      await lab.appctl('tnl/neigh/set', 'br-phy', peer.tunnelIp, peer.tunnelMac)
    }
  }

  /** Pulls the cable between a node and the underlay. */
  async cut({ name }: LabNode): Promise<void> {
    await this.#ip('link', 'set', name, 'down')
  }

  async mend({ name }: LabNode): Promise<void> {
    await this.#ip('link', 'set', name, 'up')
  }

  /** Pulls or mends the cable between a node and the management network. */
  async setManagement({ name }: LabNode, state: 'up' | 'down'): Promise<void> {
    await this.#ip('link', 'set', `${name}-m`, state)
  }

  /** Live migration: the VM goes on, with a port of the same ids on another node. */
  async move(vm: Vm, to: LabNode, plug: PlugOptions = {}): Promise<void> {
    await vm.moveTo(to.lab)
    await vm.plug(plug)
  }

  /** Ends a node's switch and starts it again. The tunnel address is the operator's to restore: it went with br-phy. */
  async restartSwitchd(node: LabNode, signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    await node.lab.restartSwitchd(signal)
    await setTunnelAddress(node)
    await this.warm(node)
  }

  /** Puts frames on the cable to a node, as if the underlay had sent them. */
  async inject({ name }: LabNode, ...frames: readonly Buffer[]): Promise<void> {
    await sendFramesFrom(this.netns, name, frames)
  }

  /** Removes all of it. */
  async destroy(): Promise<void> {
    await Promise.all(this.nodes.map(({ lab }) => lab.destroy()))
    await this.#reaper.reap()
  }

  async #addNode(index: number): Promise<void> {
    const name = `node-${String.fromCharCode('a'.charCodeAt(0) + index)}`
    const lab = await createLab({ hostname: name })
    const node = {
      name,
      tunnelIp: `192.0.2.${11 + index}`, // RFC 5737, section 3: addresses for documentation
      tunnelMac: `02:ff:00:00:00:${(11 + index).toString(16).padStart(2, '0')}`,
      managementIp: `198.51.100.${11 + index}`,
      lab,
    }
    this.nodes.push(node)
    await this.#addCable(lab, { name, bridge: UNDERLAY, device: 'eth0' })
    await this.#addCable(lab, { name: `${name}-m`, bridge: MANAGEMENT, device: 'mgmt0' })
    await lab.ip('addr', 'add', `${node.managementIp}/24`, 'dev', 'mgmt0')
    await addUnderlayBridge(node)
  }

  async #addCable(
    lab: Lab,
    { name, bridge, device }: Record<'name' | 'bridge' | 'device', string>,
  ): Promise<void> {
    await this.#ip('link', 'add', name, 'type', 'veth', 'peer', 'name', device, 'netns', lab.netns)
    await this.#ip('link', 'set', name, 'master', bridge, 'up')
    await lab.ip('link', 'set', device, 'up')
    // The userspace datapath does not complete checksums that the kernel left for a network card.
    await runOrThrow('ip', insideArgs(lab.netns, 'ethtool', ['-K', device, 'tx', 'off']))
  }

  async #ip(...args: readonly string[]): Promise<string> {
    return runOrThrow('ip', ['-n', this.netns, ...args])
  }
}

/** br-phy stands for the machine's own network: the userspace datapath sends tunnels out where their address is. */
async function addUnderlayBridge(node: LabNode): Promise<void> {
  const { lab, tunnelMac } = node
  await answerArpWhereTheAddressIs(lab)
  await lab.addBridge('br-phy', { failMode: 'standalone' })
  const address = `other_config:hwaddr="${tunnelMac}"`
  await lab.vsctl('set', 'Bridge', 'br-phy', address, '--', 'add-port', 'br-phy', 'eth0')
  await setTunnelAddress(node)
}

/**
 * The userspace datapath leaves frames to the kernel, too, which answers ARP for any of its addresses on any interface: the
 * NIC would answer beside br-phy, and tunnels to its MAC address are lost.
 */
async function answerArpWhereTheAddressIs({ netns }: Lab): Promise<void> {
  const script = 'echo 1 >/proc/sys/net/ipv4/conf/all/arp_ignore'
  await runOrThrow('ip', insideArgs(netns, 'sh', ['-c', script]))
}

async function setTunnelAddress({ lab, tunnelIp }: LabNode): Promise<void> {
  await lab.ip('addr', 'replace', `${tunnelIp}/24`, 'dev', 'br-phy')
  await lab.ip('link', 'set', 'br-phy', 'up')
}
