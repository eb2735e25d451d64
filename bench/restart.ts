// The switch dies and comes back with no flow: the time from when its socket answers until it has all flows again.
import { readdirSync, watch } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import type { OpenFlowConnection } from '../src/openflow/connection.js'
import { dumpOwnFlows } from '../src/switch/dump.js'
import { startCli } from '../test/support/cli.js'
import type { Lab } from '../test/support/lab.js'
import { routedSubnets } from '../test/support/large.js'
import { writeManifests } from '../test/support/scene.js'
import { connect, countFlows, PATIENCE_MS, timeBundle } from './bridge.js'
import { median, printFigure, printHeading } from './figures.js'

const ROUNDS = 9
const POLL_MS = 5

/** Subnets on one router: 10,000 flows. */
const SUBNETS = 101

const SOCKET = 'br-int.mgmt'
const BESIDE = 'br-beside'

export async function benchRestart(lab: Lab): Promise<void> {
  await lab.addBridge('br-int')
  await lab.addBridge(BESIDE)
  const path = await writeManifests(lab, 'many.yaml', routedSubnets(SUBNETS))
  const daemon = startCli(['--watch', path], { lab })
  await daemon.waitForLine(/in sync/, PATIENCE_MS)
  const before = await connect(lab, 'br-int')
  const flows = await dumpOwnFlows(before)
  before.close()
  const restarted: number[] = []
  const own: number[] = []
  for (let i = 0; i < ROUNDS; i++) {
    restarted.push(await timeRestart(lab, flows.length))
    const beside = await connect(lab, BESIDE)
    own.push(await timeBundle(beside, flows))
    beside.close()
  }
  printHeading(`ovs-vswitchd is killed and started again, ${flows.length} flows`)
  printFigure({ name: 'from its socket to all flows', samples: restarted })
  printFigure({ name: 'one bundle of as many, by itself', samples: own })
  console.log(`  ratio of the medians: ${(median(restarted) / median(own)).toFixed(2)}`)
  await daemon.stop()
}

/** Milliseconds from the making of the management socket until the switch counts all flows. */
async function timeRestart(lab: Lab, count: number): Promise<number> {
  await lab.stopSwitchd('SIGKILL')
  const appears = socketAppears(lab.runDir)
  const started = lab.startSwitchd()
  const begin = await appears
  const connection = await connectEarly(lab)
  while ((await countFlows(connection)) < count) {
    if (performance.now() - begin > PATIENCE_MS) throw new Error('the flows did not come back')
    await sleep(POLL_MS)
  }
  const elapsed = performance.now() - begin
  connection.close()
  await started
  return elapsed
}

/** The time at which it was made; the socket of the process before is still there, and is replaced. */
function socketAppears(folder: string): Promise<number> {
  return new Promise((resolve) => {
    const watcher = watch(folder, (_, name) => {
      if (name !== SOCKET || !readdirSync(folder).includes(SOCKET)) return
      watcher.close()
      resolve(performance.now())
    })
  })
}

async function connectEarly(lab: Lab): Promise<OpenFlowConnection> {
  for (;;) {
    try {
      return await connect(lab, 'br-int')
    } catch {
      await sleep(1) // it has a name, and nobody listens yet
    }
  }
}
