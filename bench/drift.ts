// Repair on a real switch: flows of ours are deleted behind the daemon's back. The time until the switch has them again
// stands beside the time in which the switch takes as many of them in one bundle that was encoded beforehand.
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { encodeBundleAdds } from '../src/openflow/codec.js'
import { connectOpenFlow, type OpenFlowConnection } from '../src/openflow/connection.js'
import type { Flow } from '../src/openflow/flow.js'
import { ATOMIC_ORDERED, BUNDLE_CONTROL } from '../src/openflow/messages/bundle.js'
import { FLOW_COMMAND } from '../src/openflow/messages/flow-mod.js'
import type { Match } from '../src/openflow/fields/match.js'
import { ALL_TABLES, ANY_GROUP, NO_BUFFER, PORT } from '../src/openflow/ports.js'
import { OWNER_COOKIE, OWNER_MASK } from '../src/pipeline/cookie.js'
import { dumpOwnFlows } from '../src/switch/dump.js'
import type { FlowModMessage } from '../src/switch/flow-mods.js'
import { type Hex, hexFromNumber, zeroHex } from '../src/values/hex.js'
import { type RunningCli, startCli } from '../test/support/cli.js'
import type { Lab } from '../test/support/lab.js'
import { FIRST_SEGMENTATION_ID, routedSubnets } from '../test/support/large.js'
import { logOf, writeManifests } from '../test/support/scene.js'
import { median, printFigure, printHeading } from './figures.js'

const ROUNDS = 5
const PATIENCE_MS = 120_000

/** To count flows takes the switch's time too, the more the more there are: it is asked once in a while. */
const FLOWS_PER_MS_OF_PAUSE = 1_000

/** Between two rounds, so that no flow counts as fought over. */
const SETTLE_MS = 5_200

/** A second bridge of the same switch, to install flows in that nobody repairs. */
const BESIDE = 'br-beside'

/** Subnets on one router: 10,000 and 100,000 flows. */
const MANY = 101
const VERY_MANY = 317

export async function benchDrift(lab: Lab): Promise<void> {
  await lab.addBridge('br-int')
  await lab.addBridge(BESIDE)
  await benchRepairs(lab, MANY, hexFromNumber(FIRST_SEGMENTATION_ID, 8))
  await benchRepairs(lab, VERY_MANY, undefined)
}

/** @param network metadata of the network whose flows are deleted; all of ours unless given */
async function benchRepairs(lab: Lab, subnets: number, network: Hex | undefined): Promise<void> {
  const path = await writeManifests(lab, `many-${subnets}.yaml`, routedSubnets(subnets))
  const daemon = startCli(['--watch', path, '--sweep-interval', '0', '--max-deletes', '100%'], { lab })
  await daemon.waitForLine(/in sync/, PATIENCE_MS)
  const [bridge, beside] = [await connect(lab, 'br-int'), await connect(lab, BESIDE)]
  const all = await dumpOwnFlows(bridge)
  const match: Match = network === undefined ? [] : [{ field: 'metadata', value: network }]
  const doomed = all.filter(
    (flow) => network === undefined || flow.match.some(({ value }) => value === network),
  )
  const repaired: number[] = []
  const own: number[] = []
  for (let i = 0; i < ROUNDS; i++) {
    repaired.push(await timeRepair(bridge, match, all.length))
    own.push(await timeBundle(beside, doomed))
  }
  printHeading(`${doomed.length} of ${all.length} flows are deleted by somebody else`)
  printFigure({ name: 'until the switch has them all again', samples: repaired })
  printFigure({ name: 'first news to the word of the switch', samples: toldTimes(daemon) })
  printFigure({ name: 'one bundle of as many, by itself', samples: own })
  console.log(`  ratio of the medians: ${(median(repaired) / median(own)).toFixed(2)}`)
  bridge.close()
  beside.close()
  await daemon.stop()
}

function connect(lab: Lab, bridge: string): Promise<OpenFlowConnection> {
  return connectOpenFlow(
    { kind: 'unix', path: join(lab.runDir, `${bridge}.mgmt`) },
    { timeoutMs: PATIENCE_MS },
  )
}

/** Milliseconds from the word of the switch that the flows have gone until it counts all of them again. */
async function timeRepair(connection: OpenFlowConnection, match: Match, count: number): Promise<number> {
  connection.send(deletion(match))
  await connection.barrier()
  const begin = performance.now()
  while ((await countFlows(connection)) < count) {
    if (performance.now() - begin > PATIENCE_MS) throw new Error('the flows did not come back')
    await sleep(count / FLOWS_PER_MS_OF_PAUSE)
  }
  const elapsed = performance.now() - begin
  await sleep(SETTLE_MS)
  return elapsed
}

/** Milliseconds in which the switch takes these flows in one atomic bundle; nothing is encoded in them. */
async function timeBundle(connection: OpenFlowConnection, flows: readonly Flow[]): Promise<number> {
  connection.send(deletion([]))
  await connection.barrier()
  const bundle = { bundleId: connection.nextXid(), flags: ATOMIC_ORDERED }
  const adds = encodeBundleAdds(
    connection.version,
    connection.nextXids(flows.length),
    bundle,
    flows.map((flow) => modification(FLOW_COMMAND.add, flow)),
  )
  const control = (action: keyof typeof BUNDLE_CONTROL) =>
    ({ type: 'bundle_control', control: BUNDLE_CONTROL[action], ...bundle }) as const
  const begin = performance.now()
  connection.send(control('open_request'))
  connection.sendEncoded(adds)
  await connection.request(control('commit_request'))
  const elapsed = performance.now() - begin
  if ((await countFlows(connection)) !== flows.length) throw new Error('the bundle was not applied')
  return elapsed
}

async function countFlows(connection: OpenFlowConnection): Promise<number> {
  const [reply] = await connection.multipart({
    ...{ type: 'aggregate_request', flags: 0, tableId: ALL_TABLES, outPort: PORT.ANY, outGroup: ANY_GROUP },
    ...{ cookie: OWNER_COOKIE, cookieMask: OWNER_MASK, match: [] },
  })
  if (!reply || !('stats' in reply)) throw new Error('no counters')
  return reply.stats.flowCount ?? 0
}

function deletion(match: Match): FlowModMessage {
  const flow = { priority: 0, idleTimeout: 0, hardTimeout: 0, importance: 0, flags: 0, instructions: [] }
  return modification(FLOW_COMMAND.delete, { ...flow, tableId: ALL_TABLES, cookie: OWNER_COOKIE, match })
}

function modification(command: number, flow: Flow): FlowModMessage {
  const cookieMask = command === FLOW_COMMAND.delete ? OWNER_MASK : zeroHex(8)
  const rest = { cookieMask, bufferId: NO_BUFFER, outPort: PORT.ANY, outGroup: ANY_GROUP }
  return { type: 'flow_mod', command, ...flow, ...rest }
}

/** What the daemon measured itself. */
function toldTimes(daemon: RunningCli): readonly number[] {
  return logOf(daemon).flatMap(({ msg, ms }) => (msg === 'drift repaired' ? [Number(ms)] : []))
}
