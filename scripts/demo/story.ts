// The demo's steps, told as they happen on a real switch. What it shows is read from the switch, never assumed:
// every effect is awaited by looking at the flow table.
import { join } from 'node:path'
import { runCli, startCli, type RunningCli } from '../../test/support/cli.js'
import type { Lab } from '../../test/support/lab.js'
import { exited } from '../../test/support/processes.js'
import type { Vm } from '../../test/support/vm.js'
import { waitFor } from '../../test/support/wait.js'
import { diffFlowTables, mentions, parseFlow, type ShownFlow } from './flow-table.js'
import { command, printChanges, printFlows, printPing, say, step } from './printer.js'
import { createRepository, replaceAddress } from './repository.js'

const VM1 = {
  name: 'vm1',
  interface: 'tap-vm1',
  mac: 'fa:16:3e:00:17:e6',
  ip: '10.1.0.3/24',
  gateway: '10.1.0.1',
}
const VM2 = {
  name: 'vm2',
  interface: 'tap-vm2',
  mac: 'fa:16:3e:cf:4b:ed',
  ip: '10.2.0.3/24',
  gateway: '10.2.0.1',
}
const OLD_ADDRESS = '10.1.0.3'
const NEW_ADDRESS = '10.1.0.33'

/** Where connections between subnets are routed. */
const ROUTING_TABLE = 52
const PINGS = { count: 5, intervalMs: 200 }

interface Scene {
  readonly lab: Lab
  readonly vm1: Vm
  readonly vm2: Vm
  /** The repository of manifests. */
  readonly folder: string
  /** Aborted when the demo shall end early: at the latest the next step then throws. */
  readonly signal: AbortSignal
}

/** Plays the whole demo; true when no packet was lost and the last dry run found nothing to do. */
export async function tellStory(lab: Lab, interruption: AbortSignal): Promise<boolean> {
  const network = await buildNetwork(lab, interruption)
  const folder = join(lab.runDir, 'manifests')
  await showManifests(folder, interruption)
  const watcher = startCli(['--watch', folder], { lab })
  const signal = AbortSignal.any([interruption, endOf(watcher)])
  try {
    return await showReconciling({ lab, ...network, folder, signal })
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    throw new Error(`${message}\nThe reconciler's last words:\n${lastLines(watcher)}`, { cause: error })
  } finally {
    await watcher.stop()
  }
}

async function showReconciling(scene: Scene): Promise<boolean> {
  const bare = await showFirstPass(scene)
  const firstLoss = await showFirstPing(scene)
  const connected = await showReactiveFlows(scene, bare)
  await showEdit(scene, connected)
  const secondLoss = await showSecondPing(scene)
  const nothingToDo = await showDryRun(scene)
  return firstLoss === 0 && secondLoss === 0 && nothingToDo
}

/** Aborts when the program ends, which it never should by itself. */
function endOf(watcher: RunningCli): AbortSignal {
  const end = new AbortController()
  void exited(watcher.child).then((code) => {
    end.abort(new Error(`reconcile --watch ended with ${code ?? 'a signal'}.`))
  })
  return end.signal
}

/** Opens a step, unless the demo shall end: between two steps it can do so in good order. */
function begin(signal: AbortSignal, title: string, explanation: string): void {
  signal.throwIfAborted()
  step(title, explanation)
}

async function buildNetwork(lab: Lab, signal: AbortSignal): Promise<{ vm1: Vm; vm2: Vm }> {
  begin(
    signal,
    'A private Open vSwitch with two VMs',
    'In network namespaces of its own; nothing else on this machine is touched.',
  )
  await lab.addBridge('br-int')
  await lab.addTunnelBridge()
  const vm1 = await lab.addVm(VM1)
  const vm2 = await lab.addVm(VM2)
  await vm1.plug({ ofport: 11 })
  await vm2.plug({ ofport: 12 })
  for (const { name, interface: device, ip, mac } of [VM1, VM2]) say(`   ${name}  ${device}  ${ip}  ${mac}`)
  say(`   br-int has ${(await readFlows(lab)).length} flows and fail_mode=secure: nothing passes yet`)
  return { vm1, vm2 }
}

async function showManifests(folder: string, signal: AbortSignal): Promise<void> {
  begin(
    signal,
    'Manifests in git',
    'Two networks, a subnet each, one router, two ports: a copy of examples/two-networks.',
  )
  const files = await createRepository(folder)
  say(`   ${files.join('  ')}`)
}

