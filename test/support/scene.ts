// What the integration tests of the daemon have in common: manifests as text, the daemon on a lab, and what the switch
// and the daemon's log say, as records.
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { startCli, type RunningCli } from './cli.js'
import { createLab, type Lab } from './lab.js'
import type { Vm, VmOptions } from './vm.js'
import { waitFor } from './wait.js'

export const VM1 = {
  name: 'vm1',
  interface: 'tap-vm1',
  mac: 'fa:16:3e:00:17:e6',
  ip: '10.1.0.3/24',
  gateway: '10.1.0.1',
} as const satisfies VmOptions

export const VM2 = {
  name: 'vm2',
  interface: 'tap-vm2',
  mac: 'fa:16:3e:cf:4b:ed',
  ip: '10.2.0.3/24',
  gateway: '10.2.0.1',
} as const satisfies VmOptions

export const GATEWAY1_MAC = 'fa:16:3e:c0:8d:8b'
export const GATEWAY2_MAC = 'fa:16:3e:c5:02:4d'

/** A lab with br-int, and the two machines of examples/two-networks plugged into it as ports 11 and 12. */
export async function createTwoVmLab(): Promise<{ readonly lab: Lab; readonly vm1: Vm; readonly vm2: Vm }> {
  const lab = await createLab()
  await lab.addBridge('br-int')
  const [vm1, vm2] = [await lab.addVm(VM1), await lab.addVm(VM2)]
  await vm1.plug({ ofport: 11 })
  await vm2.plug({ ofport: 12 })
  return { lab, vm1, vm2 }
}

/** A manifest as text; JSON is YAML. */
export function manifest(kind: string, name: string, spec: object, labels?: Record<string, string>): string {
  const metadata = { name, ...(labels && { labels }) }
  return JSON.stringify({ apiVersion: 'reconcile/v1', kind, metadata, spec })
}

/** A network with one subnet, called as the network with `-v4` behind. */
export function networkWithSubnet(name: string, segmentationId: number, cidr: string): readonly string[] {
  return [
    manifest('Network', name, { segmentationId }),
    manifest('Subnet', `${name}-v4`, { network: name, cidr }),
  ]
}

/** The port of a VM of the lab, by the name of its interface. */
export function portOf(vm: VmOptions, network: string, labels?: Record<string, string>): string {
  const { ip, mac, interface: tap } = vm
  const fixedIps =
    ip === undefined ? {} : { fixedIps: [{ subnet: `${network}-v4`, ipAddress: ip.split('/')[0] }] }
  return manifest('Port', vm.name, { network, macAddress: mac, interface: tap, ...fixedIps }, labels)
}

/** The network of examples/two-networks. */
export const TWO_NETWORKS: readonly string[] = [
  ...networkWithSubnet('net1', 8002, '10.1.0.0/24'),
  ...networkWithSubnet('net2', 8003, '10.2.0.0/24'),
  manifest('Router', 'r1', {
    interfaces: [
      { subnet: 'net1-v4', macAddress: GATEWAY1_MAC },
      { subnet: 'net2-v4', macAddress: GATEWAY2_MAC },
    ],
  }),
]

/** Writes manifests into a file of the lab and gives its path. */
export async function writeManifests(lab: Lab, name: string, manifests: readonly string[]): Promise<string> {
  const path = join(lab.runDir, name)
  await mkdir(dirname(path), { recursive: true })
  await writeFile(path, manifests.join('\n---\n'))
  return path
}

