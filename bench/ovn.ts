// The same network by OVN and by this program, each on one switch of its own: from the declaration of a port whose interface
// is there already until the last flow of it is.
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { ManifestSet, Port } from '../src/manifest/model.js'
import { hexFromNumber } from '../src/values/hex.js'
import type { Ipv4 } from '../src/values/ipv4.js'
import { macFromHex } from '../src/values/mac.js'
import { watchFlows } from '../test/support/flow-events.js'
import { createLab, type Lab } from '../test/support/lab.js'
import { HERE, regionOf, regionText } from '../test/support/region.js'
import { startWatch } from '../test/support/scene.js'
import { lastChange, openDesk } from './cluster/desk.js'
import { printFigure, printHeading } from './figures.js'
import { addPort, Ovn } from './ovn/ovn.js'
import { isThere, residentMb } from './packet-in/controllers.js'

const SIZE = { nodes: 10, networks: 100, ports: 1_000, ownPorts: 20 }
const ADDED = 20

const MANIFESTS = regionOf(SIZE)
const OWN = MANIFESTS.ports.filter(({ host }) => host === HERE)
const EXTRA = Array.from({ length: ADDED }, (_, n) => extraPort(n))

/** Declares a port; gives when that was begun, in milliseconds since 1970. */
type Declare = (port: Port) => Promise<number>

export async function benchOvn(): Promise<void> {
  printHeading(`a port more, ${SIZE.ports} ports in ${SIZE.networks} networks, ${SIZE.ownPorts} of them here`)
  await inLab(measureOurs)
  if (isThere('ovn-northd')) await inLab(measureOvn)
}

async function inLab(measure: (lab: Lab) => Promise<void>): Promise<void> {
  const lab = await createLab()
  try {
    await lab.addBridge('br-int')
    for (const { name } of OWN) await plug(lab, name)
    await measure(lab)
  } finally {
    await lab.destroy()
  }
}

async function measureOurs(lab: Lab): Promise<void> {
  const folder = join(lab.runDir, 'manifests')
  await mkdir(folder)
  await writeFile(join(folder, 'site.yaml'), regionText(MANIFESTS))
  const desk = await openDesk(folder)
  const { child } = await startWatch(lab, ['--node', HERE, folder])
  const spent: number[] = []
  const samples = await measureAdds(lab, async (port) => {
    const text = regionText({ ...NOTHING, ports: [port] })
    const { begun, pulled } = await desk.publish(`${port.name}.yaml`, text)
    spent.push(pulled - begun)
    return begun
  })
  await rm(desk.path, { recursive: true })
  printFigure({ name: 'reconcile: git commit to the last flow', samples })
  printFigure({ name: "of that git's: commit, and pull of it", samples: spent })
  await printSize(lab, [child.pid ?? 0])
}

async function measureOvn(lab: Lab): Promise<void> {
  const ovn = await Ovn.start(lab)
  try {
    await ovn.declare(MANIFESTS)
    const said: number[] = []
    const samples = await measureAdds(lab, async (port) => {
      const begun = Date.now()
      await ovn.nbctl('--wait=hv', ...addPort(port))
      said.push(Date.now() - begun)
      return begun
    })
    printFigure({ name: 'OVN: ovn-nbctl to the last flow', samples })
    printFigure({ name: 'until ovn-nbctl --wait=hv returns', samples: said })
    await printSize(lab, ovn.pids)
  } finally {
    await ovn.stop()
  }
}

/** Milliseconds from the declaration of each port to the last change of flows. */
async function measureAdds(lab: Lab, declare: Declare): Promise<readonly number[]> {
  const events = await watchFlows(lab, 'br-int')
  const samples: number[] = []
  for (const port of EXTRA) {
    await plug(lab, port.name)
    const begun = await declare(port)
    samples.push((await lastChange([events], begun)) - begun)
  }
  await events.stop()
  return samples
}

async function printSize(lab: Lab, pids: readonly number[]): Promise<void> {
  const [, flows = '?'] = /flow_count=(\d+)/.exec(await lab.ofctl('dump-aggregate', 'br-int')) ?? []
  const memory = pids.map((pid) => `${residentMb(pid).toFixed(0)} MB`).join(', ')
  console.log(`  ${flows} flows in br-int; memory of its processes: ${memory}`)
}

async function plug(lab: Lab, name: string): Promise<void> {
  const tap = name.replace('vm-', 'tap')
  await lab.vsctl(
    ...['add-port', 'br-int', tap, '--', 'set', 'Interface', tap, 'type=internal'],
    `external_ids:iface-id=${name}`,
  )
}

const NOTHING: ManifestSet = { nodes: [], networks: [], subnets: [], routers: [], ports: [] }

/** Beside a port of this node, in its network. */
function extraPort(n: number): Port {
  const beside = OWN[n % OWN.length]
  const [fixedIp] = beside?.fixedIps ?? []
  if (!beside || !fixedIp) throw new Error('no port to be beside of')
  return {
    ...beside,
    name: `extra-${n}`,
    macAddress: macFromHex(hexFromNumber(0x020300000000 + n, 6)),
    fixedIps: [{ ...fixedIp, ipAddress: (fixedIp.ipAddress + 100) as Ipv4 }],
  }
}