async function showFirstPass(scene: Scene): Promise<ShownFlow[]> {
  begin(
    scene.signal,
    'The reconciler starts',
    'It compiles the manifests to flows, compares them with the switch and applies the difference.',
  )
  command('reconcile --watch manifests')
  const claimed = (flows: readonly ShownFlow[]): boolean =>
    ['in_port=11', 'in_port=12'].every((port) => flows.some(({ match }) => match.split(',').includes(port)))
  const flows = await settledFlows(scene, claimed, 'the flows of both ports')
  command('ovs-ofctl -O OpenFlow15 --no-stats dump-flows br-int')
  printFlows(flows)
  return flows
}

async function showFirstPing({ vm2, signal }: Scene): Promise<number> {
  begin(
    signal,
    'VM2 pings VM1',
    'No flow for this pair exists yet: the first packet goes to the controller, which sets up both directions.',
  )
  return showPing(vm2, OLD_ADDRESS)
}

async function showReactiveFlows(scene: Scene, bare: readonly ShownFlow[]): Promise<ShownFlow[]> {
  begin(
    scene.signal,
    'Table 52 after the ping; the others are as before',
    'New are the flows of this connection, one a direction. They go when they have been idle for a while.',
  )
  const flows = await settledFlows(
    scene,
    (now) => diffFlowTables(bare, now).length >= 2,
    'the flows of the connection',
  )
  const isRouting = ({ table }: ShownFlow): boolean => table === ROUTING_TABLE
  printFlows(flows.filter(isRouting), diffFlowTables(bare, flows))
  return flows
}

async function showEdit(scene: Scene, before: readonly ShownFlow[]): Promise<void> {
  begin(
    scene.signal,
    `An edit: vm1 moves to ${NEW_ADDRESS}`,
    'One line in git. The connection flows of the old address go with it.',
  )
  command('git diff')
  const changedLines = await replaceAddress(scene.folder, OLD_ADDRESS, NEW_ADDRESS)
  for (const line of changedLines) say(`   ${line}`, line.startsWith('+') ? 'green' : 'red')
  const forgotten = (flows: readonly ShownFlow[]): boolean => !mentions(flows, OLD_ADDRESS)
  const after = await settledFlows(scene, forgotten, `the flows of ${OLD_ADDRESS} to go`)
  say('   what it changed on the switch, and nothing else:')
  printChanges(diffFlowTables(before, after))
  await scene.vm1.setAddress(`${NEW_ADDRESS}/24`, VM1.gateway)
}

async function showSecondPing({ vm2, signal }: Scene): Promise<number> {
  begin(signal, `VM2 pings ${NEW_ADDRESS}`, 'The same way again, to the new address.')
  return showPing(vm2, NEW_ADDRESS)
}

async function showPing(vm: Vm, address: string): Promise<number> {
  command(`ping -c ${PINGS.count} ${address}`)
  const result = await vm.ping(address, PINGS)
  printPing(result)
  return result.lossPercent
}

async function showDryRun({ lab, folder, signal }: Scene): Promise<boolean> {
  begin(
    signal,
    'A second look',
    'A dry run compares the manifests with the switch once more. Exit code 0: no differences; 2: some.',
  )
  command('reconcile --dry-run --detailed-exitcode manifests')
  const { code, stdout, stderr } = await runCli(['--dry-run', '--detailed-exitcode', folder], {
    env: lab.env,
  })
  const output = (code === 0 ? stdout : stdout + stderr).trimEnd()
  for (const line of output.split('\n').filter(Boolean)) say(`   ${line}`)
  say(`   exit code ${code ?? 'none'}`)
  return code === 0
}

/** The flow table once it holds what is expected and two looks in a row see the same. */
async function settledFlows(
  { lab, signal }: Scene,
  expected: (flows: readonly ShownFlow[]) => boolean,
  what: string,
): Promise<ShownFlow[]> {
  let last: readonly ShownFlow[] = []
  const look = async (): Promise<ShownFlow[] | undefined> => {
    const flows = await readFlows(lab)
    const settled = expected(flows) && expected(last) && diffFlowTables(last, flows).length === 0
    last = flows
    return settled ? flows : undefined
  }
  return waitFor(look, { timeoutMs: 20_000, everyMs: 150, what, signal })
}

async function readFlows(lab: Lab): Promise<ShownFlow[]> {
  return (await lab.dumpFlows('br-int')).map(parseFlow)
}

function lastLines(watcher: RunningCli): string {
  return watcher.stderr().trimEnd().split('\n').slice(-15).join('\n')
}
