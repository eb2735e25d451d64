// The daemon on a real switch: round trips of first and later packets, and how long an edit takes to become a flow.
import { cp, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { connectOpenFlow, type OpenFlowConnection } from '../src/openflow/connection.js'
import { renderFlow } from '../src/openflow/text/print.js'
import { NO_NAMES } from '../src/openflow/text/port-names.js'
import { dumpOwnFlows } from '../src/switch/dump.js'
import type { Lab } from '../test/support/lab.js'
import { deleteConnections, portOf, startWatch, VM1, VM2 } from '../test/support/scene.js'
import type { Vm } from '../test/support/vm.js'
import { printFigure, printHeading } from './figures.js'

const EXAMPLE = fileURLToPath(new URL('../examples/two-networks', import.meta.url))
const FIRST_PINGS = 30
const STEADY_PINGS = 200
const EDITS = 30
const PLUGS = 20
const PATIENCE_MS = 10_000

export async function benchLive(lab: Lab): Promise<void> {
  await lab.addBridge('br-int')
  const [vm1, vm2] = [await lab.addVm(VM1), await lab.addVm(VM2)]
  await vm1.plug()
  await vm2.plug()
  const folder = join(lab.runDir, 'manifests')
  await cp(EXAMPLE, folder, { recursive: true })
  const daemon = await startWatch(lab, [folder])
  await benchPings(lab, vm1)
  const connection = await connectOpenFlow({ kind: 'unix', path: join(lab.runDir, 'br-int.mgmt') })
  await benchPlugs(connection, vm1)
  await benchEdits(connection, folder)
  connection.close()
  await daemon.stop()
}

async function benchPings(lab: Lab, vm1: Vm): Promise<void> {
  printHeading('ping between two subnets')
  await vm1.ping('10.2.0.3') // ARP on both sides is done once and for all
  const first: number[] = []
  for (let i = 0; i < FIRST_PINGS; i++) {
    await deleteConnections(lab)
    first.push(...(await vm1.ping('10.2.0.3', { count: 1 })).rttsMs)
  }
  if (first.length < FIRST_PINGS) throw new Error('a first ping was lost')
  printFigure({ name: 'first packet of a connection', samples: first })
  const { rttsMs } = await vm1.ping('10.2.0.3', { count: STEADY_PINGS, intervalMs: 10 })
  printFigure({ name: 'later packets', samples: rttsMs.slice(1) })
}

async function benchEdits(connection: OpenFlowConnection, folder: string): Promise<void> {
  printHeading('from the save of a file to the flow')
  const ports = join(folder, 'ports.yaml')
  const original = await readFile(ports, 'utf8')
  const changed: number[] = []
  const added: number[] = []
  for (let i = 0; i < EDITS; i++) {
    const mac = `fa:16:3e:00:01:${(i + 16).toString(16)}`
    changed.push(await untilFlow(connection, mac, () => writeFile(ports, original.replace(VM1.mac, mac))))
    const other = `fa:16:3e:00:02:${(i + 16).toString(16)}`
    const extra = portOf({ ...EXTRA, mac: other }, 'net1')
    added.push(await untilFlow(connection, other, () => writeFile(join(folder, 'extra.yaml'), extra)))
  }
  printFigure({ name: 'the MAC address of a Port', samples: changed })
  printFigure({ name: 'a Port more', samples: added })
}

/** The bridge's own interface is always plugged. */
const EXTRA = { name: 'extra', interface: 'br-int', mac: '' }

async function benchPlugs(connection: OpenFlowConnection, vm: Vm): Promise<void> {
  printHeading('from the return of ovs-vsctl to the flows')
  const unplugged: number[] = []
  const plugged: number[] = []
  for (let i = 0; i < PLUGS; i++) {
    await vm.unplug()
    unplugged.push(await untilFlow(connection, VM1.mac, undefined, false))
    await vm.plug()
    plugged.push(await untilFlow(connection, VM1.mac))
  }
  printFigure({ name: 'a port is unplugged: all gone', samples: unplugged })
  printFigure({ name: 'a port is plugged: all there', samples: plugged })
}

/** Asks the switch without a pause until a flow mentions the text, or none does; gives the milliseconds since the edit began. */
async function untilFlow(
  connection: OpenFlowConnection,
  text: string,
  edit: () => Promise<void> = () => Promise.resolve(),
  wanted = true,
): Promise<number> {
  const begin = performance.now()
  await edit()
  while (performance.now() - begin < PATIENCE_MS) {
    const flows = await dumpOwnFlows(connection)
    const mentioned = flows.some((flow) => renderFlow(flow, NO_NAMES).includes(text))
    if (mentioned === wanted) return performance.now() - begin
    await nextTurn()
  }
  throw new Error(`${text} ${wanted ? 'in no flow' : 'still in a flow'} after ${PATIENCE_MS} ms`)
}