/** Starts `reconcile --watch` and waits until it has made the switch agree. */
export async function startWatch(
  lab: Lab,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<RunningCli> {
  const daemon = startCli(['--watch', '-v', ...args], { lab, env })
  await daemon.waitForLine(/(in|out of) sync/)
  return daemon
}

export type LogRecord = Readonly<Record<string, unknown>> & { readonly msg: string; readonly level: number }

/** The daemon's log so far. */
export function logOf(daemon: RunningCli): readonly LogRecord[] {
  const lines = daemon.stderr().split('\n')
  return lines.filter(Boolean).map((line) => JSON.parse(line) as LogRecord)
}

/** What the daemon says of its passes so far. */
export function passesOf(daemon: RunningCli): readonly LogRecord[] {
  return logOf(daemon).filter(({ msg }) => /(in|out of) sync/.test(msg))
}

/** Changes the manifests, and waits until the daemon has made a whole pass with what they are then. Gives what it said of it. */
export async function passAfter(daemon: RunningCli, change: () => Promise<unknown>): Promise<LogRecord> {
  const before = passesOf(daemon)
  const old = before.at(-1)?.revision
  await change()
  // One of before may still be under way: what a pass notes on the bridge asks for another one.
  const isNew = ({ revision }: LogRecord): boolean => revision !== old
  return waitFor(() => passesOf(daemon).slice(before.length).find(isNew), { what: 'a pass', everyMs: 20 })
}

/** Ends the daemon and gives what it counted: packet-ins, connections, refusals by reason. */
export async function countersOf(daemon: RunningCli): Promise<Record<string, unknown>> {
  await daemon.stop()
  const last = logOf(daemon).find(({ counters }) => counters !== undefined)
  if (!last) throw new Error('the daemon ended without its counters')
  return last.counters as Record<string, unknown>
}

export interface FlowStats {
  readonly table: number
  readonly priority: number
  readonly cookie: string
  /** Seconds since it was added. */
  readonly duration: number
  readonly packets: number
  /** Seconds; 0 when there is none. */
  readonly idleTimeout: number
  readonly hardTimeout: number
  /** Match and actions. */
  readonly text: string
}

/** The flows of br-int with their counters. */
export async function flowStats(lab: Lab, filter?: string): Promise<readonly FlowStats[]> {
  const selection = filter === undefined ? [] : [filter]
  const dump = await lab.ofctl('--no-names', 'dump-flows', 'br-int', ...selection)
  return dump.split('\n').flatMap((line) => (line.includes('actions=') ? [parseStats(line)] : []))
}

function parseStats(line: string): FlowStats {
  const number = (name: string): number => Number(new RegExp(`\\b${name}=([\\d.]+)`).exec(line)?.[1] ?? 0)
  return {
    table: number('table'),
    priority: number('priority'),
    cookie: /cookie=(\w+)/.exec(line)?.[1] ?? '',
    duration: number('duration'),
    packets: number('n_packets'),
    idleTimeout: number('idle_timeout'),
    hardTimeout: number('hard_timeout'),
    text: line.slice(line.indexOf('priority=')),
  }
}

/** Class "connection" and its feature in the cookie (docs/pipeline.md). */
const CONNECTION_COOKIE = 'cookie=0xdf018a0000000000/0xffffff0000000000'

export async function connectionFlows(lab: Lab): Promise<readonly FlowStats[]> {
  return flowStats(lab, CONNECTION_COOKIE)
}

/** Deletes the flows of all connections, as an operator would by hand. */
export async function deleteConnections(lab: Lab): Promise<void> {
  await lab.ofctl('del-flows', 'br-int', CONNECTION_COOKIE)
}

/** How many packets have been sent to the controller so far. */
export async function punted(lab: Lab, where = 'table=56'): Promise<number> {
  await lab.appctl('revalidator/purge') // the datapath's cache gives up what it has counted
  const flows = (await flowStats(lab, where)).filter(({ priority }) => priority === 100)
  return flows.reduce((sum, { packets }) => sum + packets, 0)
}

/** How many packets of a port have been dropped so far, as it may not send them. */
export async function spoofed(lab: Lab, ofport: number): Promise<number> {
  await lab.appctl('revalidator/purge')
  const flows = await flowStats(lab, `table=2,in_port=${ofport}`)
  return flows.reduce((sum, { packets }) => sum + packets, 0)
}
