// A private OVN on a lab's switch: databases, ovn-northd and ovn-controller as children of the lab, and ovn-nbctl as a daemon,
// so that no call has to read the database anew. The logical network is made from manifests.
import type { ChildProcess } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { ManifestSet, Port } from '../../src/manifest/model.js'
import { renderIpv4 } from '../../src/values/ipv4.js'
import type { Lab } from '../../test/support/lab.js'
import { runOrThrow } from '../../test/support/processes.js'
import { waitFor } from '../../test/support/wait.js'

const SCHEMAS = '/usr/share/ovn'
const TIMEOUT_MS = 120_000
/** Arguments of one call. */
const BATCH = 2_000
const SILENT = ['-vconsole:off', '-vsyslog:off']

export class Ovn {
  readonly #lab: Lab
  readonly #children: ChildProcess[] = []

  private constructor(lab: Lab) {
    this.#lab = lab
  }

  /** Starts all but ovn-controller; br-int has to be there. */
  static async start(lab: Lab): Promise<Ovn> {
    const ovn = new Ovn(lab)
    for (const which of ['nb', 'sb']) await ovn.#startDatabase(which)
    const [nb, sb] = [`unix:${ovn.#path('nb.sock')}`, `unix:${ovn.#path('sb.sock')}`]
    await lab.vsctl(
      ...['set', 'Open_vSwitch', '.', `external_ids:ovn-remote=${sb}`, 'external_ids:ovn-encap-type=geneve'],
      ...['external_ids:ovn-encap-ip=127.0.0.1', 'external_ids:ovn-monitor-all=false'],
    )
    await ovn.#run(`--db=${nb}`, 'init')
    await ovn.#run(`--db=${nb}`, `--unixctl=${ovn.#path('nbctl')}`, '--detach', '--no-chdir', ...SILENT)
    ovn.#spawn('ovn-northd', [`--ovnnb-db=${nb}`, `--ovnsb-db=${sb}`, `--unixctl=${ovn.#path('northd')}`])
    return ovn
  }

  /** Of northd, controller and both databases. */
  get pids(): readonly number[] {
    return this.#children.map(({ pid }) => pid ?? 0)
  }

  /** Makes the logical network, and waits until the switch has its flows. */
  async declare(manifests: ManifestSet): Promise<void> {
    const commands = commandsFor(manifests)
    for (let batch: string[] = []; commands.length > 0; batch = []) {
      while (batch.length < BATCH && commands.length > 0) batch.push(...(commands.shift() ?? []), '--')
      await this.nbctl(...batch.slice(0, -1))
    }
    await this.nbctl('--wait=sb', 'sync')
    this.#spawn('ovn-controller', [`unix:${join(this.#lab.runDir, 'db.sock')}`])
    await waitFor(() => this.#hasChassis(), { what: 'ovn-controller to come', timeoutMs: TIMEOUT_MS })
    await this.nbctl('--wait=hv', 'sync')
  }

  async nbctl(...args: readonly string[]): Promise<void> {
    await this.#run('--timeout=100', ...args)
  }

  /** The daemon of ovn-nbctl is no child: the lab does not end it. */
  async stop(): Promise<void> {
    await runOrThrow('ovs-appctl', ['-t', this.#path('nbctl'), 'exit'])
  }

  async #startDatabase(which: string): Promise<void> {
    const [database, socket] = [this.#path(`${which}.db`), this.#path(`${which}.sock`)]
    await runOrThrow('ovsdb-tool', ['create', database, join(SCHEMAS, `ovn-${which}.ovsschema`)])
    this.#spawn('ovsdb-server', [
      ...[database, `--remote=punix:${socket}`, `--unixctl=${this.#path(`${which}.ctl`)}`],
    ])
    await waitFor(() => existsSync(socket), { what: socket })
  }

  /** Nobody waits for a switch that is not known yet. */
  async #hasChassis(): Promise<boolean> {
    const args = [`--db=unix:${this.#path('sb.sock')}`, '--bare', '--columns=name', 'list', 'Chassis']
    return (await runOrThrow('ovn-sbctl', args)).trim() !== ''
  }

  #spawn(command: string, args: readonly string[]): void {
    const env = { OVN_RUNDIR: this.#lab.runDir }
    const child = this.#lab.spawn(command, [...args, ...SILENT], { env })
    child.stdout?.resume()
    child.stderr?.resume()
    this.#children.push(child)
  }

  async #run(...args: readonly string[]): Promise<void> {
    const daemon = this.#path('nbctl')
    const env = { ...this.#lab.env, ...(existsSync(daemon) && { OVN_NB_DAEMON: daemon }) }
    await runOrThrow('ovn-nbctl', args, { env, timeoutMs: TIMEOUT_MS })
  }

  #path(name: string): string {
    return join(this.#lab.runDir, `ovn-${name}`)
  }
}

/** What adds a port. */
export function addPort({ name, network, macAddress, fixedIps }: Port): readonly string[] {
  const addresses = [macAddress, ...fixedIps.map(({ ipAddress }) => renderIpv4(ipAddress))].join(' ')
  return ['lsp-add', network, name, '--', 'lsp-set-addresses', name, addresses]
}

function commandsFor({ networks, subnets, routers, ports }: ManifestSet): (readonly string[])[] {
  const subnetNamed = new Map(subnets.map((subnet) => [subnet.name, subnet]))
  const legs = routers.flatMap(({ name, interfaces }) =>
    interfaces.map(({ subnet, ipAddress, macAddress }) => {
      const { network = '', cidr } = subnetNamed.get(subnet) ?? {}
      const [leg, peer] = [`${name}-${network}`, `${network}-${name}`]
      const address = `${renderIpv4(ipAddress)}/${cidr?.prefixLength ?? 0}`
      return [
        ...['lrp-add', name, leg, macAddress, address, '--', 'lsp-add', network, peer, '--'],
        ...['lsp-set-type', peer, 'router', '--', 'lsp-set-addresses', peer, 'router', '--'],
        ...['lsp-set-options', peer, `router-port=${leg}`],
      ]
    }),
  )
  return [
    ...networks.map(({ name }) => ['ls-add', name]),
    ...routers.map(({ name }) => ['lr-add', name]),
    ...legs,
    ...ports.map(addPort),
  ]
}
