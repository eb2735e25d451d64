// Repair on a real switch: flows of ours are deleted behind the daemon's back. The time until the switch has them again
// stands beside the time in which the switch takes as many of them in one bundle that was encoded beforehand.
import { setTimeout as sleep } from 'node:timers/promises'
import type { OpenFlowConnection } from '../src/openflow/connection.js'
import type { Match } from '../src/openflow/fields/match.js'
import { dumpOwnFlows } from '../src/switch/dump.js'
import { type Hex, hexFromNumber } from '../src/values/hex.js'
import { type RunningCli, startCli } from '../test/support/cli.js'
import type { Lab } from '../test/support/lab.js'
import { FIRST_SEGMENTATION_ID, routedSubnets } from '../test/support/large.js'
import { logOf, writeManifests } from '../test/support/scene.js'
import { connect, countFlows, deletion, PATIENCE_MS, timeBundle } from './bridge.js'
import { median, printFigure, printHeading } from './figures.js'

const ROUNDS = 5
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

/** What the daemon measured itself. */
function toldTimes(daemon: RunningCli): readonly number[] {
  return logOf(daemon).flatMap(({ msg, ms }) => (msg === 'drift repaired' ? [Number(ms)] : []))
}
