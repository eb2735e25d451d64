// An etcd cluster with a member on each of some nodes of a lab, in their management network.
import type { ChildProcess } from 'node:child_process'
import { join } from 'node:path'
import type { LabNode } from './cluster-lab.js'
import { insideArgs } from './namespace.js'
import { collect, runOrThrow, stop } from './processes.js'
import { waitFor } from './wait.js'

export class EtcdMembers {
  readonly #nodes: readonly LabNode[]
  readonly #running = new Map<LabNode, ChildProcess>()

  private constructor(nodes: readonly LabNode[]) {
    this.#nodes = nodes
  }

  /** Starts a member on each node; resolves when all serve. */
  static async start(nodes: readonly LabNode[]): Promise<EtcdMembers> {
    const members = new EtcdMembers(nodes)
    await Promise.all(nodes.map((node) => members.start(node)))
    return members
  }

  /** What `--etcd` takes. */
  get urls(): string {
    return this.#nodes.map(clientUrl).join()
  }

  /** Starts the member of a node, again if it was stopped: it goes on with what it stored. */
  async start(node: LabNode): Promise<void> {
    const child = node.lab.spawn('etcd', this.#args(node))
    this.#running.set(node, child)
    const log = collect(child.stderr)
    child.stdout?.resume()
    await waitFor(() => log().includes('serving client traffic') || child.exitCode !== null, {
      what: `the etcd member of ${node.name}`,
      timeoutMs: 20_000,
    })
    if (child.exitCode !== null) throw new Error(`etcd of ${node.name} ended: ${log().slice(-500)}`)
  }

  /** Ends the member of a node. */
  async stop(node: LabNode, signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    const child = this.#running.get(node)
    if (child) await stop(child, signal)
    this.#running.delete(node)
  }

  /** The node whose member leads, as a running member says. */
  async leader(): Promise<LabNode> {
    return waitFor(() => this.#findLeader(), { what: 'a leader of etcd', timeoutMs: 20_000 })
  }

  async #findLeader(): Promise<LabNode | undefined> {
    for (const node of this.#running.keys()) {
      const { header, leader } = await maintenanceStatus(node)
      if (header.member_id === leader) return node
    }
    return undefined
  }

  #args(node: LabNode): readonly string[] {
    const cluster = this.#nodes.map((member) => `${member.name}=${peerUrl(member)}`).join()
    return [
      ...['--name', node.name, '--data-dir', join(node.lab.runDir, 'etcd'), '--logger=zap'],
      ...['--listen-client-urls', clientUrl(node), '--advertise-client-urls', clientUrl(node)],
      ...['--listen-peer-urls', peerUrl(node), '--initial-advertise-peer-urls', peerUrl(node)],
      ...['--initial-cluster', cluster, '--initial-cluster-state=new'],
    ]
  }
}

function clientUrl({ managementIp }: LabNode): string {
  return `http://${managementIp}:2379`
}

function peerUrl({ managementIp }: LabNode): string {
  return `http://${managementIp}:2380`
}

interface MaintenanceStatus {
  readonly header: { readonly member_id: string }
  readonly leader: string
}

const ASK = `
const answer = await fetch(process.argv[1], { method: 'POST', body: '{}' })
console.log(await answer.text())
`

async function maintenanceStatus(node: LabNode): Promise<MaintenanceStatus> {
  const url = `${clientUrl(node)}/v3/maintenance/status`
  const args = insideArgs(node.lab.netns, process.execPath, ['--input-type=module', '-e', ASK, url])
  return JSON.parse(await runOrThrow('ip', args, { timeoutMs: 3000 })) as MaintenanceStatus
}
